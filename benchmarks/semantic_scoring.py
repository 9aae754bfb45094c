"""Semantic scoring of ten trials over 100 documents: `python -m benchmarks.semantic_scoring`. Goal: 20 times the speed of the plain way.

The plain way encodes every string on its own each time.
Gold is the shipped samples'; a trial's predictions are gold with names dropped, varied and taken from other documents, differently in each
trial. The plain way would take many minutes, so an evenly spaced part of its single encodings is timed and scaled to their number.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.base import Embedder
from core.embeddings.cache import CachedEmbedder
from core.embeddings.embedders import open_embedder
from core.embeddings.similarity import EmbeddingSimilarity
from core.metrics.gold import Item
from core.metrics.matching import SemanticMatcher
from core.store.stores import open_store

TRIALS = 10
DOCUMENTS = 100
TIMED = 100
"""Single encodings that are timed."""

GOAL = 20.0
VARIED: tuple[Callable[[str], str], ...] = (
    lambda name: f"{name}s",
    lambda name: f"the {name}",
    lambda name: name.replace(" ", "-"),
    str.upper,
)

Answer = tuple[list[Item], list[Item]]
"""Entities and relations of one document."""


class Counted:
    """A similarity that notes which strings it was asked for."""

    name = "counted"

    def __init__(self, similarity: EmbeddingSimilarity) -> None:
        self.similarity = similarity
        self.asked: list[str] = []

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
        """As the similarity."""
        self.asked += [*left, *right]
        return self.similarity.matrix(left, right)


def gold_documents() -> list[Answer]:
    """100 annotated samples, the domains in turn."""
    files = [path.read_text(encoding="utf-8").splitlines() for path in sorted(Path("config/samples").glob("*/samples.jsonl"))]
    samples = [json.loads(line) for lines in zip(*files, strict=False) for line in lines]
    return list(islice((_answer(sample) for sample in samples if sample["entities"]), DOCUMENTS))


def predictions(gold: Sequence[Answer], trial: int) -> list[Answer]:
    """What a model might have answered in one trial."""
    chance = random.Random(trial)
    pool = [entity for entities, _ in gold for entity in entities]
    made = []
    for entities, relations in gold:
        names = {entity["text"]: _varied(entity["text"], chance) for entity in entities}
        kept = [{**entity, "text": names[entity["text"]]} for entity in entities if chance.random() > 0.15]
        wrong = [chance.choice(pool) for _ in entities if chance.random() < 0.1]
        links = [
            {**link, "subject": names[link["subject"]], "object": names[link["object"]]} for link in relations if chance.random() > 0.15
        ]
        made.append((kept + wrong, links))
    return made


def run() -> list[tuple[str, float, float, bool]]:
    """Name, value, goal, and whether the goal holds."""
    embedder = open_embedder("minilm")
    embedder.encode(["loaded"])
    gold = gold_documents()
    trials = [predictions(gold, trial) for trial in range(TRIALS)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/vectors.db")
        similarity = Counted(EmbeddingSimilarity(CachedEmbedder(embedder, store)))
        started = time.perf_counter()
        similarity.similarity.prefetch(_strings(gold))
        for trial in trials:
            similarity.similarity.prefetch(_strings(trial))
            _score(similarity, trial, gold, embedder)
        ours = time.perf_counter() - started
        store.close()
    asked = similarity.asked
    timed = asked[:: max(1, len(asked) // TIMED)]
    started = time.perf_counter()
    for text in timed:
        embedder.encode([text])
    plain = (time.perf_counter() - started) / len(timed) * len(asked)
    return [("semantic scoring, times faster than encoding every string each time", plain / ours, GOAL, plain / ours >= GOAL)]


def _score(similarity: Counted, trial: Sequence[Answer], gold: Sequence[Answer], embedder: Embedder) -> None:
    matcher = SemanticMatcher(
        similarity, typed=True, entity_threshold=embedder.entity_threshold, relation_threshold=embedder.relation_threshold
    )
    for predicted, right in zip(trial, gold, strict=True):
        matcher.entities(predicted[0], right[0])
        matcher.relations(predicted[1], right[1])


def _strings(answers: Sequence[Answer]) -> list[str]:
    parts = [[entity["text"] for entity in entities] for entities, _ in answers]
    parts += [[link[part] for link in links for part in ("subject", "predicate", "object")] for _, links in answers]
    return [text for part in parts for text in part]


def _varied(name: str, chance: random.Random) -> str:
    return chance.choice(VARIED)(name) if chance.random() < 0.2 else name


def _answer(sample: dict[str, list[dict[str, str]]]) -> Answer:
    names = {entity["id"]: entity["text"] for entity in sample["entities"]}
    entities = list({entity["text"]: {"text": entity["text"], "type": entity["type"]} for entity in sample["entities"]}.values())
    links = [{"subject": names[r["subject_id"]], "predicate": r["predicate"], "object": names[r["object_id"]]} for r in sample["relations"]]
    return entities, links


if __name__ == "__main__":
    for name, value, goal, holds in run():
        print(f"{name}: {value:.1f} (goal {goal:g}, {'holds' if holds else 'missed'})")
