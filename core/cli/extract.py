"""`extract`: what documents say."""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.cli.output import DASH, Output, table, tell
from core.errors import UnreadableFileError
from core.records.documents import Extraction
from core.workbench import Workbench
from core.workflows.extract import GENERIC, Extracted, ExtractRequest, extract
from core.workflows.extraction_exports import document_form

LONGEST = 120
"""Characters of a document's name in the name of its file."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="files or folders: txt, md, html, pdf, docx, eml, csv, jsonl, zip"
    )
    parser.add_argument("--domain", metavar="D", help="default: the one that is recognized")
    parser.add_argument("--version", metavar="V", help=f"a prompt version of the domain, or `{GENERIC}` (default: the one in production)")
    parser.add_argument("--model", metavar="PROVIDER/MODEL", help="default: the one that the prompt was trained for")
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write one JSON file a document into this folder")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Read every document; one that cannot be read is listed with the reason."""
    request = ExtractRequest(domain=args.domain, version=args.version, model=args.model)
    found: list[Extracted] = []
    for number, each in enumerate(extract(bench, args.files, request), 1):
        found.append(each)
        if args.out:
            _write(args.out, number, document(each))
    return Output(document=[document(each) for each in found], lines=lines(found))


def document(extracted: Extracted) -> dict[str, Any]:
    """One document as `--json` has it; what is unknown because it could not be read is null."""
    found = document_form(extracted.extraction) if extracted.extraction else _NOTHING
    return {**found, "file": extracted.file, "error": extracted.error, "hint": extracted.hint}


_NOTHING: dict[str, Any] = {
    "file": None, "domain": None, "version": None, "entities": [], "relations": [], "ungrounded": None, "left_out": [],
    "failed_chunks": None, "failures": [],
}  # fmt: skip


def _write(folder: Path, number: int, found: dict[str, Any]) -> None:
    """One file a document, named after it: numbered, because two may have one name."""
    stem = re.sub(r"[^\w.-]+", "_", found["file"])[-LONGEST:].strip("._") or "document"
    path = folder / f"{number:04d}_{stem}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableFileError(
            f"{path} cannot be written: {error.strerror}", hint="name a folder that can be written with --out"
        ) from error


def lines(found: Sequence[Extracted]) -> Iterator[str]:
    """As a person reads it; what failed goes to standard error."""
    for each in found:
        if each.extraction is None:
            tell(f"{each.file}: {each.error}" + (f" ({each.hint})" if each.hint else ""))
            continue
        yield from _one(each.file, each.extraction)


def _one(file: str, made: Extraction) -> Iterator[str]:
    yield (
        f"{file}: {made.domain}, {made.version or 'generic prompt'}, {len(made.entities):,} entities, {len(made.relations):,} relations, "
        f"{len(made.ungrounded):,} not in the text, {len(made.failed):,} of {len(made.chunks):,} chunks failed"
    )
    yield from table(("entity", "type", "where"), [(each.text, each.type or DASH, f"{each.start}-{each.end}") for each in made.entities])
    if made.relations:
        yield ""
        yield from table(("subject", "predicate", "object"), [(each.subject, each.predicate, each.object) for each in made.relations])
    for chunk in made.failed:
        tell(f"chunk {chunk.index + 1} of {len(made.chunks)} (characters {chunk.start:,} to {chunk.end:,}): {chunk.error}")
    yield ""
