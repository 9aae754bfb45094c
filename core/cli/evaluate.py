"""`evaluate`: a prompt version on a dataset."""

import argparse

from core.cli.output import Output, facts
from core.cli.run_text import figure_lines
from core.records.samples import Split
from core.workbench import Workbench
from core.workflows.evaluate import evaluate


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument("--version", metavar="V", help="default: the one in production")
    parser.add_argument("--dataset", required=True, metavar="DATASET")
    parser.add_argument(
        "--split", choices=[split.value for split in Split], default=Split.TEST.value, help="default: test; each look at it is counted"
    )


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Score it. A look at the test split is counted."""
    found = evaluate(bench, domain=args.domain, version=args.version, dataset=args.dataset, split=args.split)
    document = found.document()
    pairs = [
        ("version", found.version), ("dataset", f"{found.dataset}, {found.split}"), ("samples", document["samples"]),
        ("failures", document["failures"]), ("looks at the test", document.get("looks")),
    ]  # fmt: skip
    return Output(document=document, lines=[*facts(pairs), "", *figure_lines(found.scores)])
