"""Relations: which of the demos' predicates links two entities, learned from types, order and the words between them.

As with entities, every key of a pair is scored per predicate by how often it meant that predicate in the *other* demos,
and one small regression, shared by all predicates, weighs the scores.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

import numpy as np

from core.llm.providers.builtin import regression
from core.llm.providers.builtin.cues import NO_CUES, Cues
from core.llm.providers.builtin.pairs import NAMES, Mention, Pair, mentions_of, pairs_of
from core.llm.providers.builtin.regression import Array
from core.llm.providers.builtin.tokens import Document, stem

Triple = tuple[str, str, str]
RelationExample = tuple[str, tuple[tuple[str, str | None], ...], tuple[Triple, ...]]
"""A demo: its text, its entities with types, and its relations as (subject, predicate, object)."""

_KEY_PRIOR = np.array([0.6, 0.5, 0.4, 0.4, 0.2, 0.4, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.3, 0.2, 0.2])
_SHAPE_PRIOR = np.array([-1.5, 0.8, -0.8, 0.0, -1.0, -0.3, 0.0, -0.3])
_PRIOR = np.concatenate([_KEY_PRIOR, _SHAPE_PRIOR])
_STRENGTH = np.concatenate([np.full(len(_KEY_PRIOR), 15.0), np.full(len(_SHAPE_PRIOR), 3.0)])
_SMOOTH = 1.5


@dataclass(frozen=True)
class Link:
    """A relation that was found; `score` is its log odds above the threshold."""

    subject: str
    predicate: str
    object: str
    score: float
    between: int
    same_sentence: bool


class PairCounts:
    """How often each key of a pair meant each predicate."""

    def __init__(self) -> None:
        self.all: list[Counter[str]] = [Counter() for _ in NAMES]
        self.hits: list[Counter[tuple[str, str]]] = [Counter() for _ in NAMES]
        self.pairs = 0
        self.links: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()

    def add(self, pairs: Sequence[Pair], labels: Sequence[frozenset[str]]) -> None:
        """Count one demo's pairs; `labels` are the predicates of each."""
        self.pairs += len(pairs)
        for pair, predicates in zip(pairs, labels, strict=True):
            for predicate in predicates:
                self.links[predicate] += 1
                self.kinds[(predicate, pair.keys[0][0])] += 1
            for column, values in enumerate(pair.keys):
                for value in values:
                    self.all[column][value] += 1
                    for predicate in predicates:
                        self.hits[column][(predicate, value)] += 1

    def odds(self, pair: Pair, predicate: str, less: "PairCounts | None") -> list[float]:
        """Smoothed log odds of a predicate per kind of key; `less` takes a demo's own counts away."""
        links = self.links[predicate] - (less.links[predicate] if less else 0)
        pairs = self.pairs - (less.pairs if less else 0)
        share = (links + 0.5) / (pairs + 5.0)
        base = log(share / (1 - share))
        return [self._column(column, (pair.keys[column], predicate), (share, base), less) for column in range(len(NAMES))]

    def _column(self, column: int, sought: tuple[tuple[str, ...], str], base: tuple[float, float], less: "PairCounts | None") -> float:
        values, predicate = sought
        share, odds = base
        found = []
        for value in values:
            seen = self.all[column][value] - (less.all[column][value] if less else 0)
            if seen:
                hit = self.hits[column][(predicate, value)] - (less.hits[column][(predicate, value)] if less else 0)
                found.append(log((hit + _SMOOTH * 2 * share) / (max(0, seen - hit) + _SMOOTH * 2 * (1 - share))) - odds)
        found.sort(key=abs, reverse=True)
        return sum(found[:2])


