"""Extract: what a document says, read with the prompt that was trained for its domain."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.errors import InvalidValueError, ModelError, UnknownNameError
from core.extraction.extract import Plan, extract_text
from core.extraction.read import Line
from core.llm.choice import choose_model
from core.llm.recorder import StoreRecorder
from core.llm.use_cases import effective
from core.programs.generic import generic_prompts
from core.records.base import Record
from core.records.documents import Classification, Document, Extraction, ReadChunk
from core.records.domains import GENERAL
from core.records.models import Call, ModelInfo, Parameters, Text, UseCase
from core.records.prompts import TaskPrompt
from core.records.samples import TASKS, Task
from core.store.base import Operation, Put, Remove
from core.workbench import Workbench
from core.workflows.classify import classify
from core.workflows.deployments import deployed
from core.workflows.documents import Source, UnreadableDocument, document_text, get_document, keep_document, read_documents
from core.workflows.general import get_domain
from core.workflows.prompts import get_version
from core.workflows.tokens import context_of, counter_of

GENERIC = "generic"
"""In the place of a version: the prompt that nobody trained."""


class ExtractRequest(Record):
    """How documents are to be read; None = as it follows from the document: its recognized domain, what that uses, that one's model."""

    domain: str | None = None
    version: str | None = None
    """A version of the domain, or `generic`."""
    model: str | None = None


AS_IT_FOLLOWS = ExtractRequest()


class Extracted(Record):
    """One document and what was found in it, or why it could not be read."""

    file: str
    document: Document | None = None
    classification: Classification | None = None
    extraction: Extraction | None = None
    error: str | None = None
    hint: str = ""


@dataclass(frozen=True)
class Watch:
    """How an extraction tells how far it is (file, chunks done, chunks in all) and learns that it is to stop."""

    progress: Callable[[str, int, int], None] = lambda file, done, chunks: None
    cancelled: Callable[[], bool] = lambda: False


UNWATCHED = Watch()


class Prompting(Record):
    """Which prompts read a document, and which model they go to. `version` None = the generic ones."""

    domain: str
    version: str | None
    prompts: dict[Task, TaskPrompt]
    model: ModelInfo


def extract(bench: Workbench, sources: Iterable[Source], request: ExtractRequest, *, watch: Watch = UNWATCHED) -> Iterator[Extracted]:
    """Every document of the sources, recognized unless a domain is named, then read; one that fails stops no other.

    Raises:
        UnknownNameError: no such domain, version or model.
        InvalidValueError: a version is named without its domain.
        StoreError.
    """
    if request.domain is not None:
        prompting(bench, request.domain, request)  # what was asked for in vain is refused before any file is read
    elif request.version not in (None, GENERIC):
        raise InvalidValueError(f"version {request.version} is one of a domain", hint="name the domain as well: --domain DOMAIN")
    return _extracted(bench, sources, request, watch)


def _extracted(bench: Workbench, sources: Iterable[Source], request: ExtractRequest, watch: Watch) -> Iterator[Extracted]:
    for came in _came_in(bench, sources, request, watch):
        if came.document is None or watch.cancelled():
            yield came
            continue
        try:
            found = extract_document(bench, came.document.id, request, watch=watch)
        except (ModelError, UnknownNameError) as error:
            yield came.model_copy(update={"error": error.message, "hint": error.hint})
        else:
            yield came.model_copy(update={"extraction": found})


def _came_in(bench: Workbench, sources: Iterable[Source], request: ExtractRequest, watch: Watch) -> Iterator[Extracted]:
    """Documents kept in the store; recognized where no domain is named, which needs the embedder."""
    if request.domain is None:
        for each in classify(bench, sources, cancelled=watch.cancelled):
            yield Extracted(file=each.file, document=each.document, classification=each.classification, error=each.error, hint=each.hint)
        return
    for read in read_documents(bench, sources, cancelled=watch.cancelled):
        if isinstance(read, UnreadableDocument):
            yield Extracted(file=read.path, error=read.message, hint=read.hint)
        else:
            yield Extracted(file=read.path, document=keep_document(bench, read))


