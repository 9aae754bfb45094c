"""`store`: look whether it is whole, copy it."""

import argparse
from pathlib import Path

from core.cli.arguments import actions
from core.cli.output import Output
from core.workbench import Workbench
from core.workflows.stores import backup, check


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    action = actions(parser)
    action("check", "look for damage, gaps and dangling references")
    action("backup", "copy the store while others write").add_argument("file", type=Path, metavar="FILE")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Check or copy. A check that finds problems is a check that was done: its status is 0, `ok` says what it found."""
    if args.action == "backup":
        copy = backup(bench, args.file)
        return Output(document=copy, lines=[f"{copy.size_bytes:,} bytes written to {copy.file}"])
    found = check(bench)
    lines = [f"{problem.kind} {problem.id}: {problem.message}" for problem in found.problems]
    return Output(document=found, lines=lines or ["the store is whole"])
