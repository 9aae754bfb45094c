"""Classify: which domain each document belongs to, how sure that is, and setting it right by hand."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from core.classification.recognizer import Recognition, Recognizer, encode_documents
from core.errors import AlreadyExistsError, InvalidValueError, StaleRevisionError, UnknownNameError
from core.records.base import Record, now
from core.records.documents import Classification, Document
from core.records.domains import GENERAL
from core.store.base import Operation, Put
from core.workbench import Workbench
from core.workflows.documents import ReadDocument, Source, UnreadableDocument, document_of, keeping, read_documents
from core.workflows.general import get_domain
from core.workflows.recognition import recognizer
from core.workflows.recognizer import current_head

BATCH = 32
"""Documents that are encoded at once: enough to be quick, few enough to show the first ones soon."""

TRIES = 5
"""Times that a write is tried when somebody else changes the same document."""


class Classified(Record):
    """One document and the domain that it was given, or why it could not be read."""

    file: str
    """As it was given, with the place in it."""
    document: Document | None = None
    classification: Classification | None = None
    error: str | None = None
    hint: str = ""


def classify(
    bench: Workbench, sources: Iterable[Source], *, threshold: float | None = None, top_k: int = 3,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Classified]:  # fmt: skip
    """Every document of the sources with its domain, in their order; each is kept, and what a person said of it stays.

    `threshold` = confidence below which a document is `general`, None = as set.

    Raises:
        InvalidValueError: a threshold outside 0 to 1, or no alternatives asked for.
        ModelError, MissingPartError: the embedder cannot be used.
        StoreError.
    """
    limit = bench.settings.classification_threshold if threshold is None else threshold
    if not 0 <= limit <= 1:
        raise InvalidValueError(f"the threshold {limit} is no confidence", hint="choose one from 0 to 1")
    if top_k < 1:
        raise InvalidValueError(f"{top_k} alternatives cannot be shown", hint="ask for 1 or more")
    return _classified(bench, read_documents(bench, sources, cancelled=cancelled), limit, top_k)


def _classified(
    bench: Workbench, reading: Iterator[ReadDocument | UnreadableDocument], threshold: float, top_k: int
) -> Iterator[Classified]:
    using: Recognizer | None = None
    built = False
    while batch := list(islice(reading, BATCH)):
        readable = [read for read in batch if isinstance(read, ReadDocument)]
        if readable and not built:
            using, built = recognizer(bench, current_head(bench)), True
        kept = iter(_kept(bench, readable, _recognized(bench, using, readable, threshold, top_k)))
        for read in batch:
            if isinstance(read, UnreadableDocument):
                yield Classified(file=read.path, error=read.message, hint=read.hint)
            else:
                document, classification = next(kept)
                yield Classified(file=read.path, document=document, classification=classification)


def _recognized(
    bench: Workbench, using: Recognizer | None, readable: Sequence[ReadDocument], threshold: float, top_k: int
) -> list[Classification]:
    """What the recognizer says of each; without a candidate every document is `general`, and how sure that is nobody knows."""
    drafts = [_draft(bench, read, threshold) for read in readable]
    if using is None or not readable:
        return drafts
    encoded = encode_documents(bench.embedder, [read.text for read in readable], characters=bench.settings.classification_characters)
    said = using.recognize(encoded, threshold=threshold, top_k=top_k)
    return [_answered(draft, recognition) for draft, recognition in zip(drafts, said, strict=True)]


def _draft(bench: Workbench, read: ReadDocument, threshold: float) -> Classification:
    return Classification(
        document="", name=read.name, domain=GENERAL, recognized=GENERAL, confidence=None, score=None, level="Low", none=None,
        threshold=threshold, embedder=bench.embedder.name, digest=bench.embedder.digest,
    )  # fmt: skip


def _answered(draft: Classification, said: Recognition) -> Classification:
    return draft.model_copy(
        update={
            "domain": said.domain, "recognized": said.domain, "confidence": said.confidence, "score": said.score, "level": said.level,
            "none": said.none, "alternatives": said.alternatives, "recognizer": said.recognizer,
        }
    )  # fmt: skip


def _kept(bench: Workbench, reads: Sequence[ReadDocument], said: Sequence[Classification]) -> list[tuple[Document, Classification]]:
    """Write a batch down at once; where a person had given a document its domain, that stays. Of one text brought twice, once."""
    documents = [document_of(read) for read in reads]
    answers = {document.id: each.model_copy(update={"document": document.id}) for document, each in zip(documents, said, strict=True)}
    texts = {document.id: keeping(document, read.text) for document, read in zip(documents, reads, strict=True)}
    for left in reversed(range(TRIES)):
        there = bench.store.get_many(Classification, list(answers))
        new = {key: _beside(answer, there.get(key)) for key, answer in answers.items()}
        operations = [*chain.from_iterable(texts.values()), *(Put(record=each) for each in new.values())]
        try:
            bench.store.write(operations)
            break
        except (AlreadyExistsError, StaleRevisionError):
            if not left:
                raise
    return [
        (document, new[document.id].model_copy(update={"revision": new[document.id].revision + 1, "name": read.name}))
        for document, read in zip(documents, reads, strict=True)
    ]


def _beside(said: Classification, there: Classification | None) -> Classification:
    """What is to be written where a classification is there already, or none."""
    if there is None:
        return said
    kept: dict[str, Any] = {"revision": there.revision}
    if there.overridden:
        kept |= {
            "domain": there.domain, "overridden": True, "overridden_by": there.overridden_by, "overridden_at": there.overridden_at,
        }  # fmt: skip
    return said.model_copy(update=kept)


def override(bench: Workbench, documents: Sequence[str], domain: str | None, *, by: str = "person") -> list[Classification]:
    """Give documents a domain by hand, all or none; None takes a person's word back. What was recognized stays on record.

    Raises:
        UnknownNameError: no such domain, or a document that was never classified.
        StaleRevisionError: somebody else changed one of them at this moment.
    """
    if domain is not None:
        get_domain(bench, domain)
    wanted = list(dict.fromkeys(documents))
    there = bench.store.get_many(Classification, wanted)
    for document in wanted:
        if document not in there:
            raise UnknownNameError.of("classified document", document[:80], [])
    moment = now()
    changed = [
        there[document].model_copy(
            update={
                "domain": there[document].recognized if domain is None else domain, "overridden": domain is not None,
                "overridden_by": None if domain is None else by, "overridden_at": None if domain is None else moment,
            }
        )
        for document in wanted
    ]  # fmt: skip
    operations: list[Operation] = [Put(record=each) for each in changed]
    bench.store.write(operations)
    return [each.model_copy(update={"revision": each.revision + 1}) for each in changed]


def override_count(bench: Workbench) -> int:
    """How many documents have a domain by a person's word."""
    return bench.store.count(Classification, {"overridden": True})


def classification_of(bench: Workbench, document: str) -> Classification | None:
    """Which domain a document was given, None where it was never classified."""
    return bench.store.get(Classification, document)
