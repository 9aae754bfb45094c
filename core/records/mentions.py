"""Where a name stands in a text: every mention, found exactly or else whatever its case.

Offsets are Unicode code points, end exclusive. The first of these that finds any decides: exact at word boundaries,
exact anywhere, caseless at word boundaries, caseless anywhere. Caseless, white space between words may differ as well.
"""

import re
import unicodedata
from collections.abc import Sequence

Span = tuple[int, int]

_COMBINING_FROM = "\u02ff"
"""No combining mark comes before it; spares a look-up for most characters."""


def mentions(text: str, name: str) -> list[Span]:
    """Every mention of a name, in order; empty = it is not in the text."""
    if not name.strip():
        return []
    found = _exactly(text, name)
    return found or _caselessly(text, name)


def nested(spans: Sequence[Span]) -> set[Span]:
    """Those that lie inside a longer one."""
    inner: set[Span] = set()
    outer: Span = (0, -1)
    for span in sorted(spans, key=lambda each: (each[0], -each[1])):
        if span[1] > outer[1]:
            outer = span
        elif span != outer:
            inner.add(span)
    return inner


def bounded(text: str, start: int, end: int) -> bool:
    """Whether a span neither begins nor ends inside a word."""
    if start and _in_word(text[start]) and _in_word(text[start - 1]):
        return False
    return end == len(text) or not (_in_word(text[end]) and _in_word(text[end - 1]))


def _in_word(character: str) -> bool:
    """Letters, digits, underscore, and marks that combine with the character before them."""
    return character.isalnum() or character == "_" or (character > _COMBINING_FROM and unicodedata.category(character)[0] == "M")


def _exactly(text: str, name: str) -> list[Span]:
    anywhere: list[Span] = []
    whole: list[Span] = []
    start, free = text.find(name), 0
    while start >= 0:
        end = start + len(name)
        if start >= free:
            anywhere.append((start, end))
            free = end
        if bounded(text, start, end):
            whole.append((start, end))
            start = text.find(name, end)
        else:
            start = text.find(name, start + 1)
    return whole or anywhere


def _caselessly(text: str, name: str) -> list[Span]:
    words = name.split()
    # Compiling a pattern costs more than all else here; most names that are not in a text stop at this look.
    if _loosely(words[0]) not in _loosely(text):
        return []
    pattern = r"\s+".join(re.escape(word) for word in words)
    found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
    return [span for span in found if bounded(text, *span)] or found


def _loosely(text: str) -> str:
    """Folded at least as far as a pattern that ignores case does, which takes a dotted and a dotless i for i."""
    return text.replace("ı", "i").replace("İ", "i").casefold()
