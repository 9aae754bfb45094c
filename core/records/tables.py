"""Rows as files: CSV whose cells no spreadsheet runs as a formula, and JSON."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Rows = Iterable[Mapping[str, Any]]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_STARTS_FORMULA = ("=", "+", "-", "@", "|", "%")
_STARTS_CELL = ("\t", "\r", "\n")


def defused(value: Any) -> Any:
    """A cell that a spreadsheet shows and never runs.

    A text gets an apostrophe before every line that would begin a formula, also behind blanks (of any kind), invisible
    or full-width characters. Numbers stay numbers.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    guarded = "".join(f"'{line}" if _formula(line) else line for line in value.splitlines(keepends=True))
    return f"'{guarded}" if guarded.startswith(_STARTS_CELL) else guarded


def _formula(line: str) -> bool:
    plain = unicodedata.normalize("NFKC", line)
    for index, character in enumerate(plain):
        if not (character.isspace() or unicodedata.category(character) in ("Cf", "Cc", "Zs", "Mn")):
            return plain[index:].startswith(_STARTS_FORMULA)
    return False


def as_csv(rows: Rows, columns: Sequence[str] | None = None) -> bytes:
    """The rows as CSV in UTF-8 with a byte order mark (spreadsheets need it); nested values as JSON text, None as nothing."""
    listed = list(rows)
    names = list(columns) if columns is not None else list(dict.fromkeys(name for row in listed for name in row))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(name) for name in names])
    writer.writerows([defused(_flat(row.get(name))) for name in names] for row in listed)
    return out.getvalue().encode("utf-8-sig")


def as_json(rows: Rows) -> bytes:
    """The rows as one JSON list, indented."""
    return json.dumps(list(rows), ensure_ascii=False, indent=2, default=str).encode("utf-8")


def _flat(value: Any) -> Any:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else value
