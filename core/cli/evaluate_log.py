"""`evaluate-log`: a run judged by its log alone."""

import argparse
from pathlib import Path

from core.cli.output import Output, facts
from core.workbench import Workbench
from core.workflows.evaluate import evaluate_log


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.jsonl")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Read the log; no store is opened."""
    found = evaluate_log(args.file)
    return Output(document=found, lines=facts([(name.replace("_", " "), value) for name, value in found]))
