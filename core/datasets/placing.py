"""The split of every new sample: given, locked, shared with near-duplicates, or chosen by quota."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from core.datasets.near_duplicates import NearDuplicates
from core.datasets.split import Quota, main_mark, strata
from core.datasets.validate import Draft
from core.records.datasets import SplitCounts
from core.records.samples import Sample, Split

MOST_OTHERS = 20_000
"""With more samples in the dataset, near-duplicates are not looked for: it would take minutes."""


class Placement(NamedTuple):
    """A sample and its split; None = kept out of all three. `locked`: its text had that split before."""

    draft: Draft
    split: Split | None
    locked: bool
    note: str = ""


def place_next(draft: Draft, lock: Split | None, quota: Quota) -> Placement:
    """The next sample of a stream."""
    split = lock or draft.split
    stratum = main_mark(draft)
    if split is None:
        return Placement(draft, quota.choose(stratum), False)
    quota.note(split, stratum)
    return Placement(draft, split, lock is not None)


def place_all(
    pairs: Sequence[tuple[Draft, Split | None]], held: SplitCounts, others: Callable[[], Iterable[Sample]]
) -> tuple[list[Placement], int | None]:
    """All samples of a file, and how many of them resemble another sample (None = not looked for).

    Near-duplicates go together: with one that has its split, to that split; with several of different splits, to none.
    The rest is chosen in the order of the text hashes, larger groups first, so that the file's order does not matter.
    """
    drafts = [draft for draft, _ in pairs]
    if not drafts:
        return [], 0
    groups, resembling = (None, None) if held.total > MOST_OTHERS else _groups(drafts, others())
    chosen = _Chosen(pairs, Quota(held, held.total + len(drafts)))
    if groups is None:
        groups = [_Group([position], set(), "") for position in range(len(drafts))]
    open_groups = [group for group in groups if not chosen.settle(group)]
    for group in sorted(open_groups, key=lambda group: (-len(group.members), min(drafts[member].text_hash for member in group.members))):
        chosen.choose(group)
    return [chosen.placement(position) for position in range(len(drafts))], resembling


class _Group(NamedTuple):
    """Samples of the file that are near-duplicates of each other, and the splits of those in the dataset that are so too."""

    members: list[int]
    splits: set[Split]
    like: str


class _Chosen:
    """The splits, while they are being chosen."""

    def __init__(self, pairs: Sequence[tuple[Draft, Split | None]], quota: Quota) -> None:
        self._pairs, self._quota = pairs, quota
        self._strata = strata(draft for draft, _ in pairs)
        self._fixed = [lock or draft.split for draft, lock in pairs]
        self._splits: list[Split | None] = list(self._fixed)
        self._notes = [""] * len(pairs)
        for split, stratum in zip(self._fixed, self._strata, strict=True):
            if split is not None:
                quota.note(split, stratum)

    def settle(self, group: _Group) -> bool:
        """Whether the group's splits follow from what is fixed."""
        fixed = group.splits | {split for member in group.members if (split := self._fixed[member]) is not None}
        if not fixed:
            return False
        names = " and ".join(sorted(fixed))
        for member in group.members:
            if len(fixed) > 1:
                self._notes[member] = f"resembles samples of {names}{group.like}" + ("" if self._fixed[member] else "; it goes to no split")
            if self._fixed[member] is None and len(fixed) == 1:
                (split,) = fixed
                self._splits[member] = split
                self._quota.note(split, self._strata[member])
        return True

    def choose(self, group: _Group) -> None:
        """By quota, all of the group together."""
        split = self._quota.choose(self._strata[group.members[0]], len(group.members))
        for member in group.members:
            self._splits[member] = split

    def placement(self, position: int) -> Placement:
        """What became of one sample."""
        draft, lock = self._pairs[position]
        return Placement(draft, self._splits[position], lock is not None, self._notes[position])


def _groups(drafts: Sequence[Draft], others: Iterable[Sample]) -> tuple[list[_Group], int]:
    """Connected near-duplicates, and how many samples have one."""
    splits = {f"o{position}": other for position, other in enumerate(others)}
    index = NearDuplicates((name, other.text) for name, other in splits.items())
    parent = list(range(len(drafts)))

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    known: list[list[Sample]] = []
    resembling: set[int] = set()
    for position, draft in enumerate(drafts):
        like = index.like(draft.text)
        known.append([splits[name] for name in like if name in splits])
        mates = [int(name[1:]) for name in like if name not in splits]
        for mate in mates:
            parent[root(position)] = root(mate)
        resembling |= {position, *mates} if like else set()
        index.add(f"n{position}", draft.text)
    members: dict[int, list[int]] = {}
    for position in range(len(drafts)):
        members.setdefault(root(position), []).append(position)
    return [_group(own, [other for member in own for other in known[member]]) for own in members.values()], len(resembling)


def _group(members: list[int], others: list[Sample]) -> _Group:
    names = ", ".join(sorted({other.id for other in others})[:5])
    return _Group(members, {other.split for other in others if other.split is not None}, f" ({names})" if names else "")
