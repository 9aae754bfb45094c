"""Spans against gold spans, as SemEval-2013 task 9.1 counts them (Segura-Bedmar et al. 2013).

Counts and their order of precedence are those of nervaluate 1.2: each predicted span in turn takes the first gold span
that fits it and is still free, else the first that overlaps it. `strict` asks for boundaries and type, `exact` for
boundaries, `partial` for an overlap (half a point where boundaries differ), `ent_type` for an overlap with the right
type. A span with a wrong type is one INC, not a miss and a spurious span.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from core.metrics.gold import Item
from core.records.base import Record
from core.records.mentions import mentions, nested
from core.records.samples import Annotation

SCHEMES = ("strict", "exact", "partial", "ent_type")
NOWHERE = (-1, -1)
"""Where a predicted name stands that is not in the text: it overlaps nothing, so it counts as spurious."""


class Span(NamedTuple):
    """A typed stretch of text; code points, end exclusive."""

    start: int
    end: int
    type: str


class Counts(Record):
    """Spans of one scheme: correct, incorrect, partial, missed, spurious. Nothing said where gold has nothing is 1."""

    cor: int = 0
    inc: int = 0
    par: int = 0
    mis: int = 0
    spu: int = 0

    @property
    def possible(self) -> int:
        """Spans of gold."""
        return self.cor + self.inc + self.par + self.mis

    @property
    def actual(self) -> int:
        """Spans predicted."""
        return self.cor + self.inc + self.par + self.spu

    @property
    def precision(self) -> float:
        """(COR + PAR / 2) / actual."""
        return (self.cor + self.par / 2) / self.actual if self.actual else float(self.possible == 0)

    @property
    def recall(self) -> float:
        """(COR + PAR / 2) / possible."""
        return (self.cor + self.par / 2) / self.possible if self.possible else float(self.actual == 0)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.possible + self.actual
        return (2 * self.cor + self.par) / total if total else 1.0


class SpanScores(Record):
    """Counts summed over documents, by scheme; and each type alone."""

    overall: dict[str, Counts]
    per_type: dict[str, dict[str, Counts]]


Document = tuple[Sequence[Span], Sequence[Span]]
"""Predicted and gold spans of one text."""


def gold_spans(gold: Annotation) -> list[Span] | None:
    """The mentions of gold, each once, in text order; None where one lacks its place or type, or nothing is annotated."""
    if gold.entities is None:
        return None
    found: set[Span] = set()
    for entity in gold.entities:
        if entity.start is None or entity.end is None or not entity.type:
            return None
        found.add(Span(entity.start, entity.end, entity.type.casefold()))
    return sorted(found)


def ground(text: str, items: Sequence[Item]) -> list[Span]:
    """Every mention of each predicted `{text, type}`, in text order; a name that is not in the text is one span NOWHERE.

    A mention inside a longer predicted name's mention ("New York" in "New York Times") is not one of the shorter name,
    unless that has no other: the rule by which names of imported gold are placed.
    """
    places = {item["text"]: mentions(text, item["text"]) for item in items}
    inner = nested([span for found in places.values() for span in found])
    spans: set[Span] = set()
    for item in items:
        found = places[item["text"]]
        outer = [span for span in found if span not in inner] or found or [NOWHERE]
        spans.update(Span(*span, (item.get("type") or "").casefold()) for span in outer)
    return sorted(spans)


def count_spans(predicted: Sequence[Span], gold: Sequence[Span]) -> dict[str, Counts]:
    """The counts of one text under each scheme. Spans are taken in the given order: text order is usual."""
    near = [[index for index, true in enumerate(gold) if true.start < said.end and said.start < true.end] for said in predicted]
    return {
        "strict": _count(predicted, gold, near, _strict),
        "exact": _count(predicted, gold, near, _exact),
        "partial": _count(predicted, gold, near, _exact, loose="par"),
        "ent_type": _count(predicted, gold, near, _same_type),
    }


def score_spans(documents: Iterable[Document]) -> SpanScores:
    """Counts summed over documents (micro), overall and for each type, where only spans of that type are looked at."""
    overall: dict[str, Counter[str]] = {scheme: Counter() for scheme in SCHEMES}
    types: dict[str, dict[str, Counter[str]]] = {}
    for predicted, gold in documents:
        _add(overall, count_spans(predicted, gold))
        for name in {span.type for span in (*predicted, *gold)}:
            sums = types.setdefault(name, {scheme: Counter() for scheme in SCHEMES})
            _add(sums, count_spans([span for span in predicted if span.type == name], [span for span in gold if span.type == name]))
    return SpanScores(overall=_summed(overall), per_type={name: _summed(types[name]) for name in sorted(types)})


def _strict(said: Span, near: Sequence[int], gold: Sequence[Span]) -> int | None:
    return next((index for index in near if gold[index] == said), None)


def _exact(said: Span, near: Sequence[int], gold: Sequence[Span]) -> int | None:
    return next((index for index in near if gold[index][:2] == said[:2]), None)


def _same_type(said: Span, near: Sequence[int], gold: Sequence[Span]) -> int | None:
    """Of the overlapping spans of this type, the one with the closest boundaries."""
    alike = [index for index in near if gold[index].type == said.type]
    return min(alike, key=lambda index: abs(gold[index].start - said.start) + abs(gold[index].end - said.end), default=None)


class _Fit(Protocol):
    """Which of the overlapping gold spans is the predicted one."""

    def __call__(self, said: Span, near: Sequence[int], gold: Sequence[Span]) -> int | None: ...


def _count(predicted: Sequence[Span], gold: Sequence[Span], near: Sequence[Sequence[int]], fit: _Fit, *, loose: str = "inc") -> Counts:
    """One scheme's counts; an overlap that does not fit counts as `loose`."""
    taken: set[int] = set()
    counts = {"cor": 0, "spu": 0, loose: 0}
    for said, around in zip(predicted, near, strict=True):
        free = [index for index in around if index not in taken]
        found = fit(said, free, gold)
        kind = "cor" if found is not None else loose if free else "spu"
        counts[kind] += 1
        if found is not None or free:
            taken.add(free[0] if found is None else found)
    return Counts(mis=len(gold) - len(taken), **counts)


def _add(sums: dict[str, Counter[str]], counts: dict[str, Counts]) -> None:
    for scheme, each in counts.items():
        sums[scheme].update(each.model_dump())


def _summed(sums: dict[str, Counter[str]]) -> dict[str, Counts]:
    return {scheme: Counts(**counter) for scheme, counter in sums.items()}
