"""How much speaks for each domain, and how that was made into odds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.classification.background import Background
from core.classification.calibration import DESCRIBED, Curve, Known, fitted
from core.classification.documents import TINY, Matrix, directions
from core.classification.profiles import Profile

FOLDS = 5
LEAST = 10
"""Samples of a domain from which its confidence is fitted; with fewer, they count for the score and not yet for the confidence."""

TOGETHER = (3, 7)
"""Samples pooled into one text for the fit, from 3 to 6: a sample is a passage, while a document is pooled over several."""


@dataclass(frozen=True)
class Member:
    """One domain as documents are measured by it: both vectors centered; what the passages get with the samples."""

    description: Matrix
    samples: Matrix
    usual: float
    deviation: float
    curve: Curve

    @classmethod
    def of(cls, profile: Profile, background: Background) -> "Member":
        """From a profile as the embedder gave it."""
        description = background.descriptions(profile.description[None])[0]
        samples = background.texts(profile.samples) if len(profile.samples) >= LEAST else profile.samples[:0]
        plain = cls(description=description, samples=samples, usual=0.0, deviation=1.0, curve=DESCRIBED)
        if not len(samples):
            return plain
        cosines = plain.to_samples(background.passages)
        return replace(plain, usual=float(cosines.mean()), deviation=max(float(cosines.std()), TINY))

    def to_samples(self, rows: Matrix, left_out: NDArray[np.intp] | None = None) -> Matrix:
        """Cosines of centered rows to the samples, or to those that are not left out."""
        samples = self.samples if left_out is None else np.delete(self.samples, left_out, axis=0)
        return Profile(name="", description=self.description, samples=samples).to_samples(rows)

    def sampled(self, rows: Matrix, left_out: NDArray[np.intp] | None = None) -> Matrix:
        """Evidence of the samples: cosines in deviations from what the passages get; 0 without samples."""
        if not len(self.samples):
            return np.zeros(len(rows))
        return (self.to_samples(rows, left_out) - self.usual) / self.deviation


@dataclass(frozen=True)
class Evidence:
    """The domains as a document is measured by them."""

    background: Background
    members: tuple[Member, ...]

    def odds(self, rows: Matrix) -> Matrix:
        """Logarithms of the odds of each domain against none, shape (rows, domains); rows as the embedder gave them."""
        centered = self.background.texts(rows)
        return np.column_stack(
            [
                member.curve.odds(self.background.against_description(centered, member.description), member.sampled(centered))
                for member in self.members
            ]
        )


def fit_evidence(profiles: Sequence[Profile], background: Background, *, seed: int = 0) -> Evidence:
    """Measure the domains; those with samples enough share one curve, fitted on what their samples get while they are left out."""
    members = [Member.of(profile, background) for profile in profiles]
    if any(len(member.samples) for member in members):
        curve = fitted(_known(members, background, np.random.default_rng(seed)))
        members = [replace(member, curve=curve) if len(member.samples) else member for member in members]
    return Evidence(background=background, members=tuple(members))


def _known(members: Sequence[Member], background: Background, random: np.random.Generator) -> Known:
    """Samples and texts pooled of several, each measured as if its fold were no sample; the same once more with its own domain gone
    (then it belongs to none); and the passages, which belong to none. Known and none weigh alike."""
    made = [_folds(members, place, background, random) for place, member in enumerate(members) if len(member.samples)]
    passages = _measured(members, background, background.passages)
    described = np.concatenate([*(each[0] for each in made), passages[0]])
    sampled = np.concatenate([*(each[1] for each in made), passages[1]])
    own = np.concatenate([np.full(len(each[0]), each[2]) for each in made])
    none, all_known, all_passages = len(members), len(own), len(passages[0])
    fixed = np.where([len(member.samples) > 0 for member in members], np.nan, DESCRIBED.odds(described, sampled))
    gone = fixed[:all_known].copy()
    gone[np.arange(all_known), own] = -np.inf
    orphans = all_known if none > 1 else 0
    return Known(
        described=np.concatenate([described, described[:orphans]]),
        sampled=np.concatenate([sampled, sampled[:orphans]]),
        fixed=np.concatenate([fixed, gone[:orphans]]),
        labels=np.concatenate([own, np.full(all_passages + orphans, none)]).astype(np.intp),
        weights=np.concatenate(
            [
                np.full(all_known, 1.0),
                np.full(all_passages, all_known / all_passages / (2 if orphans else 1)),
                np.full(orphans, 0.5),
            ]
        ),
    )


def _folds(members: Sequence[Member], own: int, background: Background, random: np.random.Generator) -> tuple[Matrix, Matrix, int]:
    """Evidence (described, sampled) of a domain's samples, alone and pooled, each without its fold."""
    samples = members[own].samples
    order = random.permutation(len(samples))
    found: list[tuple[Matrix, Matrix]] = []
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        sizes = random.integers(*TOGETHER, size=len(held))
        pooled = directions(np.stack([samples[random.choice(held, min(size, len(held)), replace=False)].mean(axis=0) for size in sizes]))
        found.append(_measured(members, background, np.concatenate([samples[held], pooled]), own, held))
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found]), own


def _measured(
    members: Sequence[Member], background: Background, rows: Matrix, own: int = -1, held: NDArray[np.intp] | None = None
) -> tuple[Matrix, Matrix]:
    described = [background.against_description(rows, member.description) for member in members]
    sampled = [member.sampled(rows, held if place == own else None) for place, member in enumerate(members)]
    return np.column_stack(described), np.column_stack(sampled)
