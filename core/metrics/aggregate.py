"""Many documents to one set of figures."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from core.metrics.document import DocumentScore, Scorer, distinct_entities, unique
from core.metrics.gold import Item, unique_entities, unique_relations
from core.metrics.matching import Pairs
from core.metrics.relations import relation_setup
from core.metrics.spans import SCHEMES, Document, count_spans, gold_spans, ground
from core.records.base import Record
from core.records.runs import Scores
from core.records.samples import Annotation

RELATION = "relation:"
"""Before a predicate in `Scores.per_type`, whose other keys are entity types."""


class ScoredDocument(Record):
    """One document: gold, what was said of it, and its score; or why nothing was."""

    text: str
    gold: Annotation
    entities: tuple[Item, ...] | None = None
    relations: tuple[Item, ...] | None = None
    score: DocumentScore | None = None
    error: str | None = None
    failure: Literal["call", "parse"] | None = None
    """No answer came, or one that could not be read."""

    @model_validator(mode="after")
    def _scored_or_failed(self) -> Self:
        if (self.error is None) != (self.failure is None):
            raise ValueError("a document that failed has both an error and its kind")
        if (self.score is None) != (self.failure is not None):
            raise ValueError("a document has either a score or a failure")
        return self


def aggregate(documents: Sequence[ScoredDocument], scorer: Scorer) -> Scores:
    """The figures of one evaluation. A document that failed counts in `failed` and lowers no score; None = nothing to tell.

    `score`, `entity_f1`, `relation_f1`, `precision` and `recall` are means over the documents that are annotated for them; span
    figures, `grounding_rate` and `per_type` count over all documents (micro). `parse_failure_rate` is the share of answers that
    could not be read.
    """
    scored = [document for document in documents if document.score is not None]
    scores = [document.score for document in scored if document.score is not None]
    entities = [score.entities for score in scores if score.entities is not None]
    relations = [score.relations for score in scores if score.relations is not None]
    names = sum(score.predicted_names for score in scores)
    unread = sum(document.failure == "parse" for document in documents)
    return Scores(
        score=_mean(score.score for score in scores),
        entity_f1=_mean(match.f1 for match in entities),
        relation_f1=_mean(match.f1 for match in relations),
        precision=_mean(match.precision for match in entities),
        recall=_mean(match.recall for match in entities),
        grounding_rate=sum(score.grounded for score in scores) / names if names else None,
        **_span_f1(scored),
        relation_setup=relation_setup(scorer.how) if relations else None,
        parse_failure_rate=unread / (unread + len(scored)) if unread + len(scored) else None,
        per_type=_per_type(scored, scorer),
        samples=sum(score.score is not None for score in scores),
        failed=len(documents) - len(scored),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _span_f1(scored: Sequence[ScoredDocument]) -> dict[str, float | None]:
    """F1 of each scheme over the documents whose gold has places and types throughout; None where no gold span does."""
    documents: list[Document] = []
    for document in scored:
        truth = gold_spans(document.gold)
        if truth is not None:
            documents.append((ground(document.text, document.entities or ()), truth))
    fields = dict(zip(SCHEMES, ("strict_f1", "exact_f1", "partial_f1", "type_f1"), strict=True))
    if not any(gold for _, gold in documents):
        return dict.fromkeys(fields.values())
    hits = dict.fromkeys(SCHEMES, 0)
    for said, gold in documents:
        for scheme, counts in count_spans(said, gold).items():
            hits[scheme] += 2 * counts.cor + counts.par
    total = sum(len(said) + len(gold) for said, gold in documents)
    return {field: hits[scheme] / total for scheme, field in fields.items()}


class _Tally:
    """Names of one type over all documents. Alike relations of two predicates may match: each side counts its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said = self.said_right = self.gold = self.gold_found = 0

    def figures(self) -> dict[str, float | int | None]:
        """Precision (None where nothing was said), recall (None where gold has none) and their harmonic mean."""
        precision = self.said_right / self.said if self.said else None
        recall = self.gold_found / self.gold if self.gold else None
        both = (precision or 0.0) + (recall or 0.0)
        f1 = 2 * (precision or 0.0) * (recall or 0.0) / both if both else 0.0
        return {"precision": precision, "recall": recall, "f1": f1, "gold": self.gold, "predicted": self.said}


class _Tallies:
    """One tally a type, whatever its case, under gold's spelling where gold has it."""

    def __init__(self, kind: Callable[[Item], str]) -> None:
        self._kind = kind
        self._tallies: dict[str, _Tally] = {}
        self._keys: dict[str, str] = {}

    def add(self, said: Sequence[Item], gold: Sequence[Item], pairs: Pairs) -> None:
        """Counts one document's items."""
        for item in gold:
            tally = self._of(item)
            tally.name = self._kind(item) if tally.gold == 0 else tally.name
            tally.gold += 1
        for item in said:
            self._of(item).said += 1
        for index, other in pairs:
            self._of(said[index]).said_right += 1
            self._of(gold[other]).gold_found += 1

    def figures(self) -> dict[str, dict[str, float | int | None]]:
        """By name; items without a type are of none."""
        return {tally.name: tally.figures() for _, tally in sorted(self._tallies.items()) if tally.name}

    def _of(self, item: Item) -> _Tally:
        name = self._kind(item)
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = name.casefold()
            self._tallies.setdefault(key, _Tally(name))
        return self._tallies[key]


def _per_type(scored: Sequence[ScoredDocument], scorer: Scorer) -> dict[str, dict[str, float | int | None]]:
    """Entity types (where types count) and predicates, each over the texts that are annotated for it."""
    types = _Tallies(lambda item: item.get("type") or "")
    predicates = _Tallies(lambda item: RELATION + item["predicate"])
    for document in scored:
        gold = document.gold
        if scorer.typed and gold.entities is not None:
            said, truth = distinct_entities(document.entities or (), typed=True), unique_entities(gold)
            types.add(said, truth, scorer.how.entities(said, truth))
        if gold.relations is not None and document.relations is not None:
            said, truth = unique(document.relations), unique_relations(gold)
            predicates.add(said, truth, scorer.how.relations(said, truth))
    return types.figures() | predicates.figures()
