"""Documents in chunks that a model can read: sized in its tokens, cut between sentences, every code point in one of them.

Each chunk takes as many pieces of `boundaries` as fit, then steps back to a better place for the cut if one is near. The
next begins with the last sentences of the one before, as far as the overlap allows, so that what two sentences say
together is seen together. Text is never left out, and a cut inside a sentence is made only if the sentence fits no chunk.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from core.documents.boundaries import Boundaries, Rank, boundaries
from core.documents.tokens import TokenCounter
from core.errors import ContextOverflowError, InvalidValueError
from core.records.base import Record

LEAST_SIZE = 8
"""Tokens: two characters of four bytes fit whatever the tokenizer."""
LEAST_ROOM = 64
"""Tokens: in less there is no paragraph to read."""
TEMPLATE = 64
"""Tokens that a server may put around the messages: roles, the beginning of an answer."""
SETTLED = 2 / 3
"""The part of a chunk's new text that is taken whatever; in the rest a paragraph's end is better than a fuller chunk."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Chunk(Record):
    """A part of a document, in code points, end exclusive; the first `overlap` of them are also in the chunk before."""

    index: int
    start: int
    end: int
    overlap: int
    tokens: int


class Part(Protocol):
    """What can be proven to tile a document: a chunk, or a stored record of one."""

    @property
    def start(self) -> int:
        """Its first code point."""

    @property
    def end(self) -> int:
        """The code point after its last."""

    @property
    def overlap(self) -> int:
        """How many of its first code points are also in the part before."""


def text_budget(*, context_tokens: int | None, prompt_tokens: int, answer_tokens: int, wanted: int) -> int:
    """Tokens that a chunk may have: what prompt, demos and answer leave of the context, at most `wanted`; None = no known limit.

    Raises:
        ContextOverflowError: hardly anything is left; the hint says which context would do, or what to shorten.
    """
    if context_tokens is None:
        return wanted
    taken = prompt_tokens + answer_tokens + TEMPLATE
    if context_tokens - taken < min(wanted, LEAST_ROOM):
        shorter = "fewer or shorter demos" if prompt_tokens >= answer_tokens else "a smaller max_tokens for the answer"
        raise ContextOverflowError(
            f"a context of {context_tokens} tokens has no room for text: prompt and demos take {prompt_tokens}, "
            f"the answer may take {answer_tokens}, what the server adds {TEMPLATE}",
            hint=f"set a context size of {taken + wanted}, at least {taken + LEAST_ROOM}, or {shorter}",
        )
    return min(wanted, context_tokens - taken)


def chunk(text: str, *, tokens: TokenCounter, size: int, overlap: int) -> tuple[Chunk, ...]:
    """Chunks of at most `size` tokens that tile the text; an empty text has none.

    Cut at a paragraph's end, else a sentence's, and inside a sentence only if it has more than `size` tokens itself: at
    a line's end, else between words, else between grapheme clusters, and inside a cluster that fits no chunk. A chunk
    begins with up to `overlap` tokens of the one before, at most half of `size`: whole sentences, or whole words after
    a cut inside a sentence. A sentence that needs the room comes first.

    Raises:
        InvalidValueError: a size below 8 tokens or an overlap below 0.
    """
    if size < LEAST_SIZE or overlap < 0:
        raise InvalidValueError(
            f"chunks of {size} tokens with an overlap of {overlap} cannot be cut", hint=f"a size from {LEAST_SIZE}, an overlap from 0"
        )
    # The splitter takes no lone surrogates; one code point for another leaves every offset as it is.
    clean = _SURROGATE.sub("\ufffd", text)
    found = boundaries(clean, tokens=tokens, size=size)
    return tuple(_Packer(clean, tokens, size, min(overlap, size // 2), found).chunks())


def tiling_problems(text: str, chunks: Sequence[Part]) -> list[str]:
    """What keeps chunks from tiling the text: gaps, wrong order, empty ones, overlaps other than said; empty = they tile it."""
    if not chunks:
        return [f"no chunk, but a text of {len(text)} code points"] if text else []
    problems = [
        f"chunk {number} is from {each.start} to {each.end} of a text of {len(text)} code points"
        for number, each in enumerate(chunks, 1)
        if not 0 <= each.start < each.end <= len(text)
    ]
    first, last = chunks[0], chunks[-1]
    if first.start > 0:
        problems.append(f"code points 0 to {first.start} are in no chunk")
    if first.overlap:
        problems.append(f"chunk 1 says that it overlaps one before it by {first.overlap}")
    for number, (before, after) in enumerate(pairwise(chunks), 2):
        shared = before.end - after.start
        if shared < 0:
            problems.append(f"code points {before.end} to {after.start} are in no chunk")
        if after.start <= before.start or after.end <= before.end:
            problems.append(f"chunk {number} does not go on after chunk {number - 1}")
        if after.overlap != max(shared, 0):
            problems.append(f"chunk {number} says that it overlaps chunk {number - 1} by {after.overlap}, but it does by {max(shared, 0)}")
    if last.end < len(text):
        problems.append(f"code points {last.end} to {len(text)} are in no chunk")
    return problems


@dataclass(frozen=True)
class _Packer:
    """Packs the pieces between boundaries into chunks; all indexes are those of boundaries."""

    text: str
    tokens: TokenCounter
    size: int
    overlap: int
    found: Boundaries

    def chunks(self) -> Iterator[Chunk]:
        """From the first boundary to the last."""
        positions = self.found.positions
        begin = done = index = 0
        while done < len(positions) - 1:
            begin = self._begin(begin, done) if done else 0
            end, count = self._end(begin, done)
            if count > self.size and begin < done:
                begin = done
                end, count = self._end(begin, done)
            start = positions[begin]
            yield Chunk(index=index, start=start, end=positions[end], overlap=positions[done] - start, tokens=count)
            done, index = end, index + 1

    def _begin(self, before: int, done: int) -> int:
        """Where the chunk after a cut at `done` begins, given where the one before did."""
        ranks, sums = self.found.ranks, self.found.tokens
        room = min(self.overlap, self.size - (sums[done + 1] - sums[done]))
        if room <= 0:
            return done
        reach = range(bisect_left(sums, sums[done] - room, before + 1, done), done)
        begins = [each for each in reach if ranks[each] >= Rank.SENTENCE]
        if not begins and ranks[done] < Rank.SENTENCE:
            begins = list(reach)
        return next((each for each in begins if self._count(each, done) <= self.overlap), done)

    def _end(self, begin: int, done: int) -> tuple[int, int]:
        """Where a chunk from `begin` ends that must reach beyond `done`, and its tokens."""
        ranks, sums = self.found.ranks, self.found.tokens
        end = max(done + 1, bisect_right(sums, sums[begin] + self.size) - 1)
        if end < len(sums) - 1:
            settled = sums[done] + SETTLED * (sums[end] - sums[done])
            end = max(range(bisect_left(sums, settled, done + 1, end), end + 1), key=lambda each: (ranks[each], each))
        count = self._count(begin, end)
        while count > self.size and end > done + 1:  # a tokenizer may count more for a whole than for its parts
            end = max(done + 1, bisect_right(sums, sums[end] - (count - self.size), done + 1, end) - 1)
            count = self._count(begin, end)
        return end, count

    def _count(self, begin: int, end: int) -> int:
        return self.tokens.count(self.text[self.found.positions[begin] : self.found.positions[end]])