class RelationModel:
    """What the demos teach about relations; without demos, a verb between two neighbors is the predicate."""

    def __init__(self, examples: Sequence[RelationExample]) -> None:
        self.counts = PairCounts()
        graded = []
        for text, entities, triples in examples:
            document, mentions = mentions_of(text, entities)
            pairs = pairs_of(document, mentions)
            labels = _labels(pairs, triples)
            own = PairCounts()
            own.add(pairs, labels)
            self.counts.add(pairs, labels)
            graded.append((pairs, labels, own, {_folded(triple) for triple in triples}))
        self.learned = bool(examples)
        self.predicates = sorted(self.counts.links)
        self.weights, self.threshold = _PRIOR.copy(), 0.0
        if self.predicates:
            self._fit(graded)

    def _fit(self, graded: list[tuple[list[Pair], list[frozenset[str]], PairCounts, set[Triple]]]) -> None:
        scored = [self._rows(pairs, own) for pairs, _, own, _ in graded]
        rows = np.vstack([row for _, row in scored]) if scored else np.zeros((0, len(_PRIOR)))
        marks = [
            float(predicate in labels[index])
            for (pairs, labels, _, _), (keys, _) in zip(graded, scored, strict=True)
            for index, predicate in keys
        ]
        targets = np.array(marks)
        self.weights = regression.fit(rows, targets, np.where(targets > 0, 2.0, 1.0), _PRIOR, _STRENGTH)
        grid = np.arange(-2.5, 2.51, 0.1)
        chosen = [
            (self._chosen(pairs, keys, np.round(row @ self.weights, 9)), gold)
            for (pairs, _, _, gold), (keys, row) in zip(graded, scored, strict=True)
        ]
        values = [round(_mean_f1(chosen, float(cut)) - 0.02 * abs(float(cut)) / len(graded) ** 0.5, 9) for cut in grid]
        self.threshold = float(grid[int(np.argmax(values))])

    def _rows(self, pairs: Sequence[Pair], less: PairCounts | None) -> tuple[list[tuple[int, str]], Array]:
        """Pair and predicate of each row, and its features: only predicates that were seen between these types."""
        keys, rows = [], []
        for index, pair in enumerate(pairs):
            typed = pair.subject.typed and pair.object.typed
            for predicate in self.predicates:
                if not typed or self.counts.kinds[(predicate, pair.keys[0][0])]:
                    keys.append((index, predicate))
                    rows.append([*self.counts.odds(pair, predicate, less), *pair.shape])
        return keys, np.array(rows) if rows else np.zeros((0, len(_PRIOR)))

    def _chosen(self, pairs: Sequence[Pair], keys: Sequence[tuple[int, str]], scores: Array) -> list[Link]:
        """Best links first: one predicate for two names, in one direction."""
        order = sorted(range(len(keys)), key=lambda row: (-scores[row], row))
        seen: set[frozenset[str]] = set()
        found = []
        for row in order:
            pair, predicate = pairs[keys[row][0]], keys[row][1]
            names = frozenset((pair.subject.name.casefold(), pair.object.name.casefold()))
            if names not in seen:
                seen.add(names)
                found.append(Link(pair.subject.name, predicate, pair.object.name, float(scores[row]), pair.between, pair.same_sentence))
        return found

    def find(self, text: str, entities: Sequence[tuple[str, str | None]], cues: Cues = NO_CUES) -> list[Link]:
        """Links between listed entities, best first; `cues` move the threshold, the reach, and drop predicates."""
        document, mentions = mentions_of(text, entities)
        if not self.learned:
            return [link for link in _by_verb(document, mentions) if not _dropped(link, cues)]
        pairs = pairs_of(document, mentions)
        keys, rows = self._rows(pairs, None)
        if not keys:
            return []
        cut = self.threshold + cues.shift
        return [
            link for link in self._chosen(pairs, keys, np.round(rows @ self.weights, 9)) if link.score > cut and not _dropped(link, cues)
        ]


def _dropped(link: Link, cues: Cues) -> bool:
    """Whether the cues leave a link out: it reaches too far, or its predicate is not wanted."""
    if (cues.one_sentence and not link.same_sentence) or (cues.nearest and link.between > 1):
        return True
    return link.predicate.casefold() in cues.left_out


def _folded(triple: Triple) -> Triple:
    return triple[0].casefold(), triple[1].casefold(), triple[2].casefold()


def _labels(pairs: Sequence[Pair], triples: Sequence[Triple]) -> list[frozenset[str]]:
    """Predicates of each pair; where names stand several times, the nearest pair carries the relation."""
    labels: list[set[str]] = [set() for _ in pairs]
    for subject, predicate, object_ in triples:
        fitting = [
            index
            for index, pair in enumerate(pairs)
            if pair.subject.name.casefold() == subject.casefold() and pair.object.name.casefold() == object_.casefold()
        ]
        if fitting:
            nearest = min(fitting, key=lambda index: (pairs[index].between, pairs[index].shape[5], index))
            labels[nearest].add(predicate)
    return [frozenset(found) for found in labels]


def _mean_f1(chosen: Sequence[tuple[list[Link], set[Triple]]], cut: float) -> float:
    total = 0.0
    for links, gold in chosen:
        said = {_folded((link.subject, link.predicate, link.object)) for link in links if link.score > cut}
        total += 1.0 if not said and not gold else 2 * len(said & gold) / (len(said) + len(gold))
    return total / max(1, len(chosen))


def _by_verb(document: Document, mentions: Sequence[Mention]) -> list[Link]:
    """Without any example: neighbors in one sentence with a verb between them, which names the predicate."""
    found = []
    for left, right in pairwise(mentions):
        middle = document.tokens[left.span[1] : right.span[0]]
        verbs = [token for token in middle if token.tag == "V" or (token.tag == "W" and token.low.endswith(("s", "t", "en")))]
        near = document.tokens[left.span[0]].sentence == document.tokens[right.span[0]].sentence and len(middle) <= 6
        if verbs and near and left.name.casefold() != right.name.casefold():
            found.append(Link(left.name, stem(verbs[0].low) if document.german else verbs[0].low, right.name, 0.0, 0, True))
    return found
