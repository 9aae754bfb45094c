"""`runner`: supervise queued runs of this store until stopped or idle."""

import argparse
import signal
from threading import Event

from core.cli.arguments import amount
from core.cli.output import Output
from core.jobs.runner import Runner
from core.workbench import Workbench


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--idle-exit", type=amount, metavar="SECONDS", help="end after so long without work (default: never)")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Serve. SIGTERM and Ctrl-C stop it after the look under way; attempts go on by themselves."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    served = Runner(bench.store, bench.settings.log_folder, idle_seconds=args.idle_exit).serve(stop.is_set)
    said = "stopped" if served else "another runner serves this store"
    return Output(document={"served": served, "message": said}, lines=[said])
