"""Documents that are read in a thread of their own: a page never waits for a model, can stop it, and loses nothing that was brought.

First every file becomes a document of the store, with its domain; then one document after the other is read. So it is known
early how many there are, and what an error or a stop left over is read when somebody says so.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.classifying import Job
from core.errors import CallCancelledError, ModelError, UnknownNameError
from core.records.documents import Classification, Document, Extraction
from core.workbench import Workbench
from core.workflows.classify import classification_of, classify
from core.workflows.documents import UnreadableDocument, Upload, get_document, keep_document, read_documents
from core.workflows.extract import ExtractRequest, Watch, extract_document, prompting


@dataclass(frozen=True)
class Counts:
    """How much was found in a document, and how many of its chunks could not be read."""

    entities: int
    relations: int
    chunks: int
    failed: int

    @classmethod
    def of(cls, made: Extraction) -> "Counts":
        """Those of an extraction."""
        return cls(len(made.entities), len(made.relations), len(made.chunks), len(made.failed))


@dataclass(frozen=True)
class Entry:
    """One document as the list shows it: read (`counts`), not read (`error`), or still to be read. What was found is in the store."""

    file: str
    document: str | None = None
    domain: str | None = None
    given: Classification | None = None
    counts: Counts | None = None
    error: str | None = None
    hint: str = ""

    @property
    def waiting(self) -> bool:
        """Whether it is still to be read."""
        return self.counts is None and self.error is None

    @property
    def failed(self) -> bool:
        """Whether it, or a chunk of it, could not be read."""
        return self.error is not None or bool(self.counts and self.counts.failed)


@dataclass
class Reading(Job):
    """The documents of one extraction. The thread writes, the page reads; `begin` by `go` and `again`."""

    request: ExtractRequest = field(default_factory=ExtractRequest)
    uploads: tuple[Upload, ...] = ()
    """Files that are no documents yet."""
    unreadable: tuple[Upload, ...] = ()
    """Files that could not be read, kept to be tried again."""
    documents: tuple[str, ...] = ()
    """Documents of the store that are not in the list yet."""
    entries: list[Entry] = field(default_factory=list)
    now: str = ""
    """The document that is being read, and how many of its chunks are."""
    done: int = 0
    chunks: int = 0
    _since: float = 0.0
    _share_then: float = 0.0

    def go(self, bench: Workbench) -> "Reading":
        """Read what is still to be read; returns at once."""
        self.begin(lambda: self._work(bench), name="extract", failed="the documents could not be read to the end; what was found is kept")
        return self

    def again(self, bench: Workbench, document: str | None = None) -> "Reading":
        """Read once more what failed: this document, or all."""
        for place, entry in enumerate(self.entries):
            if entry.failed and entry.document and document in (None, entry.document):
                self.entries[place] = replace(entry, counts=None, error=None, hint="")
        if document is None:
            self.entries = [entry for entry in self.entries if entry.document or not self.can_retry(entry)]
            self.uploads, self.unreadable = (*self.uploads, *self.unreadable), ()
        return self.go(bench)

    @property
    def listed(self) -> list[Entry]:
        """Every document so far, and the files that are still to become some."""
        return [*self.entries, *(Entry(file=each.name) for each in self.uploads)]

    @property
    def share(self) -> float:
        """How much of the list is read, 0 to 1; a document under way counts by its chunks."""
        finished = sum(not entry.waiting for entry in self.entries)
        begun = self.done / self.chunks if self.running and self.chunks else 0.0
        return min(1.0, (finished + begun) / max(1, len(self.listed)))

    @property
    def remaining_ms(self) -> float | None:
        """How long the rest takes at the pace so far, None while that is not known."""
        gone, won = time.monotonic() - self._since, self.share - self._share_then
        return gone * (1 - self.share) / won * 1000 if self._since and won > 0 else None

    @property
    def left(self) -> bool:
        """Whether something is still to be read."""
        return bool(self.documents or self.uploads) or any(entry.waiting for entry in self.entries)

    def can_retry(self, entry: Entry) -> bool:
        """Whether what failed can be read once more: the document is kept, or its file is still in memory."""
        return entry.failed and (entry.document is not None or any(_came_from(each, entry.file) for each in self.unreadable))

    def _work(self, bench: Workbench) -> None:
        if self.request.domain is not None:
            prompting(bench, self.request.domain, self.request)  # what was asked for in vain is refused before any file is read
        self._since = 0.0
        self._take_in(bench)
        self._since, self._share_then = time.monotonic(), self.share
        watch = Watch(progress=self._tell, cancelled=self.stop.is_set)
        for place, entry in enumerate(self.entries):
            if self.stop.is_set():
                return
            if entry.waiting and entry.document:
                self.now, self.done, self.chunks = entry.file, 0, 0
                self.entries[place] = self._read(bench, entry, entry.document, watch)
        self.now = ""

    def _take_in(self, bench: Workbench) -> None:
        """Make documents of the files; files that could not be read stay at hand."""
        if self.documents:
            known = [_entry(get_document(bench, each), classification_of(bench, each)) for each in self.documents]
            self.entries += [replace(each, domain=self.request.domain or each.domain) for each in known]
            self.documents = ()
        if not self.uploads:
            return
        self.now = numbered(self.uploads)
        found = list(self._became(bench, self.uploads))
        if self.stop.is_set():  # the list is not whole: the files stay, to be taken in when somebody goes on
            return
        broken = [entry.file for entry in found if entry.document is None]
        self.entries += found
        self.unreadable += tuple(each for each in self.uploads if any(_came_from(each, file) for file in broken))
        self.uploads = ()

    def _became(self, bench: Workbench, uploads: Sequence[Upload]) -> Iterator[Entry]:
        if self.request.domain is None:
            for each in classify(bench, uploads, cancelled=self.stop.is_set):
                if each.document is None:
                    yield Entry(file=each.file, error=each.error, hint=each.hint)
                else:
                    yield replace(_entry(each.document, each.classification), file=each.file)
            return
        for read in read_documents(bench, uploads, cancelled=self.stop.is_set):
            if isinstance(read, UnreadableDocument):
                yield Entry(file=read.name, error=read.message, hint=read.hint)
            else:
                yield Entry(file=read.name, document=keep_document(bench, read).id, domain=self.request.domain)

    def _read(self, bench: Workbench, entry: Entry, document: str, watch: Watch) -> Entry:
        try:
            made = extract_document(bench, document, self.request, watch=watch)
        except CallCancelledError:
            return entry
        except (ModelError, UnknownNameError) as error:
            return replace(entry, error=error.message, hint=error.hint)
        return replace(entry, counts=Counts.of(made), domain=made.domain)

    def _tell(self, file: str, done: int, chunks: int) -> None:
        self.done, self.chunks = done, chunks


def numbered(uploads: Sequence[Upload]) -> str:
    """The files in words."""
    return uploads[0].name if len(uploads) == 1 else f"{len(uploads):,} files"


def _came_from(upload: Upload, file: str) -> bool:
    """Whether a document is this file or a piece of it, as an archive's or a table's are."""
    return file == upload.name or file.startswith((f"{upload.name}/", f"{upload.name}#"))


def _entry(document: Document, given: Classification | None) -> Entry:
    return Entry(file=document.name, document=document.id, domain=given.domain if given else None, given=given)
