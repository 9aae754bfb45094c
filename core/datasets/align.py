"""Finds names in a text: every mention, exactly first, then without regard to case, then by likeness.

Offsets are Unicode code points, end exclusive.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from core.records.mentions import nested

FUZZY_THRESHOLD = 0.85
"""Least likeness (RapidFuzz `ratio`, 0 to 1, case-folded) of name and span for the third try."""
FUZZY_LEAST = 4
"""Shorter names are not searched by likeness: anything resembles them."""
FUZZY_WORK = 20_000_000
"""Most code points that the likeness search reads for one sample; names beyond it stay ungrounded."""
PAIRS = 200
"""Mentions of one name that are considered when the nearest pair is looked for."""

Span = tuple[int, int]


class Mentions(NamedTuple):
    """Where a name stands; no spans = not found. `score` only where likeness placed it."""

    spans: tuple[Span, ...]
    score: float | None = None


def is_word(character: str) -> bool:
    """Whether it belongs to a word: letters, digits, underscore, and marks that combine with what is before them."""
    return character.isalnum() or character == "_" or (character > "\u02ff" and unicodedata.category(character).startswith("M"))


def at_boundary(text: str, start: int, end: int) -> bool:
    """Whether a span neither begins nor ends inside a word."""
    if start and is_word(text[start]) and is_word(text[start - 1]):
        return False
    return end == len(text) or not (is_word(text[end]) and is_word(text[end - 1]))


def exact(text: str, name: str) -> tuple[Span, ...]:
    """Mentions at word boundaries, or where there are none, anywhere."""
    length, found, whole, free = len(name), [], [], 0
    start = text.find(name)
    while start >= 0:
        end = start + length
        if start >= free:
            found.append((start, end))
            free = end
        if at_boundary(text, start, end):
            whole.append((start, end))
            start = text.find(name, end)
        else:
            start = text.find(name, start + 1)
    return tuple(whole or found)


def caseless(text: str, name: str) -> tuple[Span, ...]:
    """Mentions whatever the case and the kind of white space between words; word boundaries first."""
    pattern = r"\s+".join(re.escape(word) for word in name.split())
    found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)] if pattern else []
    return tuple([span for span in found if at_boundary(text, *span)] or found)


def alike(text: str, name: str) -> Mentions:
    """The one best span of at least `FUZZY_THRESHOLD`, at word boundaries where that is as good."""
    if len(name) < FUZZY_LEAST:
        return Mentions(())
    # `lower` may change the length of a few characters (İ); those keep their own form, so that offsets hold.
    folded = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    wanted = name.lower()
    window = fuzz.partial_ratio_alignment(wanted, folded, score_cutoff=FUZZY_THRESHOLD * 80)
    if window is None or len(folded) < len(wanted):
        return Mentions(())
    spans = _candidates(folded, window.dest_start, window.dest_end)
    score, start, end = max((fuzz.ratio(wanted, folded[start:end]) / 100, -start, end) for start, end in spans)
    if score < FUZZY_THRESHOLD:
        return Mentions(())
    return Mentions(((-start, end),), round(score, 4))


def _candidates(text: str, start: int, end: int) -> list[Span]:
    """The window grown or shrunk to whole words on either side; the window itself where that leaves nothing."""
    starts, ends = {_edge(text, start, -1), _edge(text, start, 1)}, {_edge(text, end, -1), _edge(text, end, 1)}
    spans = [_trimmed(text, first, last) for first in starts for last in ends if first < last]
    return [span for span in spans if span[0] < span[1]] or [(start, end)]


def _edge(text: str, place: int, step: int) -> int:
    """The next word edge from a place, in one direction."""
    while 0 < place < len(text) and is_word(text[place - 1]) and is_word(text[place]):
        place += step
    return place


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def find(text: str, name: str, *, fuzzy: bool = True) -> Mentions:
    """Every mention of a name, by the first of three tries that finds any."""
    spans = exact(text, name) if name else ()
    if spans or not name.strip():
        return Mentions(spans)
    spans = caseless(text, name)
    return Mentions(spans) if spans or not fuzzy else alike(text, name)


def find_all(text: str, names: Sequence[str], taken: Sequence[Span] = ()) -> list[Mentions]:
    """The mentions of several names, in their order; `taken` are spans that are set already.

    A mention strictly inside a longer name's mention ("New York" in "New York Times") is not one of the shorter name,
    unless that has no other.
    """
    work, found = FUZZY_WORK, []
    for name in names:
        mentions = find(text, name, fuzzy=False)
        if not mentions.spans and (work := work - len(text)) >= 0:
            mentions = find(text, name)
        found.append(mentions)
    if len(found) + len(taken) < 2:
        return found
    inner = nested([*taken, *(span for mentions in found for span in mentions.spans)])
    return [_without(mentions, inner) for mentions in found] if inner else found


def _without(mentions: Mentions, inner: set[Span]) -> Mentions:
    left = tuple(span for span in mentions.spans if span not in inner)
    return Mentions(left, mentions.score) if left else mentions


def nearest(subjects: Sequence[Span], objects: Sequence[Span]) -> tuple[int, int]:
    """The positions of the closest pair: least gap between spans, then the earliest; two places before one and the same."""
    pairs = (
        (first == second, max(0, max(first[0], second[0]) - min(first[1], second[1])), index, other)
        for index, first in enumerate(subjects[:PAIRS])
        for other, second in enumerate(objects[:PAIRS])
    )
    _, _, index, other = min(pairs)
    return index, other
