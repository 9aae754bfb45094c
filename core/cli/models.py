"""`models`: which there are, and whether one answers."""

import argparse

from core.cli.arguments import actions
from core.cli.output import Output, cell, clipped, dollars, facts, table
from core.workbench import Workbench
from core.workflows.models import list_models, test_model


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    action = actions(parser)
    action("list", "the models of every provider")
    action("test", "ask a model one small question").add_argument("model", metavar="PROVIDER/MODEL")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """List or test."""
    return _list(bench) if args.action == "list" else _test(bench, args.model)


def _list(bench: Workbench) -> Output:
    found = list_models(bench)
    rows = [(each.id, ", ".join(each.capabilities), each.context_length, each.size_bytes) for each in found.models]
    notes = [f"{problem.provider}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "") for problem in found.problems]
    return Output(document=list(found.models), lines=table(("model", "capabilities", "context", "bytes"), rows, right=(2, 3)), notes=notes)


def _test(bench: Workbench, model: str) -> Output:
    found = test_model(bench, model)
    pairs = [
        ("model", found.model), ("answer", clipped(found.answer, 200)), ("ms", f"{found.ms:,.0f}"),
        ("tokens", f"{cell(found.prompt_tokens)} in, {cell(found.completion_tokens)} out"), ("cost", dollars(found.usd)),
    ]  # fmt: skip
    return Output(document=found, lines=facts(pairs))
