"""Entities: a model of them fitted on the demos, and what it finds in a text.

Every key of a candidate is scored by how often it was an entity in the *other* demos (smoothed log odds), so that the
few weights over these scores, and the threshold, are fitted on what is honest for an unseen text.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from core.llm.providers.builtin import regression
from core.llm.providers.builtin.cues import NO_CUES, Cues
from core.llm.providers.builtin.kinds import NOTHING, KindModel
from core.llm.providers.builtin.regression import Array
from core.llm.providers.builtin.spans import KEYS, SHAPE_NAMES, Candidate, Golds, Limits, candidates, ground, limits_of
from core.llm.providers.builtin.tokens import read

_KEY_PRIOR = {
    "whole": 0.8,
    "stems": 0.3,
    "last": 0.3,
    "last_stem": 0.4,
    "end5": 0.2,
    "end4": 0.2,
    "end3": 0.2,
    "end2": 0.1,
    "first": 0.2,
    "start4": 0.1,
    "before": 0.3,
    "before2": 0.1,
    "after": 0.3,
    "after2": 0.1,
    "tags": 0.4,
    "frame": 0.3,
    "inside": 0.2,
    "head_before": 0.1,
    "shape": 0.2,
    "left_content": 0.2,
    "right_content": 0.2,
}
_SHAPE_PRIOR = {
    "bias": -1.6,
    "run": 3.0,
    "part_of_run": -2.5,
    "crosses_run": -2.5,
    "no_run": -1.0,
    "left_open": -0.5,
    "right_open": -0.7,
    "verb_last": -1.0,
    "verb_first": -1.0,
}
_STRENGTH_KEYS, _STRENGTH_SHAPE = 20.0, 2.0
_SMOOTH = 1.0

Example = tuple[str, tuple[tuple[str, str | None], ...]]
"""A demo: its text, and names with types."""


Graded = tuple[list[tuple[float, Candidate]], set[str], int]
"""A demo's spans best first, the names that are right, and how many names there are in all."""


@dataclass(frozen=True)
class Found:
    """An entity that was found; `score` is its log odds above the threshold."""

    text: str
    kind: str | None
    start: int
    end: int
    score: float


class KeyCounts:
    """How often each key was seen at entities and at other candidates."""

    def __init__(self) -> None:
        self.hits: list[Counter[str]] = [Counter() for _ in KEYS]
        self.misses: list[Counter[str]] = [Counter() for _ in KEYS]
        self.positives = self.negatives = 0

    def add(self, found: Sequence[Candidate], golds: Golds) -> None:
        """Count one demo's candidates."""
        for candidate in found:
            hit = candidate.span in golds.spans
            self.positives += hit
            self.negatives += not hit
            for counter, key in zip(self.hits if hit else self.misses, candidate.keys, strict=True):
                counter[key] += 1

    def odds(self, found: Sequence[Candidate], less: "KeyCounts | None" = None) -> Array:
        """Smoothed log odds (n, keys) against the base rate; `less` takes a demo's own counts away."""
        positives = self.positives - (less.positives if less else 0)
        negatives = self.negatives - (less.negatives if less else 0)
        share = (positives + 1.0) / (positives + negatives + 2.0)
        base = log(share / (1 - share))
        rows = np.zeros((len(found), len(KEYS)))
        for column in range(len(KEYS)):
            hits, misses = self.hits[column], self.misses[column]
            own_hits, own_misses = (less.hits[column], less.misses[column]) if less else (None, None)
            for row, candidate in enumerate(found):
                key = candidate.keys[column]
                hit = hits[key] - (own_hits[key] if own_hits is not None else 0)
                miss = misses[key] - (own_misses[key] if own_misses is not None else 0)
                if hit or miss:
                    rows[row, column] = log((hit + 2 * _SMOOTH * share) / (miss + 2 * _SMOOTH * (1 - share))) - base
        return rows


_SHAPE_MEAN = np.array([_SHAPE_PRIOR.get(name, 0.0) for name in SHAPE_NAMES])
_PRIOR = np.concatenate([np.array([_KEY_PRIOR[name] for name in KEYS]), _SHAPE_MEAN])
_STRENGTH = np.concatenate([np.full(len(KEYS), _STRENGTH_KEYS), np.full(len(SHAPE_NAMES), _STRENGTH_SHAPE)])

_TECHNICAL_PRIOR = {"no_run": 1.2, "closed": 0.9, "noun_ending": 0.8, "two": 0.6, "adjective_last": -1.0, "verb": -1.0}
_TECHNICAL = np.concatenate([np.zeros(len(KEYS)), np.array([_TECHNICAL_PRIOR.get(name, 0.0) for name in SHAPE_NAMES])])
_MOST_SHIFT = 2.0
_CAUTION = 0.08
"""What moving the threshold by 1 must gain in F1 on one demo; on n demos, this over the root of n."""
_DEFINED_LIFT = 0.8
_HEAD = KEYS.index("last_stem")


