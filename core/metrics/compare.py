"""Two sets of outcomes, compared on the samples that are the same in both."""

from collections.abc import Sequence

from core.metrics.statistics import needed_documents, paired_interval, verdict
from core.records.base import Record
from core.records.runs import Gain, SampleOutcome, Scores

METRICS = ("score", "entity_f1", "relation_f1", "precision", "recall")
TOLERANCE = 1e-9
"""Scores that differ by no more are the same."""


class MetricChange(Record):
    """Means over the n samples that both scored, b less a, and its paired 95 % interval (None under 5 samples)."""

    a: float | None = None
    b: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    needed: int | None = None
    """How many more samples would show 5 points, where the interval spans zero."""
    verdict: str = ""


class SampleChanges(Record):
    """Hashes of texts that score better, worse or the same in b, and of those that one side or both did not answer."""

    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()


class TypeChange(Record):
    """F1 of one type (or predicate) on either side; None = not seen there."""

    a: float | None
    b: float | None
    difference: float | None
    gold: int
    """Its names in gold, on the side that has more."""


class Comparison(Record):
    """All that changed from a to b on the shared samples."""

    shared: int
    only_a: int
    only_b: int
    metrics: dict[str, MetricChange]
    samples: SampleChanges
    types: dict[str, TypeChange] = {}

    def rows(self) -> dict[str, tuple[float | None, float | None, float | None, float | None]]:
        """Per metric (a, b, low, high), as the `compare` verb prints it."""
        return {name: (change.a, change.b, change.low, change.high) for name, change in self.metrics.items()}


def compare(
    a: Sequence[SampleOutcome], b: Sequence[SampleOutcome], *, scores: tuple[Scores, Scores] | None = None, tolerance: float = TOLERANCE
) -> Comparison:
    """From a to b, paired by text; one outcome a text on each side (the last counts). `scores` of the shared texts add types."""
    left, right = ({outcome.text_hash: outcome for outcome in side} for side in (a, b))
    pairs = [(left[key], right[key]) for key in sorted(left.keys() & right.keys())]
    return Comparison(
        shared=len(pairs),
        only_a=len(left) - len(pairs),
        only_b=len(right) - len(pairs),
        metrics={name: _change(pairs, name) for name in METRICS},
        samples=_samples(pairs, tolerance),
        types=type_changes(*scores) if scores else {},
    )


def type_changes(a: Scores, b: Scores) -> dict[str, TypeChange]:
    """F1 of every type and predicate that either side knows."""
    changes: dict[str, TypeChange] = {}
    for name in sorted(a.per_type.keys() | b.per_type.keys()):
        before, after = a.per_type.get(name, {}), b.per_type.get(name, {})
        first, second = before.get("f1"), after.get("f1")
        difference = None if first is None or second is None else second - first
        changes[name] = TypeChange(a=first, b=second, difference=difference, gold=int(max(before.get("gold") or 0, after.get("gold") or 0)))
    return changes


def measured_gain(
    baseline: Sequence[SampleOutcome], result: Sequence[SampleOutcome], *, validation: float | None, by_luck: float | None
) -> Gain:
    """What training won on the sealed test, beside the gain on validation and the part of that which luck would give."""
    metrics = compare(baseline, result).metrics
    overall = metrics["score"]
    return Gain(
        validation=validation,
        test=overall.difference,
        low=overall.low,
        high=overall.high,
        n=overall.n,
        by_luck=by_luck,
        verdict=overall.verdict,
        needed=overall.needed,
        metrics={name: (change.difference, change.low, change.high) for name, change in metrics.items() if change.n},
        verdicts={name: change.verdict for name, change in metrics.items() if change.n},
    )


Pair = tuple[SampleOutcome, SampleOutcome]


def _change(pairs: Sequence[Pair], metric: str) -> MetricChange:
    values = [(getattr(a, metric), getattr(b, metric)) for a, b in pairs]
    known = [(a, b) for a, b in values if a is not None and b is not None]
    n = len(known)
    differences = [b - a for a, b in known]
    interval = paired_interval(differences)
    needed = None if interval is None or interval.excludes_zero else needed_documents(differences)
    return MetricChange(
        a=sum(a for a, _ in known) / n if n else None,
        b=sum(b for _, b in known) / n if n else None,
        difference=sum(differences) / n if n else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=n,
        needed=needed,
        verdict=verdict(interval, n, needed=needed),
    )


def _samples(pairs: Sequence[Pair], tolerance: float) -> SampleChanges:
    kinds: dict[str, list[str]] = {"better": [], "worse": [], "same": [], "unscored": []}
    for a, b in pairs:
        if a.score is None or b.score is None:
            kind = "unscored"
        elif abs(b.score - a.score) <= tolerance:
            kind = "same"
        else:
            kind = "better" if b.score > a.score else "worse"
        kinds[kind].append(a.text_hash)
    return SampleChanges(**{kind: tuple(hashes) for kind, hashes in kinds.items()})
