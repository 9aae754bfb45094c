"""`run`: one training run."""

import argparse
from collections.abc import Iterator

from core.cli.output import Output, tell
from core.cli.progress import STOPPED_FOLLOWING, followed
from core.cli.run_text import run_lines
from core.records.runs import OPEN_STATES
from core.workbench import Workbench
from core.workflows.runs import cancel, event_line, events, follow, get_run, resume, run_document


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("id", metavar="ID", help="the run")
    parser.add_argument("--events", action="store_true", help="print what happened, one JSON document a line")
    parser.add_argument("--follow", action="store_true", help="go on until the run has ended")
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--cancel", action="store_true", help="ask the run to end and keep the best so far")
    wish.add_argument("--resume", action="store_true", help="go on with an interrupted run")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Show it, after what else was asked."""
    if args.cancel:
        cancel(bench, args.id)
    elif args.resume:
        resume(bench, args.id)
    found = get_run(bench, args.id)
    if args.events:
        return Output(lines=_events(bench, args.id, on=args.follow), stream=True)
    if args.follow and found.status in OPEN_STATES:
        found = followed(bench, found)
    return Output(document=run_document(found), lines=run_lines(found))


def _events(bench: Workbench, run_id: str, *, on: bool) -> Iterator[str]:
    try:
        for event in follow(bench, run_id) if on else events(bench, run_id):
            yield event_line(event)
    except KeyboardInterrupt:
        tell(f"no longer following; run {run_id} goes on")
        raise SystemExit(STOPPED_FOLLOWING) from None
