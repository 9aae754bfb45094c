"""`estimate`: what a training run would take."""

import argparse

from core.cli.output import Output, cell, dollars, facts
from core.cli.request import add_request, request_of
from core.workbench import Workbench
from core.workflows.train import estimate


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_request(parser)


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Count it, without starting anything."""
    found = estimate(bench, request_of(bench, args))
    minutes = None if found.minutes is None else f"{found.minutes:g}"
    pairs = [
        ("calls", f"{found.calls:,}, at most {found.calls_at_most:,}"), ("tokens", cell(found.tokens)), ("cost", dollars(found.usd)),
        ("minutes", minutes), ("basis", found.basis),
    ]  # fmt: skip
    return Output(document=found, lines=facts(pairs))
