"""Which domain a document belongs to: `python -m benchmarks.recognition`. Goals: accuracy, foreign documents, calibration, with MiniLM.

Documents: those shipped, and news of CoNLL04 joined to 3,000 characters. First ways to pool a document's passages are compared, by the
description of each domain alone; the plain mean of three passages is the floor. "Apart" is the share of pairs of a document of a known
domain and one of a domain left out (each in turn) in which the known one has the higher best score. Then the recognizer as it is.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.classification.background import Background
from core.classification.calibration import calibration_error
from core.classification.profiles import DomainText, background_texts, described, kinds_of_text
from core.classification.recognizer import Recognition, build, encode_documents
from core.embeddings.base import Embedder
from core.embeddings.cache import CachedEmbedder
from core.embeddings.embedders import open_embedder
from core.records.domains import GENERAL
from core.store.stores import open_store

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "config" / "samples"
NEWS = ROOT.parent / "shared" / "data" / "conll04"
ABOUT_NEWS = "News agency reports about people, places, organizations and what happened to them."
LONG, NEWS_DOCUMENTS, FOLDS = 3_000, 24, 5

Matrix = NDArray[np.float64]
Row = tuple[str, float, float, bool]
Texts = list[tuple[str, str]]
"""Domain and text."""


def shipped() -> tuple[list[DomainText], Texts]:
    """The sample domains and their documents."""
    folders = sorted(path.parent for path in SAMPLES.glob("*/domain.yml"))
    domains = [
        DomainText(
            name=folder.name,
            description=yaml.safe_load((folder / "domain.yml").read_text(encoding="utf-8"))["description"],
            samples=[json.loads(line)["text"] for line in (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()],
        )
        for folder in folders
    ]
    return domains, [
        (folder.name, path.read_text(encoding="utf-8")) for folder in folders for path in sorted((folder / "documents").glob("*.txt"))
    ]


def news() -> tuple[list[str], list[str]]:
    """Sentences of CoNLL04's test split, and documents joined from its train split; nothing where the corpus is not there."""
    if not NEWS.exists():
        return [], []
    sentences, joined = (
        [json.loads(line)["text"] for line in (NEWS / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]
        for split in ("test", "train")
    )
    text = " ".join(joined)
    return sentences, [text[place * LONG : (place + 1) * LONG] for place in range(NEWS_DOCUMENTS)]


def spread(text: str, count: int, size: int) -> list[str]:
    """So many passages of that size at equal distances; a shorter text is cut into equal ones."""
    text = " ".join(text.split())
    count = max(1, min(count, -(-len(text) // size)))
    size = min(size, -(-len(text) // count))
    return [text[start : start + size] for start in np.linspace(0, len(text) - size, count).astype(int)]


def unit(rows: Matrix) -> Matrix:
    """Rows of length 1."""
    found: Matrix = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return found


def mean(passages: Matrix, descriptions: Matrix) -> Matrix:
    """Cosines of the pooled direction."""
    found: Matrix = unit(passages.mean(axis=0)) @ descriptions.T
    return found


def best(passages: Matrix, descriptions: Matrix) -> Matrix:
    """Cosines of the nearest passage."""
    found: Matrix = (passages @ descriptions.T).max(axis=0)
    return found


def softened(passages: Matrix, descriptions: Matrix) -> Matrix:
    """Means of the passages' cosines, the nearer ones weighing more."""
    cosines = passages @ descriptions.T
    weights = np.exp(8 * cosines)
    found: Matrix = (cosines * weights).sum(axis=0) / weights.sum(axis=0)
    return found


POOLINGS: dict[str, tuple[int, Callable[[Matrix, Matrix], Matrix]]] = {
    "mean of 3 (the floor)": (3, mean),
    "best of 3": (3, best),
    "softened mean of 3": (3, softened),
    "mean of 6": (6, mean),
    "softened mean of 6": (6, softened),
    "mean of 9": (9, mean),
    "best of 9": (9, best),
}


def compared(embedder: Embedder, domains: Sequence[DomainText], documents: Texts) -> list[Row]:
    """Each pooling, and what the recognizer does with the mean of nine: accuracy, and known above foreign."""
    names = [domain.name for domain in domains]
    labels = np.array([names.index(name) for name, _ in documents])
    plain = embedder.encode([domain.description for domain in domains]).astype(np.float64)
    scores = {
        name: np.stack([pool(embedder.encode(spread(text, count, 2000 // count)).astype(np.float64), plain) for _, text in documents])
        for name, (count, pool) in POOLINGS.items()
    }
    background = Background.of(*(embedder.encode(texts).astype(np.float64) for texts in (background_texts(), kinds_of_text())))
    named = unit(
        np.stack([embedder.encode(described(domain.name, domain.description)).astype(np.float64).mean(axis=0) for domain in domains])
    )
    rows = background.texts(
        unit(np.stack([embedder.encode(spread(text, 9, 222)).astype(np.float64).mean(axis=0) for _, text in documents]))
    )
    scores["mean of 9, against kinds of text"] = np.column_stack(
        [background.against_description(rows, each) for each in background.descriptions(named)]
    )
    found: list[Row] = []
    floor = (0.0, 0.0)
    for name, each in scores.items():
        figures = float((each.argmax(axis=1) == labels).mean()), apart(each, labels)
        goals = floor if "kinds" in name else (0.0, 0.0)
        floor = figures if "floor" in name else floor
        for what, figure, goal in zip(("accuracy", "known above foreign"), figures, goals, strict=True):
            found.append((f"descriptions alone, {name}: {what}", figure, goal, figure >= goal))
    return found


def apart(scores: Matrix, labels: NDArray[np.intp]) -> float:
    """Mean area under the receiver's curve, each domain left out in turn."""
    areas = []
    for out in range(scores.shape[1]):
        ranks = rankdata(np.delete(scores, out, axis=1).max(axis=1))
        known = labels != out
        count, others = int(known.sum()), int((~known).sum())
        areas.append((ranks[known].sum() - count * (count + 1) / 2) / (count * others))
    return float(np.mean(areas))


def answers(embedder: Embedder, domains: Sequence[DomainText], texts: Texts) -> list[Recognition]:
    """What the recognizer says."""
    return build(embedder, domains).recognize(encode_documents(embedder, [text for _, text in texts]))


def share(said: Sequence[Recognition], texts: Texts) -> float:
    """Of the right answers."""
    return float(np.mean([answer.domain == name for answer, (name, _) in zip(said, texts, strict=True)]))


def cross_validated(embedder: Embedder, domains: Sequence[DomainText], others: Texts) -> tuple[float, int]:
    """Calibration error, and of how many texts: every sample when it was left out, and the other texts."""
    confidences, right = [], []
    for fold in range(FOLDS):
        learned = [
            DomainText(each.name, each.description, [text for place, text in enumerate(each.samples) if place % FOLDS != fold])
            for each in domains
        ]
        asked = [(each.name, text) for each in domains for text in list(each.samples)[fold::FOLDS]] + others[fold::FOLDS]
        for answer, (name, _) in zip(answers(embedder, learned, asked), asked, strict=True):
            confidences.append(answer.confidence)
            right.append(answer.domain == name)
    return calibration_error(np.array(confidences), np.array(right)), len(right)


def run() -> list[Row]:
    """Name, value, goal, and whether the goal holds."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/vectors.db")
        try:
            return measured(CachedEmbedder(open_embedder("minilm"), store))
        finally:
            store.close()


def measured(embedder: Embedder) -> list[Row]:
    """Everything, with an embedder that encodes each text once."""
    domains, documents = shipped()
    sentences, long = news()
    plain = [DomainText(each.name, each.description) for each in domains]
    with_news = [*plain, DomainText("news", ABOUT_NEWS)]
    everything = [*documents, *(("news", text) for text in long)]
    right = share(answers(embedder, domains, documents), documents)
    found = [("documents shipped, with samples: accuracy", right, 0.95, right >= 0.95)]
    right = share(answers(embedder, plain, documents), documents)
    found.append(("documents shipped, descriptions alone: accuracy", right, 0.8, right >= 0.8))
    if not long:
        sys.stderr.write(f"skipped what is measured on news: {NEWS} is absent\n")
        return found
    foreign: Texts = [(GENERAL, text) for text in [*long, *sentences]]
    for name, known in (("with samples", domains), ("descriptions alone", plain)):
        right = share(answers(embedder, known, foreign), foreign)
        found.append((f"news among the domains shipped, {name}: answered general", right, 0.8, right >= 0.8))
    right = share(answers(embedder, with_news, everything), everything)
    found.append(("documents shipped and news, descriptions alone: accuracy", right, 0.8, right >= 0.8))
    fifth = [*domains, DomainText("news", ABOUT_NEWS, sentences)]
    for name, known, others in (
        ("news foreign", domains, [*documents, *foreign]),
        ("news a fifth domain", fifth, [*documents, *(("news", text) for text in long)]),
    ):
        error, count = cross_validated(embedder, known, others)
        found.append(
            (f"expected calibration error, cross-validated over {count} texts, {name}", error, 0.05, error < 0.05 and count >= 500)
        )
    return [*found, *compared(embedder, with_news, everything)]


if __name__ == "__main__":
    for name, value, goal, holds in run():
        print(f"{name}: {value:.3f} (goal {goal:g}, {'holds' if holds else 'missed'})")
