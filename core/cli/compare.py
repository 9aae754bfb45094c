"""`compare`: two runs side by side."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from core.cli.output import DASH, Output, table
from core.workbench import Workbench
from core.workflows.compare import compare


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("a", metavar="RUN")
    parser.add_argument("b", metavar="RUN")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Compare them on the test samples that both saw."""
    document = compare(bench, args.a, args.b).document()
    return Output(document=document, lines=_lines(document))


def _lines(found: dict[str, Any]) -> Iterable[str]:
    a, b = found["runs"]
    yield f"a: {a}"
    yield f"b: {b}"
    yield ""
    if found["settings"]:
        yield from table(("differs in", "a", "b"), [(name, _word(left), _word(right)) for name, (left, right) in found["settings"].items()])
        yield ""
    rows = [(name, left, right, _interval(low, high)) for name, (left, right, low, high) in found["metrics"].items()]
    yield from table(("metric", "a", "b", "b - a, 95 %"), rows, right=(1, 2, 3))
    yield ""
    counts = found["samples"]
    yield f"samples: {counts['better']:,} better, {counts['worse']:,} worse, {counts['same']:,} the same"


def _word(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _interval(low: float | None, high: float | None) -> str:
    return DASH if low is None or high is None else f"{low:+.3f} to {high:+.3f}"
