"""A whole document, read: in chunks that fit the model, several at once, and made one again."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from core.documents.chunking import Chunk, chunk
from core.documents.tokens import TokenCounter
from core.errors import CallCancelledError
from core.extraction.budget import chunk_size
from core.extraction.merge import Findings, merge
from core.extraction.read import ChunkReading, Line, read_chunk
from core.records.documents import FoundEntity, FoundRelation, ReadChunk, Ungrounded

Progress = Callable[[int, int], None]
"""Told, by the thread that asked for the document, how many chunks are done and how many there are."""


@dataclass(frozen=True)
class Plan:
    """How a text is cut and how many chunks are asked about at once; all sizes in tokens."""

    tokens: TokenCounter
    context_tokens: int | None = None
    """What the model takes in all; None = nobody knows, so chunks are as large as wanted."""
    max_tokens: int = 4096
    """The most that an answer may have."""
    wanted: int = 1024
    overlap: int = 64
    threads: int = 4


@dataclass(frozen=True)
class Found:
    """What a document says: spans proven against it, what was said but does not stand in it, and what became of every chunk."""

    entities: tuple[FoundEntity, ...]
    relations: tuple[FoundRelation, ...]
    ungrounded: tuple[Ungrounded, ...]
    chunks: tuple[ReadChunk, ...]


def extract_text(text: str, line: Line, plan: Plan, *, progress: Progress = lambda done, of: None) -> Found:
    """Entities and relations of a document. Chunks that could not be read carry their error; the others stand.

    Raises:
        ContextOverflowError: the prompt alone leaves no room for text.
        CallCancelledError: `line.cancelled` turned true.
        UnknownNameError: no such provider. StoreError: a call cannot be recorded.
    """
    size = chunk_size(line.prompts, tokens=plan.tokens, context_tokens=plan.context_tokens, max_tokens=plan.max_tokens, wanted=plan.wanted)
    parts = chunk(text, tokens=plan.tokens, size=size, overlap=plan.overlap)
    readings = _numbered(_read_all(text, parts, line, plan, progress))
    merged = merge(text, [Findings(each.chunk.start, each.chunk.end, each.entities, each.relations) for each in readings])
    return Found(
        entities=merged.entities, relations=merged.relations,
        ungrounded=tuple(said for each in readings for said in each.ungrounded), chunks=tuple(each.chunk for each in readings),
    )  # fmt: skip


def _read_all(text: str, parts: Sequence[Chunk], line: Line, plan: Plan, progress: Progress) -> list[ChunkReading]:
    """Every chunk, in the document's order. What ends one thread ends the others before their next call."""
    ended = threading.Event()
    heeding = replace(line, cancelled=lambda: ended.is_set() or line.cancelled())

    def read(part: Chunk) -> tuple[ChunkReading, ...]:
        if heeding.cancelled():
            raise CallCancelledError("the extraction was cancelled", hint="start it again when it is wanted")
        return read_chunk(text, part, heeding, plan.tokens)

    with ThreadPoolExecutor(max_workers=max(1, min(plan.threads, len(parts))), thread_name_prefix="extract") as pool:
        futures = [pool.submit(read, part) for part in parts]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                progress(done, len(parts))
        except BaseException:
            ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [reading for future in futures for reading in future.result()]


def _numbered(readings: Sequence[ChunkReading]) -> list[ChunkReading]:
    """The readings, numbered through so that they tile the document.

    Where chunks were halved, a piece that lies whole in what its neighbor shares with it is left to the neighbor.
    """
    kept: list[ChunkReading] = []
    for reading in readings:
        while kept and kept[-1].chunk.start >= reading.chunk.start:
            kept.pop()
        if not kept or reading.chunk.end > kept[-1].chunk.end:
            kept.append(reading)
    ends = [0, *(each.chunk.end for each in kept)]
    return [_as_number(number, each, overlap=ends[number] - each.chunk.start) for number, each in enumerate(kept)]


def _as_number(number: int, reading: ChunkReading, *, overlap: int) -> ChunkReading:
    said = tuple(each.model_copy(update={"chunk": number}) for each in reading.ungrounded)
    return replace(reading, chunk=reading.chunk.model_copy(update={"index": number, "overlap": overlap}), ungrounded=said)
