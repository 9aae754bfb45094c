"""One chunk, read: entities, then relations, each proven against it; what fails stops no other chunk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.documents.chunking import Chunk, chunk
from core.documents.tokens import TokenCounter
from core.errors import CallCancelledError, ContextOverflowError, ModelError
from core.extraction.align import NO_LINKS, NO_NAMES, Links, Names, align_entities, align_relations
from core.extraction.repair import repaired
from core.llm.gateway import Gateway, RecordedCall, Recorder
from core.llm.providers.base import Cancelled
from core.programs.reader import Reader
from core.records.documents import FoundEntity, FoundRelation, ReadChunk, Ungrounded
from core.records.models import Call, ModelRequest, UseCase
from core.records.prompts import TaskPrompt
from core.records.samples import Task

_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
"""Lone surrogates: no request can carry them. What takes their place is as long, so that offsets hold."""
SMALLEST = 32
"""Tokens below which a chunk that does not fit its model is not halved again."""


@dataclass(frozen=True)
class Line:
    """The way to the model: whose prompts, which model, through which gateway, recorded where."""

    prompts: Mapping[Task, TaskPrompt]
    model: str
    gateway: Gateway
    recorder: Recorder
    cancelled: Cancelled = lambda: False


@dataclass(frozen=True)
class ChunkReading:
    """What became of one chunk, in offsets of its document."""

    chunk: ReadChunk
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    ungrounded: tuple[Ungrounded, ...] = ()


class Noting:
    """A recorder that also keeps the ids of the calls that pass, failed ones too, in their order."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.calls: list[str] = []

    @property
    def run_id(self) -> str | None:
        """The training run that the calls belong to: none."""
        return self._recorder.run_id

    def occurrence(self, request_hash: str) -> int:
        """Which time this very request is made."""
        return self._recorder.occurrence(request_hash)

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        """The same call of an earlier attempt."""
        known = self._recorder.recorded(request_hash, occurrence)
        if known is not None:
            self.calls.append(known.call.id)
        return known

    def begin(self, call: Call, prompt: str) -> None:
        """A real call is about to be made."""
        self._recorder.begin(call, prompt)

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        """It was made."""
        self._recorder.record(call, prompt, answer)
        self.calls.append(call.id)


def read_chunk(document: str, part: Chunk, line: Line, tokens: TokenCounter) -> tuple[ChunkReading, ...]:
    """What the chunk says. One that does not fit the model is read in halves, each a chunk of its own.

    Raises:
        CallCancelledError: `line.cancelled` turned true.
        StoreError: a call cannot be recorded.
    """
    noting = Noting(line.recorder)
    try:
        return (_read(document, part, line, noting),)
    except ContextOverflowError as error:
        halves = _halves(document, part, tokens)
        if len(halves) < 2:
            return (_reading(part, noting, error=f"it does not fit the model: {error.message}", hint=error.hint),)
    return tuple(_with_calls(each, noting.calls) for half in halves for each in read_chunk(document, half, line, tokens))


def _read(document: str, part: Chunk, line: Line, noting: Noting) -> ChunkReading:
    """Both tasks in a row. Without two names there is nothing that relations could join, and nobody is asked."""

    def ask(request: ModelRequest) -> str:
        return line.gateway.complete(UseCase.ENTITY_EXTRACTION, request, recorder=noting, cancelled=line.cancelled).text

    reader = Reader(prompts=line.prompts, model=line.model, ask=ask, repair=repaired)
    text = document[part.start : part.end]
    sent = _HALF_CHARACTERS.sub("\ufffd", text)
    if not text.strip():
        return _reading(part, noting)
    names, links, task = NO_NAMES, NO_LINKS, "entities"
    try:
        names = align_entities(text, reader.entities(sent), start=part.start)
        if "relations" in line.prompts and len({item["text"] for item in names.items}) > 1:
            task = "relations"
            links = align_relations(text, reader.relations(sent, names.items), names.found, start=part.start)
    except (CallCancelledError, ContextOverflowError):
        raise
    except ModelError as error:
        return _reading(part, noting, names, error=f"{task} could not be read: {error.message}", hint=error.hint)
    return _reading(part, noting, names, links)


def _reading(
    part: Chunk, noting: Noting, names: Names = NO_NAMES, links: Links = NO_LINKS, *, error: str | None = None, hint: str = ""
) -> ChunkReading:
    ungrounded = [Ungrounded(kind="entity", said=said, chunk=part.index) for said in names.ungrounded]
    ungrounded += [Ungrounded(kind="relation", said=said, chunk=part.index) for said in links.ungrounded]
    became = ReadChunk(
        index=part.index, start=part.start, end=part.end, overlap=part.overlap, tokens=part.tokens, error=error, hint=hint,
        calls=tuple(noting.calls), entities=len(names.found), relations=len(links.found), ungrounded=len(ungrounded),
    )  # fmt: skip
    return ChunkReading(became, names.found, links.found, tuple(ungrounded))


def _halves(document: str, part: Chunk, tokens: TokenCounter) -> tuple[Chunk, ...]:
    """The chunk cut between sentences, without overlap; itself alone where it is too small to be cut."""
    if part.tokens < 2 * SMALLEST:
        return (part,)
    pieces = chunk(document[part.start : part.end], tokens=tokens, size=(part.tokens + 1) // 2, overlap=0)
    places = [{"index": part.index, "start": part.start + each.start, "end": part.start + each.end} for each in pieces]
    return tuple(each.model_copy(update=place) for each, place in zip(pieces, places, strict=True))


def _with_calls(reading: ChunkReading, calls: Sequence[str]) -> ChunkReading:
    """The reading of a half, with the calls that were made for the whole before its own."""
    return replace(reading, chunk=reading.chunk.model_copy(update={"calls": (*calls, *reading.chunk.calls)}))