class EntityModel:
    """What the demos teach about entities; without demos, the prior alone."""

    def __init__(self, examples: Sequence[Example]) -> None:
        documents = [read(text) for text, _ in examples]
        golds = [ground(document, names) for document, (_, names) in zip(documents, examples, strict=True)]
        self.limits: Limits = limits_of((document, gold.spans) for document, gold in zip(documents, golds, strict=True))
        found = [candidates(text, self.limits) for text, _ in examples]
        self.counts, own = KeyCounts(), []
        self.kinds = KindModel()
        for spans, gold in zip(found, golds, strict=True):
            alone = KeyCounts()
            alone.add(spans, gold)
            self.counts.add(spans, gold)
            own.append(alone)
            self.kinds.add((span, kind) for span in spans if (kind := gold.spans.get(span.span)) is not None)
        rows = [np.hstack([self.counts.odds(spans, less), _shapes(spans)]) for spans, less in zip(found, own, strict=True)]
        self.weights = self._fitted(rows, found, golds)
        self.threshold = self._chosen(rows, found, golds)

    def _fitted(self, rows: list[Array], found: list[tuple[Candidate, ...]], golds: list[Golds]) -> Array:
        if not rows:
            return _PRIOR.copy()
        labels = np.array([float(span.span in gold.spans) for spans, gold in zip(found, golds, strict=True) for span in spans])
        weights = np.where(labels > 0, 2.0, 1.0)
        return regression.fit(np.vstack(rows), labels, weights, _PRIOR, _STRENGTH)

    def _chosen(self, rows: list[Array], found: list[tuple[Candidate, ...]], golds: list[Golds]) -> float:
        """The threshold with the best mean F1 over the demos, drawn towards 0 where demos are few."""
        graded = [_graded(spans, gold, row @ self.weights) for row, spans, gold in zip(rows, found, golds, strict=True)]
        grid = np.arange(-2.0, 2.01, 0.1)
        values = [round(_mean_f1(graded, float(cut)) - _CAUTION * abs(float(cut)) / max(1, len(graded)) ** 0.5, 9) for cut in grid]
        return float(grid[int(np.argmax(values))]) if graded else 0.0

    def find(self, text: str, cues: Cues = NO_CUES, defined: Mapping[str, frozenset[str]] = NOTHING) -> list[Found]:
        """The entities of a text, in its order; `cues` move the threshold, the length of spans, and drop classes.

        `defined` = the stems of each type's definition: a head that stands in one is likelier.
        """
        spans = candidates(text, self.limits)
        if not spans:
            return []
        weights = self.weights + _TECHNICAL if cues.technical and not self.counts.positives else self.weights
        scores = np.hstack([self.counts.odds(spans), _shapes(spans)]) @ weights
        scores += np.array([cues.length * (span.span[1] - span.span[0] - 1) for span in spans])
        told: frozenset[str] = frozenset().union(*defined.values())
        scores += np.array([_DEFINED_LIFT * (span.keys[_HEAD] in told) for span in spans])
        document = read(text)
        found = []
        for score, span in best_first(spans, np.asarray(np.round(scores, 9), dtype=np.float64)):
            if score < self.threshold - _MOST_SHIFT:
                break
            kind = self.kinds.of(span, defined)
            above = score - self.threshold - cues.shift + cues.lift(span.text, kind)
            if above > 0 and not cues.drops(span.text, kind):
                first, last = span.span
                found.append(Found(span.text, kind, document.tokens[first].start, document.tokens[last - 1].end, above))
        return sorted(found, key=lambda one: one.start)


def _shapes(spans: Sequence[Candidate]) -> Array:
    return np.array([span.shape for span in spans]) if spans else np.zeros((0, len(SHAPE_NAMES)))


def _graded(spans: Sequence[Candidate], gold: Golds, scores: Array) -> Graded:
    names = {span.text.casefold() for span in spans if span.span in gold.spans}
    return best_first(spans, np.asarray(np.round(scores, 9), dtype=np.float64)), names, len(names) + gold.missed


def best_first(spans: Sequence[Candidate], scores: Array) -> list[tuple[float, Candidate]]:
    """Spans by falling score, without any that overlaps a better one; ties go to the earlier, then the longer."""
    order = sorted(range(len(spans)), key=lambda index: (-scores[index], spans[index].span[0], -spans[index].span[1]))
    taken: set[int] = set()
    chosen = []
    for index in order:
        cells = range(*spans[index].span)
        if taken.isdisjoint(cells):
            taken.update(cells)
            chosen.append((float(scores[index]), spans[index]))
    return chosen


def _mean_f1(graded: list[Graded], cut: float) -> float:
    """Mean F1 over the demos on sets of case-folded names."""
    total = 0.0
    for chosen, names, possible in graded:
        said = {span.text.casefold() for score, span in chosen if score > cut}
        total += 1.0 if not said and not possible else 2 * len(said & names) / (len(said) + possible)
    return total / max(1, len(graded))
