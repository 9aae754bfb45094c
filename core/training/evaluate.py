"""Kept prompts on annotated samples, entities and relations in a row, exactly as extraction runs them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from core.errors import AnswerError, ModelError
from core.metrics.aggregate import ScoredDocument, aggregate
from core.metrics.document import DocumentScore, Match, Scorer, match_relations
from core.metrics.gold import Item, unique_entities
from core.programs.reader import Reader
from core.records.runs import Scores
from core.records.samples import Sample


@dataclass(frozen=True)
class Reading:
    """What one set of prompts found in one sample; `error` = a call or a parse failed, so there is no score."""

    sample: Sample
    entities: list[Item] | None = None
    relations: list[Item] | None = None
    score: DocumentScore | None = None
    error: str | None = None
    failure: Literal["call", "parse"] | None = None
    given_gold: Match | None = None
    """The relations alone, given the gold entities."""

    def document(self) -> ScoredDocument:
        """As the figures are made of it."""
        return ScoredDocument(
            text=self.sample.text, gold=self.sample, entities=_tuple(self.entities), relations=_tuple(self.relations), score=self.score,
            error=self.error, failure=self.failure,
        )  # fmt: skip


def read(reader: Reader, sample: Sample, scorer: Scorer, *, gold_entities_too: bool = True) -> Reading:
    """One sample, scored; relations once more given the gold entities, unless told not to. A failure is kept as such."""
    entities: list[Item] | None = None
    relations: list[Item] | None = None
    wants_relations = "relations" in reader.prompts and sample.relations is not None
    try:
        entities = reader.entities(sample.text)
        relations = reader.relations(sample.text, entities) if wants_relations else None
    except ModelError as error:
        failure: Literal["call", "parse"] = "parse" if isinstance(error, AnswerError) else "call"
        return Reading(sample=sample, entities=entities, error=error.message, failure=failure)
    return Reading(
        sample=sample, entities=entities, relations=relations,
        score=scorer.document(sample.text, sample, entities, relations),
        given_gold=_given_gold(reader, sample, scorer) if wants_relations and gold_entities_too else None,
    )  # fmt: skip


def _tuple(found: list[Item] | None) -> tuple[Item, ...] | None:
    return None if found is None else tuple(found)


def _given_gold(reader: Reader, sample: Sample, scorer: Scorer) -> Match | None:
    try:
        found = reader.relations(sample.text, unique_entities(sample))
    except ModelError:
        return None
    return match_relations(found, sample, scorer.how)


@dataclass(frozen=True)
class Hooks:
    """Called around each sample, in the thread that reads it."""

    before: Callable[[Sample], None] = lambda sample: None
    after: Callable[[Reading], None] = lambda reading: None


def read_all(
    reader: Reader, samples: Sequence[Sample], scorer: Scorer, *, threads: int, hooks: Hooks = Hooks(), gold_entities_too: bool = True
) -> list[Reading]:
    """Every sample, in its order. What a hook raises ends it."""

    def one(sample: Sample) -> Reading:
        hooks.before(sample)
        reading = read(reader, sample, scorer, gold_entities_too=gold_entities_too)
        hooks.after(reading)
        return reading

    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="evaluate") as pool:
        futures = [pool.submit(one, sample) for sample in samples]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def figures(readings: Sequence[Reading], scorer: Scorer) -> Scores:
    """The readings' figures; the relations given gold entities stand beside them."""
    given = [reading.given_gold.f1 for reading in readings if reading.given_gold is not None]
    scores = aggregate([reading.document() for reading in readings], scorer)
    return scores.model_copy(update={"relation_f1_gold_entities": sum(given) / len(given) if given else None})
