"""Tables: a row is a document."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from core.documents.encoding import SAMPLE, decode
from core.documents.formats.base import Broken, Document, File, Item
from core.errors import UnreadableFileError

DELIMITERS = ",;\t|"
LOOKED_AT = 50
"""Rows from which the delimiter is told."""
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")


class Csv:
    """The column `text` alone where there is one, else every column as `name: value`."""

    name = "csv"
    endings: tuple[str, ...] = ("csv", "tsv")
    title = "a table (CSV)"
    text = True

    def sniffs(self, content: bytes) -> bool:
        """Any text with commas could be one: only the ending tells."""
        return False

    def read(self, file: File) -> Iterator[Item]:
        """The rows in their order; the first one below the header is `#1`."""
        table, encoding, notes = decode(file.content)
        csv.field_size_limit(max(len(table), 1))
        rows = _rows(table, delimiter(table))
        first = next(rows, None)
        if first is None:
            return
        if isinstance(first, str):
            raise UnreadableFileError(f"the first row cannot be read: {first}", hint=QUOTES)
        names, headed = _header(first)
        shape = _Shape(names, encoding, notes if headed else (*notes, "the table has no header: its columns are numbered"))
        for number, row in enumerate(rows if headed else _before(first, rows), 1):
            if number > file.limits.documents:
                yield Broken(f"the table has more than {file.limits.documents:,} rows; the rest was not read", "split it into several")
                return
            yield shape.document(row, f"#{number}")


QUOTES = 'a cell that holds the delimiter or a line break must stand in "quotes", and quotes in it twice'


class _Shape:
    """What a row of this table must look like to be a document."""

    def __init__(self, names: list[str], encoding: str, notes: tuple[str, ...]) -> None:
        self._names, self._encoding = names, encoding
        self._text = next((index for index, name in enumerate(names) if name.lower() == "text"), None)
        others = [name for index, name in enumerate(names) if index != self._text]
        left = () if self._text is None or not others else (f"other columns left out: {', '.join(others)}",)
        self._notes = (*notes, *left)

    def document(self, row: list[str] | str, place: str) -> Document | Broken:
        if isinstance(row, str):
            return Broken(f"the row cannot be read: {row}", QUOTES, place)
        if len(row) > len(self._names):
            return Broken(f"the row has {len(row)} cells, but the table has {len(self._names)} columns", QUOTES, place)
        notes = self._notes
        if len(row) < len(self._names):
            notes = (*notes, f"the row has {len(row)} of {len(self._names)} columns")
        if self._text is None:
            text = "\n".join(f"{name}: {value}" for name, value in zip(self._names, row, strict=False) if value.strip())
        else:
            text = row[self._text] if self._text < len(row) else ""
        return Document(text, place=place, encoding=self._encoding, notes=notes)


def delimiter(table: str) -> str:
    """One that cuts the first row, and at least half of the others alike; else the one that cuts least.

    The standard library's sniffer looks at signs that repeat, and takes letters for delimiters where the texts are long.
    """

    def fit(sign: str) -> tuple[bool, float, int]:
        widths = [len(row) for row in islice(_rows(table[:SAMPLE], sign), LOOKED_AT) if not isinstance(row, str)]
        alike = sum(width == widths[0] for width in widths) / len(widths) if widths else 0.0
        return bool(widths) and widths[0] > 1 and alike >= 0.5, alike, widths[0] if widths else 0

    return max(DELIMITERS, key=fit)


def _rows(table: str, sign: str) -> Iterator[list[str] | str]:
    """Rows that are not blank, or in words why one cannot be read."""
    reader = csv.reader(StringIO(table, newline=""), delimiter=sign, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield "a quote is opened and never closed" if "unexpected end" in str(error) else str(error)
            continue
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield row


def _before(first: list[str], rows: Iterator[list[str] | str]) -> Iterator[list[str] | str]:
    yield first
    yield from rows


def _header(first: list[str]) -> tuple[list[str], bool]:
    """The columns' names, and whether the first row gave them: a number, a long text or a repetition is no name."""
    names = [name.strip() for name in first]
    named = [name for name in names if name]
    headed = len(set(named)) == len(named) and not any(len(name) > 100 or _NUMBER.fullmatch(name) for name in named)
    return [name if headed and name else f"column {number}" for number, name in enumerate(names, 1)], headed
