"""What a domain is known by, and what it is compared with: texts that have nothing to do with any domain."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.classification.documents import Matrix, directions

BACKGROUND = Path(__file__).with_name("background.jsonl")
KINDS = Path(__file__).with_name("kinds.txt")

SHARE = 5
"""Samples that count as much as the description."""

MOST = 500
"""Samples of a domain that are looked at: evenly spaced ones of more."""

NEIGHBORS = 5
"""Nearest samples whose cosines are averaged."""


@dataclass(frozen=True)
class DomainText:
    """What a domain is known by."""

    name: str
    description: str
    samples: Sequence[str] = ()

    @property
    def looked_at(self) -> list[str]:
        """At most `MOST` samples, evenly spaced, always the same ones."""
        count = len(self.samples)
        return [self.samples[place * count // min(count, MOST)] for place in range(min(count, MOST))]


@dataclass(frozen=True)
class Profile:
    """One domain under one embedder: its description's direction (dimensions,) and its samples' vectors (n, dimensions), n may be 0."""

    name: str
    description: Matrix
    samples: Matrix

    def cosines(self, rows: Matrix) -> Matrix:
        """Cosine of each row to the domain, shape (rows,): to its description; with n samples, the description's share is
        5 / (5 + n), and centroid and nearest neighbors share the rest."""
        found: Matrix = rows @ self.description
        if len(self.samples):
            share = SHARE / (SHARE + len(self.samples))
            found = share * found + (1 - share) * self.to_samples(rows)
        return found

    def to_samples(self, rows: Matrix) -> Matrix:
        """Half the cosine to the samples' centroid, half the mean cosine to the nearest of them, shape (rows,). Needs a sample."""
        count = min(NEIGHBORS, len(self.samples))
        near = np.partition(rows @ self.samples.T, len(self.samples) - count, axis=1)[:, -count:].mean(axis=1)
        centroid = directions(self.samples.mean(axis=0)[None])[0]
        found: Matrix = 0.5 * (near + rows @ centroid)
        return found


def described(name: str, description: str) -> tuple[str, str]:
    """What is encoded for a description: itself, and itself after the domain's name, which is often its best word."""
    return description, f"{name.replace('_', ' ')}: {description}"


@cache
def background_texts() -> tuple[str, ...]:
    """Passages that have nothing to do with any domain, in the file's order."""
    return tuple(json.loads(line)["text"] for line in BACKGROUND.read_text(encoding="utf-8").splitlines())


@cache
def kinds_of_text() -> tuple[str, ...]:
    """Descriptions of kinds of text that nobody asked for, a sentence each."""
    return tuple(KINDS.read_text(encoding="utf-8").splitlines())
