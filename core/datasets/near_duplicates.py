"""Texts that are nearly the same: MinHash finds candidates, the exact likeness decides.

Likeness is the Jaccard index of word shingles: 3 words in a row, case-folded, without punctuation; a text of fewer
words is one shingle. Two texts are near-duplicates from `THRESHOLD` on.
"""

import importlib
import re
from collections.abc import Iterable
from typing import Any

THRESHOLD = 0.7
SHINGLE = 3
PERMUTATIONS = 128
CANDIDATES = 0.5
"""The likeness from which MinHash LSH (128 permutations) proposes a pair: lower, so that few are missed."""

_word = re.compile(r"\w+")


def shingles(text: str) -> frozenset[str]:
    """The text's word shingles; empty for a text without words."""
    words = _word.findall(text.casefold())
    if len(words) < SHINGLE:
        return frozenset([" ".join(words)] if words else [])
    return frozenset(" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard index, 0 to 1; 0 where a text has no words."""
    return len(first & second) / len(first | second) if first and second else 0.0


class NearDuplicates:
    """An index of texts by name that is asked for near-duplicates of another text."""

    def __init__(self, texts: Iterable[tuple[str, str]] = ()) -> None:
        # Imported when first used: it brings all of scipy, for which no page and no other verb should wait.
        self._datasketch: Any = importlib.import_module("datasketch")
        self._index = self._datasketch.MinHashLSH(threshold=CANDIDATES, num_perm=PERMUTATIONS)
        self._shingles: dict[str, frozenset[str]] = {}
        for name, text in texts:
            self.add(name, text)

    def add(self, name: str, text: str) -> None:
        """Take in a text under a name that is new."""
        parts = shingles(text)
        self._shingles[name] = parts
        if parts:
            self._index.insert(name, self._hash(parts))

    def like(self, text: str) -> list[str]:
        """Names of the texts in the index that are near-duplicates of this one, sorted."""
        parts = shingles(text)
        if not parts:
            return []
        return sorted(name for name in self._index.query(self._hash(parts)) if likeness(parts, self._shingles[name]) >= THRESHOLD)

    def _hash(self, parts: frozenset[str]) -> Any:
        sketch = self._datasketch.MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([part.encode("utf-8") for part in parts])
        return sketch
