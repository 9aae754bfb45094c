"""`prompt`: the plain prompt, as it is sent."""

import argparse
from collections.abc import Iterable
from typing import Any

from core.cli.output import Output
from core.records.samples import TASKS
from core.workbench import Workbench
from core.workflows.prompts import prompt_document


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument("--version", metavar="V", help="default: the one in production")
    parser.add_argument("--task", choices=TASKS, help="only this one")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Print it; `{source_text}` stands where the document goes."""
    document = prompt_document(bench, args.domain, args.version)
    if args.task:
        document |= {task: [] for task in TASKS if task != args.task}
    return Output(document=document, lines=_lines(document))


def _lines(document: dict[str, Any]) -> Iterable[str]:
    shown = [task for task in TASKS if document[task]]
    for number, task in enumerate(shown):
        if len(shown) > 1:
            yield f"=== {task} ===" if number == 0 else f"\n=== {task} ==="
        for message in document[task]:
            yield f"--- {message['role']} ---\n{message['content']}"
