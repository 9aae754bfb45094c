"""`classify`: which domain documents belong to."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.cli.output import DASH, Output, ended, table, tell
from core.records.documents import Classification
from core.workbench import Workbench
from core.workflows.classify import Classified, classify

WIDTH = 60
"""Characters of a file's path in the table: its end."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="files or folders: txt, md, html, pdf, docx, eml, csv, jsonl, zip"
    )
    parser.add_argument("--top-k", type=int, default=3, metavar="N", help="alternatives to name (default 3)")
    parser.add_argument("--threshold", type=float, metavar="P", help="confidence below which a document is `general` (default: as set)")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Recognize every document; one that cannot be read is listed with the reason."""
    found = list(_counted(classify(bench, args.files, threshold=args.threshold, top_k=args.top_k)))
    return Output(document=[document(each) for each in found], lines=lines(found))


def document(classified: Classified) -> dict[str, Any]:
    """One document as `--json` has it."""
    said = classified.classification
    return {"file": classified.file, **(_answer(said) if said else _UNKNOWN), "error": classified.error, "hint": classified.hint}


_UNKNOWN: dict[str, Any] = dict.fromkeys(("domain", "confidence", "score", "level")) | {"alternatives": []}


def _answer(said: Classification) -> dict[str, Any]:
    return {
        "domain": said.domain, "confidence": said.confidence, "score": said.score, "level": said.level,
        "alternatives": [each.model_dump() for each in said.alternatives], "none": said.none, "recognized": said.recognized,
        "overridden": said.overridden, "document": said.document, "recognizer": said.recognizer, "embedder": said.embedder,
    }  # fmt: skip


def _counted(found: Iterator[Classified]) -> Iterator[Classified]:
    """The same, with a count on a terminal."""
    if not sys.stderr.isatty():
        yield from found
        return
    for number, each in enumerate(found, 1):
        sys.stderr.write(f"\r{number:,} documents")
        sys.stderr.flush()
        yield each
    sys.stderr.write("\r\x1b[K")


def lines(found: Sequence[Classified]) -> Iterator[str]:
    """As a person reads it; what failed goes to standard error."""
    rows = [_row(each.file, each.classification) for each in found if each.classification]
    if rows:
        yield from table(("file", "domain", "sure", "confidence", "next best"), rows, right=(3,))
    for each in found:
        if each.error is not None:
            tell(f"{each.file}: {each.error}" + (f" ({each.hint})" if each.hint else ""))
    if any(each.classification and each.classification.confidence is None for each in found):
        tell("hint: no domain is ready yet: train one, or say `python -m core domains ready NAME`")


def _row(file: str, said: Classification) -> tuple[Any, ...]:
    other = next((each for each in said.alternatives if each.domain != said.domain), None)
    by_hand = " (by hand)" if said.overridden else ""
    return (
        ended(file, WIDTH),
        f"{said.domain}{by_hand}",
        said.level,
        said.confidence,
        f"{other.domain} {other.confidence:.2f}" if other else DASH,
    )
