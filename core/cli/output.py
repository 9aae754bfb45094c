"""What a verb says, and how it is printed: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

DASH = "-"
"""Stands for what is unknown."""
_STEERING = dict.fromkeys(
    [
        code
        for code in (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
        if chr(code) not in "\n\t"
    ],
    "\N{REPLACEMENT CHARACTER}",
)


@dataclass(frozen=True)
class Output:
    """`document` is what `--json` prints; `lines` what a person reads, printed as they come."""

    document: Any = None
    lines: Iterable[str] = ()
    stream: bool = False
    """The lines are JSON themselves, one value each, and are printed with `--json` too."""
    notes: Sequence[str] = field(default_factory=tuple)
    """Said on standard error."""


def show(output: Output, *, as_json: bool) -> None:
    """Print a verb's result."""
    for note in output.notes:
        tell(f"note: {note}")
    if as_json and not output.stream:
        print(json.dumps(output.document, ensure_ascii=False, indent=2, default=_plain))
    else:
        for line in output.lines:
            print(line if output.stream else printable(line), flush=output.stream)
    sys.stdout.flush()


def tell(line: str) -> None:
    """A word on standard error."""
    sys.stderr.write(f"{printable(line)}\n")
    sys.stderr.flush()


def fail(message: str, hint: str = "") -> None:
    """An error, in the two lines that every verb uses."""
    tell(f"error: {' '.join(message.split())}")
    if hint:
        tell(f"hint: {' '.join(hint.split())}")


def printable(text: str) -> str:
    """The text without what steers a terminal or turns the reading order; documents and models may hold any of it."""
    return text.translate(_STEERING)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> list[str]:
    """Aligned columns; those numbered in `right` (from 0) are flush right, as numbers are."""
    cells = [list(head), *([cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return [
        "  ".join(
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def facts(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """Names and values, aligned."""
    listed = [(name, cell(value)) for name, value in pairs]
    width = max((len(name) for name, _ in listed), default=0)
    return [f"{name.ljust(width)}  {value}" for name, value in listed]


def cell(value: Any) -> str:
    """A value as people read it: scores with three decimals, times to the second, a dash for unknown."""
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return " ".join(str(value).split()) or DASH


def clipped(text: str, width: int) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def ended(text: str, width: int) -> str:
    """The end of a text, such as a path, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"…{line[1 - width :]}"


def minutes(ms: int | None) -> str:
    """A duration as 3:10."""
    return DASH if ms is None else f"{ms // 60_000}:{ms // 1000 % 60:02d}"


def dollars(usd: float | None) -> str:
    """Money; unknown is a dash, never zero."""
    return DASH if usd is None else f"${usd:.4f}"


def _plain(value: Any) -> Any:
    """What JSON does not know by itself: records and times."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
