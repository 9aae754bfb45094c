"""Which split a new sample goes to: by quota, stratified by entity type where possible, the same every time."""

from collections import Counter
from collections.abc import Iterable, Mapping

from core.datasets.validate import Draft
from core.records.datasets import SplitCounts
from core.records.samples import Split

SMALL = 15
"""Below this many samples in the whole dataset there is no test split."""
LEAST_VAL = 2
RATIOS: Mapping[Split, float] = {Split.TRAIN: 0.6, Split.VAL: 0.2, Split.TEST: 0.2}
SMALL_RATIOS: Mapping[Split, float] = {Split.TRAIN: 0.8, Split.VAL: 0.2, Split.TEST: 0.0}

_PLACES: Mapping[Split, int] = {split: place for place, split in enumerate(Split)}
"""Counts are kept in lists by these places: an import of many asks for them most, and an enumeration's hash is slow."""
_NOTHING = [0] * len(Split)


def targets(total: int) -> dict[Split, int]:
    """How many of `total` samples each split should hold: 60/20/20, or 80/20 without test below `SMALL`; 2 in val where there are 3."""
    ratios = SMALL_RATIOS if total < SMALL else RATIOS
    test = round(total * ratios[Split.TEST])
    val = max(round(total * ratios[Split.VAL]), min(LEAST_VAL, total - 1), 0)
    return {Split.TRAIN: total - val - test, Split.VAL: val, Split.TEST: test}


_LAST = (False, float("-inf"), float("-inf"))


class Quota:
    """Gives each sample to the split that lacks most in the sample's stratum, among those that lack any overall.

    With a known `total` the targets are met as nearly as locked and given splits allow; without one they follow the
    samples as they come.
    """

    def __init__(self, held: SplitCounts, total: int | None = None) -> None:
        self._have = [held.of(split) for split in Split]
        self._targets = None if total is None else [targets(total)[split] for split in Split]
        ratios = SMALL_RATIOS if total is not None and total < SMALL else RATIOS
        self._ratios = [(_PLACES[split], split, ratio) for split, ratio in ratios.items() if ratio]
        self._count = held.total - held.none
        self._strata: dict[str, list[int]] = {}

    def note(self, split: Split, stratum: str, size: int = 1) -> None:
        """Count samples that have their split already."""
        place = _PLACES[split]
        self._count += size
        self._have[place] += size
        held = self._strata.get(stratum)
        if held is None:
            held = self._strata[stratum] = _NOTHING.copy()
        held[place] += size

    def choose(self, stratum: str, size: int = 1) -> Split:
        """The split for `size` samples that belong together, which are counted."""
        after = self._count + size
        held = self._strata.get(stratum) or _NOTHING
        within = sum(held) + size
        best, rank = Split.TRAIN, _LAST
        for place, split, ratio in self._ratios:
            lack = (self._targets[place] if self._targets is not None else ratio * after) - self._have[place]
            candidate = (lack > 1e-9, ratio * within - held[place], lack)
            if candidate > rank:
                best, rank = split, candidate
        self.note(best, stratum, size)
        return best


def marks(draft: Draft) -> list[str]:
    """What a sample can be stratified by: its entity types, else its predicates, else whether anything is annotated."""
    found = {f"type {entity.type}" for entity in draft.entities or () if entity.type}
    found = found or {f"predicate {relation.predicate}" for relation in draft.relations or ()}
    return sorted(found) or ["empty" if draft.entities is None and draft.relations is None else "untyped"]


def strata(drafts: Iterable[Draft]) -> list[str]:
    """For each sample the mark that fewest of them share, so that rare types reach every split."""
    every = [marks(draft) for draft in drafts]
    counts = Counter(mark for own in every for mark in own)
    return [min(own, key=lambda mark: (counts[mark], mark)) for own in every]


def main_mark(draft: Draft) -> str:
    """The mark of a sample in a stream, where what is rare is not known: its first entity's type or first predicate."""
    if draft.plain is not None:
        return next(iter(draft.plain.links))[1] if draft.plain.links else ""
    for entity in draft.entities or ():
        if entity.type:
            return entity.type
    return draft.relations[0].predicate if draft.relations else ""
