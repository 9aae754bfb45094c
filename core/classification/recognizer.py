"""Which domain a document belongs to, how sure that is, and whether it is none of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.classification.background import Background
from core.classification.calibration import probabilities
from core.classification.documents import Encoded, Matrix, directions, encode_documents, pooled
from core.classification.evidence import Evidence, fit_evidence
from core.classification.head import predict
from core.classification.profiles import DomainText, Profile, background_texts, described, kinds_of_text
from core.embeddings.base import Embedder, encode_under
from core.errors import InvalidValueError
from core.records.documents import Guess, Level
from core.records.domains import GENERAL
from core.records.recognizer import RecognizerVersion

__all__ = ["Guess", "Recognition", "Recognizer", "build", "encode_documents", "level_of", "pooled"]

THRESHOLD = 0.5
ALTERNATIVES = 3
HIGH, MEDIUM = 0.8, 0.5


@dataclass(frozen=True)
class Recognition:
    """What was recognized in one document.

    `confidence` is the probability that the answer is right: of the domain, or for `general` that of `none`, which may be below the
    candidates'. `score` is the cosine to the domain answered; for `general`, to the best candidate. `alternatives` are the best
    candidates, the one answered among them. `recognizer` names the trained head that was asked; None = none was.
    """

    domain: str
    confidence: float
    score: float
    level: Level
    alternatives: tuple[Guess, ...]
    none: float
    recognizer: str | None = None


@dataclass(frozen=True)
class Recognizer:
    """A set of domains under one embedder, built once and never changed; safe for several threads."""

    embedder: str
    digest: str
    profiles: tuple[Profile, ...]
    evidence: Evidence
    head: RecognizerVersion | None = None

    def recognize(self, documents: Encoded, *, threshold: float = THRESHOLD, top_k: int = ALTERNATIVES) -> list[Recognition]:
        """One answer a document, in their order: the likeliest domain if its confidence reaches the threshold, else `general`.

        Raises:
            InvalidValueError: the documents were encoded under another model than the domains.
        """
        chances, scores = self.chances(documents), self.scores(documents)
        return [self._answer(*each, threshold, top_k) for each in zip(chances, scores, strict=True)]

    def chances(self, documents: Encoded) -> Matrix:
        """Probabilities (documents, domains + 1), the last column none. With a head: P(domain) = (1 - P(none)) times the head's.

        Raises:
            InvalidValueError: the documents were encoded under another model than the domains.
        """
        self._check(documents)
        rows = pooled(documents)
        found = probabilities(self.evidence.odds(rows))
        if self.head is not None:
            found[:, :-1] = (1 - found[:, -1:]) * predict(self.head, rows)
        return found

    def scores(self, documents: Encoded) -> Matrix:
        """Cosines to the domains (documents, domains). Raises as `chances`."""
        self._check(documents)
        rows = pooled(documents)
        return np.column_stack([profile.cosines(rows) for profile in self.profiles])

    def _check(self, documents: Encoded) -> None:
        if documents.digest != self.digest:
            raise InvalidValueError(
                f"the documents were encoded by {documents.embedder} ({documents.digest[:12]}), "
                f"the domains by {self.embedder} ({self.digest[:12]})",
                hint="encode both with the same embedder: vectors of two models cannot be compared",
            )

    def _answer(self, chances: Matrix, scores: Matrix, threshold: float, top_k: int) -> Recognition:
        none = float(chances[-1])
        order = np.lexsort((-scores, -chances[:-1]))
        guesses = tuple(
            Guess(domain=self.profiles[place].name, confidence=float(chances[place]), score=float(scores[place])) for place in order
        )
        best = guesses[0]
        domain = best.domain if best.confidence >= threshold and best.confidence > none else GENERAL
        confidence = none if domain == GENERAL else best.confidence
        return Recognition(
            domain=domain, confidence=confidence, score=best.score, level=level_of(confidence), alternatives=guesses[:top_k], none=none,
            recognizer=self.head.id if self.head else None,
        )  # fmt: skip


def level_of(confidence: float) -> Level:
    """High above 0.8, Medium above 0.5, else Low."""
    return "High" if confidence > HIGH else "Medium" if confidence > MEDIUM else "Low"


def build(embedder: Embedder, domains: Sequence[DomainText], *, head: RecognizerVersion | None = None) -> Recognizer:
    """Encode what the domains are known by (and the background, once a cache is behind the embedder) and fit the confidence.

    Raises:
        InvalidValueError: no domain, or a head of other domains or of another embedder.
        others: as `Embedder.encode`.
    """
    if not domains:
        raise InvalidValueError("there is no domain that a document could belong to", hint="deploy a version or set a domain ready by hand")
    texts = [*background_texts(), *kinds_of_text()]
    known = [[*described(domain.name, domain.description), *domain.looked_at] for domain in domains]
    digest, vectors = encode_under(embedder, [*texts, *(text for each in known for text in each)])
    rows = vectors.astype(np.float64)
    background = Background.of(rows[: len(background_texts())], rows[len(background_texts()) : len(texts)])
    ends = np.cumsum([len(each) for each in known])[:-1]
    profiles = tuple(
        Profile(name=domain.name, description=directions(own[:2].mean(axis=0)[None])[0], samples=own[2:])
        for domain, own in zip(domains, np.split(rows[len(texts) :], ends), strict=True)
    )
    if head is not None and (head.digest != digest or list(head.domains) != [domain.name for domain in domains]):
        raise InvalidValueError(
            f"the head {head.id} was trained for {', '.join(head.domains)} under {head.embedder}",
            hint="train the recognizer again for the domains and the embedder of now",
        )
    return Recognizer(
        embedder=embedder.name, digest=digest, profiles=profiles, evidence=fit_evidence(profiles, background), head=head
    )  # fmt: skip
