"""`import`: annotated samples into a dataset."""

import argparse
import sys
from pathlib import Path

from core.cli.output import Output, facts, tell
from core.records.datasets import ImportReport
from core.workbench import Workbench
from core.workflows.imports import UNWATCHED, Watch, import_samples, preview_import

SHOWN = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--domain", metavar="D", help="the domain that the dataset belongs to")
    parser.add_argument(
        "--format", default="auto", metavar="NAME", help="auto (default), native, label-studio, prodigy, doccano, conll or brat"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Take the file in, or say what that would do. Lines that cannot be used are named; the others arrive."""
    act = preview_import if args.dry_run else import_samples
    watch = Watch(progress=_count) if sys.stderr.isatty() else UNWATCHED
    report = act(bench, dataset=args.dataset, source=args.file, domain=args.domain, format=args.format, watch=watch)
    if watch.progress:
        sys.stderr.write("\r\x1b[K")
    document = report.model_dump(mode="json", exclude={"problems": {"__all__": {"raw"}}})
    return Output(document=document, lines=_lines(report, dry_run=args.dry_run))


def _count(lines: int, _bytes: int) -> None:
    sys.stderr.write(f"\r{lines:,} lines")
    sys.stderr.flush()


def _lines(report: ImportReport, *, dry_run: bool) -> list[str]:
    splits = report.splits
    pairs = [
        ("dataset", report.version or report.dataset), ("lines", report.lines), ("would add" if dry_run else "added", report.added),
        ("duplicates", report.duplicates), ("problems", len(report.problems) + report.unlisted),
        ("samples", f"{report.samples:,}: {splits.train:,} train, {splits.val:,} val, {splits.test:,} test, {splits.none:,} in no split"),
        ("entities", f"{report.entities:,}, {report.ungrounded:,} of them not in the text"), ("relations", report.relations),
    ]  # fmt: skip
    lines = facts(pairs)
    for problem in report.problems[:SHOWN]:
        lines.append(f"line {problem.line}: {problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
    if (more := len(report.problems) + report.unlisted - SHOWN) > 0:
        lines.append(f"and {more:,} more; --json lists them")
    for note in report.notes:
        tell(f"note: {note}")
    return lines
