"""`export`: a dataset as a file."""

import argparse
from pathlib import Path

from core.cli.output import Output
from core.workbench import Workbench
from core.workflows.exports import export_samples


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--format", default="native", metavar="NAME", help="native (default), label-studio, prodigy, doccano, conll or brat"
    )


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Write it, and say what the format could not hold."""
    report = export_samples(bench, dataset=args.dataset, path=args.file, format=args.format)
    notes = [f"lost in {report.format}: {loss}" for loss in report.losses]
    return Output(document=report, lines=[f"{report.samples:,} samples of {report.version} written to {report.file}"], notes=notes)
