"""`demo`: the sample domains, one trained, documents recognized, one read."""

import argparse
from collections.abc import Iterator

from core.cli import classify, extract
from core.cli.output import Output, tell
from core.cli.progress import ProgressLine
from core.cli.run_text import score_lines
from core.records.events import Event
from core.records.runs import TrainingRun
from core.workbench import Workbench
from core.workflows.classify import Classified
from core.workflows.demo import DemoResult, demo
from core.workflows.runs import run_document
from core.workflows.samples import SampleDomain


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--model", metavar="PROVIDER/MODEL", help="default: the built-in one, which needs no other program")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Do it, saying on standard error what is going on."""
    progress = ProgressLine()

    def watch(what: SampleDomain | TrainingRun | Event | Classified) -> None:
        if isinstance(what, Event):
            progress.show(what)
        elif isinstance(what, TrainingRun):
            tell(f"training {what.domain} with {what.optimizer.name} and {what.model}: run {what.id}")
        elif isinstance(what, Classified):
            pass  # all of them are listed at the end
        else:
            tell(f"sample domain {what.name}: {what.samples:,} samples, {what.added:,} of them new, {len(what.documents)} documents")

    try:
        result = demo(bench, model=args.model, watch=watch)
    finally:
        progress.end()
    return Output(document=_document(result), lines=_lines(result))


def _document(result: DemoResult) -> dict[str, object]:
    return {
        "samples": [each.model_dump(mode="json") for each in result.samples], "run": run_document(result.run),
        "classified": [classify.document(each) for each in result.recognized], "right": result.right,
        "extracted": extract.document(result.reading),
    }  # fmt: skip


def _lines(result: DemoResult) -> Iterator[str]:
    run = result.run
    yield f"{len(result.samples)} sample domains: {', '.join(each.name for each in result.samples)}"
    yield ""
    yield f"{run.domain} trained with {run.optimizer.name} on {run.model}, {run.calls:,} calls; scores on the sealed test samples:"
    yield from score_lines(run.baseline, run.result)
    if run.gain and run.gain.verdict:
        yield run.gain.verdict
    yield ""
    yield f"{len(result.recognized)} documents recognized, {result.right} of them as what they were written for:"
    yield from classify.lines(result.recognized)
    yield ""
    yield from extract.lines([result.reading])
