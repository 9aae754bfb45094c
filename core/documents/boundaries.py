"""Where a text may be cut so that nothing between two cuts is too long: paragraphs, sentences, and lines or words where it must be.

Sentences are Unicode's (UAX #29, by semantic-text-splitter), but a single line break inside a paragraph ends none: text
out of a PDF file has one in every line. No cut splits a grapheme cluster (UAX #29, by regex) that fits.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain

import regex  # type: ignore[import-untyped]
from semantic_text_splitter import TextSplitter

from core.documents.tokens import TokenCounter


class Rank(IntEnum):
    """How good a place for a cut is."""

    ANYWHERE = 0
    LINE = 1
    SENTENCE = 2
    PARAGRAPH = 3


@dataclass(frozen=True)
class Boundaries:
    """Places for cuts, the text's beginning and end among them; `tokens` are those before, counted between neighbors and added up."""

    positions: list[int] = field(default_factory=lambda: [0])
    tokens: list[int] = field(default_factory=lambda: [0])
    ranks: list[Rank] = field(default_factory=lambda: [Rank.PARAGRAPH])


def boundaries(text: str, *, tokens: TokenCounter, size: int) -> Boundaries:
    """Every sentence's end, and inside those of more than `size` tokens lines, words, characters until all pieces fit.

    The text has no lone surrogates.
    """
    found = Boundaries()
    if text:
        _Cutter(text, tokens, size, found).cut(0, len(text), step=0, outer=Rank.PARAGRAPH)
    return found


_LINE_BREAK = r"(?>\r\n|[\n\r\x85\u2028])"
_PARAGRAPH_END = re.compile(rf"{_LINE_BREAK}(?:[^\S\n\r\x85\u2028]*{_LINE_BREAK})++|[\f\u2029]+")
_BREAKS = re.compile(r"[\n\r\x0b\f\x85\u2028\u2029]")

_FEW = 32
"""Code points: what is shorter is taken together with what follows, as a million lines of a letter should not be a million
pieces, and a heading should stay with its text."""
_WORD = 64
"""Code points of the longest word; what has no blank for longer is cut inside, at the words that Chinese has without blanks."""
_LINES = re.compile(rf"(?s:.{{0,{_FEW - 1}}}[\n\r])(?![\n\r])|[^\n\r]+[\n\r]*|[\n\r]+")

_ANY_LENGTH = 2**31
_SENTENCES = TextSplitter((1, _ANY_LENGTH), trim=False)
"""A chunk is full as soon as it has a character, so each is the first of the text's largest units: in a single line, a sentence."""
_CLUSTER = regex.compile(r"\X")
_CONTEXT = 256
"""Code points in which a cluster is recognized; every real one is far shorter (Unicode's stream-safe text: 30 marks)."""
_LONGEST_TOKEN = 64
"""Code points a token: what has more fits no chunk, and is not counted, as tokenizers are slow on a sentence of a million."""


def _paragraphs(text: str, size: int) -> Iterator[int]:
    return (match.end() for match in _PARAGRAPH_END.finditer(text))


def _several_paragraphs(text: str, size: int) -> Iterator[int]:
    done = 0
    for end in _paragraphs(text, size):
        if end - done >= _FEW:
            done = end
            yield end


def _several_sentences(text: str, size: int) -> Iterator[int]:
    return _in_windows(_BREAKS.sub(" ", text), TextSplitter((_few(size), _ANY_LENGTH), trim=False), width=1000)


def _sentences(text: str, size: int) -> Iterator[int]:
    return _in_windows(_BREAKS.sub(" ", text), _SENTENCES, width=1000)


def _lines(text: str, size: int) -> Iterator[int]:
    return (match.end() for match in _LINES.finditer(text))


def _words(text: str, size: int) -> Iterator[int]:
    several = rf"(?s:.{{0,{_few(size) - 1}}}\s)(?!\s)|\S+\s*|\s+"
    return (match.end() for match in re.finditer(several, text))


def _runs(text: str, size: int) -> Iterator[int]:
    return _in_windows(text, TextSplitter(min(_FEW, size), trim=False), width=4 * _FEW)


def _clusters(text: str, size: int) -> Iterator[int]:
    return (match.end() for match in _CLUSTER.finditer(text))


def _inside_clusters(text: str, size: int) -> Iterator[int]:
    """A code point is at most four bytes, and a byte at most a token."""
    step = max(1, size // 8)
    return iter(range(step, len(text), step))


def _few(size: int) -> int:
    """Little enough that taking it together leaves no chunk half empty."""
    return min(_FEW, size // 8)


_STEPS: tuple[tuple[Rank, Callable[[str, int], Iterator[int]], int], ...] = (
    (Rank.PARAGRAPH, _several_paragraphs, _FEW),
    (Rank.SENTENCE, _several_sentences, _ANY_LENGTH),
    (Rank.SENTENCE, _paragraphs, _ANY_LENGTH),
    (Rank.SENTENCE, _sentences, _ANY_LENGTH),
    (Rank.LINE, _lines, _ANY_LENGTH),
    (Rank.ANYWHERE, _words, _WORD),
    (Rank.ANYWHERE, _runs, _ANY_LENGTH),
    (Rank.ANYWHERE, _clusters, _ANY_LENGTH),
    (Rank.ANYWHERE, _inside_clusters, _ANY_LENGTH),
)
"""What a step's cuts are worth, where it cuts, and from how many code points its pieces are cut further although they fit."""
_LAST = len(_STEPS) - 1


def _in_windows(text: str, splitter: TextSplitter, *, width: int) -> Iterator[int]:
    """Where the splitter cuts. It reads the whole rest of its text for each chunk: quadratic, but for a window at a time."""
    start, reach = 0, width
    while start < len(text):
        parts = splitter.chunks(text[start : start + reach])
        if start + reach < len(text):
            if len(parts) == 1:
                reach *= 2
                continue
            parts.pop()  # it may go on after the window
        for part in parts:
            start += len(part)
            yield start
        reach = width


def _splits_cluster(text: str, start: int, at: int) -> bool:
    """Whether a cut there would split a grapheme cluster, where one at `start` does not."""
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return before == "\r" and after == "\n"
    context = 1 if before.isascii() else _CONTEXT
    return len(_CLUSTER.findall(text[max(start, at - context) : at + 1])[-1]) > 1


@dataclass(frozen=True)
class _Cutter:
    """Cuts a text step by step, each finer than the one before, and only where a piece is still too long."""

    text: str
    tokens: TokenCounter
    size: int
    found: Boundaries

    def cut(self, start: int, end: int, *, step: int, outer: Rank) -> None:
        """Add the boundaries after `start` up to `end`, which has the rank `outer`."""
        rank, find, _ = _STEPS[step]
        piece = self.text[start:end]
        done = 0
        for stop in chain(find(piece, self.size), (len(piece),)):
            if stop == done or (stop < len(piece) and step < _LAST and _splits_cluster(piece, done, stop)):
                continue
            self._keep(start + done, start + stop, step=step, rank=rank if stop < len(piece) else outer)
            done = stop

    def _keep(self, start: int, end: int, *, step: int, rank: Rank) -> None:
        """Add the boundary at `end`, after those inside if what ends there is too long."""
        length = end - start
        count = self.size + 1 if length > self.size * _LONGEST_TOKEN else self.tokens.count(self.text[start:end])
        if step < _LAST and (count > self.size or length > _STEPS[step][2]):
            self.cut(start, end, step=step + 1, outer=rank)
        else:
            self.found.positions.append(end)
            self.found.tokens.append(self.found.tokens[-1] + count)
            self.found.ranks.append(rank)
