"""Documents that came in: which domain each was given, and what was found in it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from core.records.base import Record, Versioned, now

Level = Literal["High", "Medium", "Low"]
"""How sure: a confidence above 0.8, above 0.5, or less."""


class Document(Record):
    """A text that came in. Texts are the same document where they are the same text; the text is kept under `id`."""

    id: str
    """SHA-256 of the text."""
    name: str
    kind: str
    characters: int
    pages: int | None = None
    notes: tuple[str, ...] = ()
    """What reading left out or mended, in words."""
    received_at: datetime = Field(default_factory=now)


class Guess(Record):
    """One candidate: `confidence` = calibrated probability, `score` = cosine to the domain."""

    domain: str
    confidence: float
    score: float


class Classification(Versioned):
    """Which domain a document was given. A person's word stands above the recognizer's and is kept beside it."""

    document: str
    name: str
    domain: str
    """What holds: the person's word, else the recognizer's."""
    recognized: str
    confidence: float | None
    """Calibrated probability that `recognized` is right; None = there was no candidate."""
    score: float | None
    """Cosine to the domain recognized; for the general one, to the best candidate."""
    level: Level
    none: float | None
    """Probability that it belongs to none of the candidates."""
    alternatives: tuple[Guess, ...] = ()
    threshold: float
    recognizer: str | None = None
    """The trained head's version; None = descriptions and samples alone."""
    embedder: str
    digest: str
    at: datetime = Field(default_factory=now)
    overridden: bool = False
    overridden_by: str | None = None
    overridden_at: datetime | None = None


class FoundEntity(Record):
    """One mention, proven against the text: `document[start:end] == text`."""

    text: str
    type: str | None = None
    start: int
    end: int
    description: str | None = None


class FoundRelation(Record):
    """A directed link; each end is a mention in the text, and the evidence spans both."""

    subject: str
    predicate: str
    object: str
    subject_start: int
    subject_end: int
    object_start: int
    object_end: int
    description: str | None = None

    @property
    def evidence(self) -> tuple[int, int]:
        """Where the text says so: from the first end's beginning to the last one's end."""
        return min(self.subject_start, self.object_start), max(self.subject_end, self.object_end)


class Ungrounded(Record):
    """Something a model said that the text does not hold; kept out of everything, and counted."""

    kind: Literal["entity", "relation"]
    said: str
    chunk: int


class ReadChunk(Record):
    """One chunk of a document and what became of it; code points, end exclusive."""

    index: int
    start: int
    end: int
    overlap: int
    tokens: int
    error: str | None = None
    hint: str = ""
    calls: tuple[str, ...] = ()
    """Ids of the calls that read it, in their order."""
    entities: int = 0
    relations: int = 0
    ungrounded: int = 0


class Extraction(Record):
    """What one prompt version found in one document. Done again, it takes the place of the former one."""

    id: str
    """`{document}/{version or 'generic'}`."""
    document: str
    name: str
    domain: str
    version: str | None
    """None = the generic prompt."""
    model: str
    at: datetime = Field(default_factory=now)
    ms: float
    entities: tuple[FoundEntity, ...]
    relations: tuple[FoundRelation, ...]
    ungrounded: tuple[Ungrounded, ...] = ()
    chunks: tuple[ReadChunk, ...]
    tokens: str
    """How tokens were counted, in words."""

    @property
    def failed(self) -> tuple[ReadChunk, ...]:
        """Chunks that could not be read."""
        return tuple(chunk for chunk in self.chunks if chunk.error is not None)
