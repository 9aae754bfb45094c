"""The score of one document."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics.gold import Item, unique_entities, unique_relations
from core.metrics.matching import ExactMatcher, Matcher, SemanticMatcher, Similarity, entity_key, relation_key
from core.records.base import Record
from core.records.domains import Matching, MetricConfig, Preset
from core.records.mentions import mentions
from core.records.samples import Annotation


class Match(Record):
    """Counts of one list against gold, and what follows from them.

    Nothing predicted where gold is empty scores 1; anything predicted there scores 0.
    """

    matched: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Matched share of the predicted."""
        if self.predicted == 0:
            return 1.0 if self.gold == 0 else 0.0
        return self.matched / self.predicted

    @property
    def recall(self) -> float:
        """Matched share of gold."""
        if self.gold == 0:
            return 1.0 if self.predicted == 0 else 0.0
        return self.matched / self.gold

    @property
    def f1(self) -> float:
        """Harmonic mean of both: 2 matched / (predicted + gold)."""
        total = self.predicted + self.gold
        return 2 * self.matched / total if total else 1.0

    def preset(self, config: MetricConfig) -> float:
        """The figure that is optimized: F1, or the weighted mix of precision and recall."""
        if config.preset is Preset.F1:
            return self.f1
        return config.precision_weight * self.precision + config.recall_weight * self.recall


class DocumentScore(Record):
    """Both tasks of one document; None = not annotated."""

    entities: Match | None
    relations: Match | None
    grounded: int
    predicted_names: int
    score: float | None
    """The one overall score by the entities' weight; entities alone where relations are not annotated."""


def unique(items: Sequence[Item]) -> list[Item]:
    """Items without those that are compared as equal to an earlier one."""
    seen: dict[tuple[str, ...], Item] = {}
    for item in items:
        seen.setdefault(relation_key(item) if "subject" in item else entity_key(item, typed=True), item)
    return list(seen.values())


def distinct_entities(items: Sequence[Item], *, typed: bool) -> list[Item]:
    """Entities without repeats; without types, one name is one entity."""
    return unique(items if typed else [item | {"type": None} for item in items])


def matcher(config: MetricConfig, *, typed: bool, similarity: Similarity | None) -> Matcher:
    """The matcher that a metric asks for. Raises ValueError when semantic matching gets no similarity or no thresholds."""
    if config.matching is Matching.EXACT:
        return ExactMatcher(typed=typed)
    if similarity is None or config.entity_threshold is None or config.relation_threshold is None:
        raise ValueError("semantic matching needs a similarity and its thresholds")
    return SemanticMatcher(similarity, typed=typed, entity_threshold=config.entity_threshold, relation_threshold=config.relation_threshold)


def match_entities(predicted: Sequence[Item], gold: Annotation, how: Matcher, *, typed: bool) -> Match:
    """Predicted entities against gold; without types in gold, equal names are one."""
    said, truth = distinct_entities(predicted, typed=typed), distinct_entities(unique_entities(gold), typed=typed)
    return Match(matched=len(how.entities(said, truth)), predicted=len(said), gold=len(truth))


def match_relations(predicted: Sequence[Item], gold: Annotation, how: Matcher) -> Match:
    """Predicted relations against gold, by the names of their ends."""
    said, truth = unique(predicted), unique(unique_relations(gold))
    return Match(matched=len(how.relations(said, truth)), predicted=len(said), gold=len(truth))


@dataclass(frozen=True)
class Scorer:
    """How documents are scored: a matcher, the metric's weights, and whether types count."""

    how: Matcher
    config: MetricConfig
    typed: bool

    def document(self, text: str, gold: Annotation, entities: Sequence[Item], relations: Sequence[Item] | None) -> DocumentScore:
        """One document's score, both tasks in a row. `relations` None = the program does not look for any."""
        found = match_entities(entities, gold, self.how, typed=self.typed) if gold.entities is not None else None
        linked = match_relations(relations, gold, self.how) if gold.relations is not None and relations is not None else None
        names = [item["text"] for item in distinct_entities(entities, typed=False)]
        return DocumentScore(
            entities=found,
            relations=linked,
            grounded=sum(bool(mentions(text, name)) for name in names),
            predicted_names=len(names),
            score=overall(found, linked, self.config),
        )


def overall(entities: Match | None, relations: Match | None, config: MetricConfig) -> float | None:
    """Entity and relation figure by their weights; the one that is annotated where only one is."""
    parts = [
        (match.preset(config), weight)
        for match, weight in ((entities, config.entity_weight), (relations, 1 - config.entity_weight))
        if match is not None
    ]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0][0]
    return sum(value * weight for value, weight in parts)
