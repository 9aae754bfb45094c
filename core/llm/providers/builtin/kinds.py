"""Types of entities: which one a span has, by how often its keys had each type in the demos (weighted naive Bayes)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import log

from core.llm.providers.builtin.spans import KEYS, Candidate

_WEIGHTS = {
    "whole": 1.0,
    "stems": 0.5,
    "last": 0.5,
    "last_stem": 0.7,
    "end5": 0.6,
    "end4": 0.4,
    "end3": 0.3,
    "end2": 0.5,
    "first": 0.5,
    "start4": 0.3,
    "before": 0.4,
    "after": 0.3,
    "tags": 0.1,
    "frame": 0.2,
    "inside": 0.3,
    "shape": 0.4,
    "left_content": 0.3,
    "right_content": 0.3,
    "before2": 0.5,
    "after2": 0.1,
}
_COLUMNS = tuple((index, _WEIGHTS[name]) for index, name in enumerate(KEYS) if name in _WEIGHTS)
_SMOOTH = 0.5
_DEFINED = 0.8
_STEMS = KEYS.index("stems")
_NONE: frozenset[str] = frozenset()
NOTHING: Mapping[str, frozenset[str]] = {}


class KindModel:
    """Counts of types per key; `of` names the likeliest type, ties by order of first sight."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self.seen: list[defaultdict[str, Counter[str]]] = [defaultdict(Counter) for _ in KEYS]

    def add(self, labeled: Iterable[tuple[Candidate, str]]) -> None:
        """Count candidates whose type is known."""
        for candidate, kind in labeled:
            self.totals[kind] += 1
            for column, _ in _COLUMNS:
                if candidate.keys[column]:
                    self.seen[column][candidate.keys[column]][kind] += 1

    def of(self, candidate: Candidate, defined: Mapping[str, frozenset[str]] = NOTHING) -> str | None:
        """The likeliest type; None when no demo had one. `defined` = stems of each type's definition, a weak hint."""
        if not self.totals:
            return None
        whole = sum(self.totals.values())
        share = {kind: (number + 1) / (whole + len(self.totals)) for kind, number in self.totals.items()}
        stems = set(candidate.keys[_STEMS].split())
        scores = {kind: 0.5 * log(part) + _DEFINED * len(stems & defined.get(kind, _NONE)) for kind, part in share.items()}
        for column, weight in _COLUMNS:
            counts = self.seen[column].get(candidate.keys[column])
            if counts:
                number = sum(counts.values())
                for kind, part in share.items():
                    scores[kind] += weight * log((counts[kind] + _SMOOTH * part) / (number + _SMOOTH) / part)
        return max(scores, key=lambda kind: round(scores[kind], 9))