def extract_document(bench: Workbench, document: str, request: ExtractRequest = AS_IT_FOLLOWS, *, watch: Watch = UNWATCHED) -> Extraction:
    """Read a document that came in before and keep what was found, in the place of what the same version found before.

    Without a domain it is the one that the document was given, by the recognizer or by a person, else the general one.
    Chunks that could not be read are listed in the result.

    Raises:
        UnknownNameError: no such document, domain, version or model.
        ModelError: the model cannot be used at all, or less could be read than before; CallCancelledError: `watch` said so.
    """
    known = get_document(bench, document)
    text = document_text(bench, document)
    given = bench.store.get(Classification, document)
    using = prompting(bench, request.domain or (given.domain if given else GENERAL), request)
    began = time.monotonic()
    found = extract_text(
        text, _line(bench, using, watch), _plan(bench, using), progress=lambda done, of: watch.progress(known.name, done, of)
    )
    made = Extraction(
        id=f"{document}/{using.version or GENERIC}", document=document, name=known.name, domain=using.domain, version=using.version,
        model=using.model.id, ms=round((time.monotonic() - began) * 1000, 1), entities=found.entities, relations=found.relations,
        ungrounded=found.ungrounded, chunks=found.chunks, tokens=counter_of(bench, using.model).name,
    )  # fmt: skip
    _refuse_worse(bench, made)
    operations: list[Operation] = [Remove(kind=Extraction, key=made.id), Put(record=made)]
    bench.store.write(operations)
    return made


def _refuse_worse(bench: Workbench, made: Extraction) -> None:
    """What was found stays where a second reading failed at more of the same text than the first."""
    former = bench.store.get(Extraction, made.id)
    if former is None or _unread(made) <= _unread(former):
        return
    failed = made.failed[0]
    raise ModelError(
        f"{len(made.failed)} of {len(made.chunks)} chunks could not be read this time, and what was found before stays: {failed.error}",
        hint=failed.hint or "try again when the model answers",
    )


def _unread(made: Extraction) -> int:
    """Characters in chunks that failed."""
    return sum(chunk.end - chunk.start for chunk in made.failed)


def prompting(bench: Workbench, domain: str, request: ExtractRequest = AS_IT_FOLLOWS) -> Prompting:
    """The prompts that a domain's documents are read with: the version asked for, else that in production, else the generic ones.

    Raises:
        UnknownNameError: no such domain, version or model.
        ModelUnavailableError: the model's provider does not answer.
    """
    of = get_domain(bench, domain)
    current = deployed(bench, domain)
    wanted = request.version or (current.version if current else GENERIC)
    if wanted != GENERIC:
        version = get_version(bench, domain, wanted)
        model = choose_model(bench.gateway, request.model or version.model, default=bench.settings.ollama_model_generation)
        prompts = {task: version.tasks[task] for task in TASKS if task in version.tasks}
        return Prompting(domain=domain, version=version.id, prompts=prompts, model=model)
    model = choose_model(bench.gateway, request.model, of.model, default=bench.settings.ollama_model_generation)
    provider, _ = bench.gateway.provider_of(model.id)
    prompts = generic_prompts(of, takes_schema=provider.takes_schema)
    return Prompting(domain=domain, version=None, prompts=prompts, model=model)


def extractions_of(bench: Workbench, document: str) -> list[Extraction]:
    """What was found in a document so far, one a version, newest first."""
    return list(bench.store.each(Extraction, {"document": document}, order="at", descending=True))


class ChunkCall(Record):
    """One call that read a chunk: what was sent, what came back, or why nothing did."""

    call: Call
    prompt: str
    answer: str | None


def chunk_calls(bench: Workbench, chunk: ReadChunk) -> list[ChunkCall]:
    """Prompts and answers of a chunk, in their order; a call whose record is gone is left out."""
    calls = bench.store.get_many(Call, chunk.calls)
    found = [calls[id] for id in chunk.calls if id in calls]
    texts = bench.store.get_many(Text, [ref for call in found for ref in (call.prompt_ref, call.answer_ref) if ref])
    return [
        ChunkCall(
            call=call, prompt=texts[call.prompt_ref].content if call.prompt_ref in texts else "",
            answer=texts[call.answer_ref].content if call.answer_ref and call.answer_ref in texts else None,
        )
        for call in found
    ]  # fmt: skip


def _line(bench: Workbench, using: Prompting, watch: Watch) -> Line:
    return Line(
        prompts=using.prompts, model=using.model.id, gateway=bench.gateway, recorder=StoreRecorder(bench.store), cancelled=watch.cancelled
    )  # fmt: skip


def _plan(bench: Workbench, using: Prompting) -> Plan:
    settings = bench.settings
    longest = effective(UseCase.ENTITY_EXTRACTION, Parameters()).max_tokens
    return Plan(
        tokens=counter_of(bench, using.model), context_tokens=context_of(bench, using.model), max_tokens=longest or settings.chunk_tokens,
        wanted=settings.chunk_tokens, overlap=settings.chunk_overlap_tokens, threads=settings.extraction_threads,
    )  # fmt: skip
