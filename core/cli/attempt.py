"""`attempt`: work on one queued run. The one verb that loads DSPy."""

import argparse

from core.cli.output import Output
from core.jobs.attempt import attempt
from core.training.attempt import Means
from core.training.similarity import semantics_with
from core.workbench import Workbench
from core.workflows.runs import run_document


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("id", metavar="ID", help="the run")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Do the run, or go on with it, and print how it ended."""
    settings = bench.settings
    means = Means(
        store=bench.store, gateway=bench.gateway, semantics=lambda: semantics_with(bench.embedder), threads=settings.training_threads,
        failure_limit=settings.failure_limit, log_folder=settings.log_folder,
    )  # fmt: skip
    done = attempt(means, args.id)
    return Output(document=run_document(done), lines=[f"{done.id}: {done.status.value}"])
