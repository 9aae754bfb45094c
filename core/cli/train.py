"""`train`: train a domain's prompts."""

import argparse

from core.cli.output import Output, tell
from core.cli.progress import finished, followed
from core.cli.request import add_request, request_of
from core.cli.run_text import run_lines
from core.records.runs import OPEN_STATES
from core.workbench import Workbench
from core.workflows.runs import run_document
from core.workflows.train import train


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_request(parser)
    parser.add_argument("--detach", action="store_true", help="queue the run and return at once")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Queue the run and follow it to its end. Raises RunError when it fails."""
    queued = train(bench, request_of(bench, args))
    notes = []
    if queued.status not in OPEN_STATES:
        notes.append(f"run {queued.id} had the same inputs and is finished; --force repeats it")
        done = queued
    elif args.detach:
        notes.append(f"run {queued.id} is queued; python -m core run {queued.id} --follow shows it")
        done = queued
    else:
        tell(f"run {queued.id}; Ctrl-C stops following, not the run")
        done = finished(followed(bench, queued))
    return Output(document=run_document(done), lines=run_lines(done), notes=notes)
