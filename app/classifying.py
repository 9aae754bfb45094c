"""Recognition in a thread of its own: a page never waits for it, can stop it, and loses nothing that was brought."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from uuid import uuid4

from core.errors import WorkbenchError
from core.records.documents import Classification
from core.records.recognizer import RecognizerVersion
from core.workbench import Workbench
from core.workflows.classify import Classified, classify
from core.workflows.documents import Source
from core.workflows.recognizer import train_recognizer

_log = logging.getLogger(__name__)


@dataclass
class Job:
    """Something long that goes on while pages are looked at. `error` = why it ended early."""

    error: WorkbenchError | None = None
    stop: Event = field(default_factory=Event)
    thread: Thread | None = None
    began: float = 0.0
    spent: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def seconds(self) -> float:
        """How long it took, or takes already."""
        return self.spent + (time.monotonic() - self.began if self.running else 0.0)

    def begin(self, work: Callable[[], None], *, name: str, failed: str) -> None:
        """Do the work; returns at once. `failed` = what is said of a fault that nobody foresaw."""
        self.error, self.began = None, time.monotonic()
        self.stop.clear()
        self.thread = Thread(target=self._do, args=(work, failed, self.began), name=name, daemon=True)
        self.thread.start()

    def _do(self, work: Callable[[], None], failed: str, began: float) -> None:
        try:
            work()
        except WorkbenchError as error:
            self.error = error
        except Exception:
            _log.exception(failed)
            self.error = WorkbenchError(failed, hint="try again; the server's log says why")
        finally:
            self.spent += time.monotonic() - began


@dataclass
class Pile(Job):
    """The documents that a session brought, with their domains. The thread adds rows; the page reads and corrects them."""

    rows: list[Classified] = field(default_factory=list)
    sources: tuple[Source, ...] = ()
    """What was brought and is not recognized to its end; an error or a stop loses none of it."""
    taken: int = 0
    """How many of the sources are done, or being looked at."""
    kept: int = 0
    """Rows of what is done for good."""
    changes: int = 0
    """Grows whenever a row becomes another one."""
    name: str = field(default_factory=lambda: uuid4().hex)
    _taking: bool = False
    _lock: Lock = field(default_factory=Lock)

    @property
    def done(self) -> int:
        """How many of the sources are done: every one makes a row at least, and some are read ahead."""
        return max(0, min(self.taken - 1, len(self.rows) - self.kept))

    def add(self, bench: Workbench, sources: Sequence[Source] = ()) -> None:
        """Recognize further files, and what an error or a stop left before them; returns at once, also while others go on."""
        with self._lock:
            self.sources = (*self.sources, *sources)
            if self._taking:
                return
            self._taking = True
            del self.rows[self.kept :]
            self.taken = 0
            self.changes += 1
            self.begin(lambda: self._recognize(bench), name="classify", failed="the documents could not be recognized to their end")

    def correct(self, changed: Sequence[Classification]) -> None:
        """Take over what a person said of documents."""
        new = {each.document: each for each in changed}
        for place, row in enumerate(self.rows):
            if row.classification and row.classification.document in new:
                self.rows[place] = row.model_copy(update={"classification": new[row.classification.document]})
        self.changes += 1

    def _recognize(self, bench: Workbench) -> None:
        try:
            while not self._is_over():
                for found in classify(bench, self._coming(), cancelled=self.stop.is_set):
                    self.rows.append(found)
        finally:
            self._taking = False

    def _coming(self) -> Iterator[Source]:
        while self.taken < len(self.sources):
            self.taken += 1
            yield self.sources[self.taken - 1]

    def _is_over(self) -> bool:
        """Whether nothing is left to take; then, and not where it was stopped, what was brought may be let go."""
        with self._lock:
            if self.stop.is_set():
                self._taking = False
                return True
            if self.taken < len(self.sources):
                return False
            self.sources, self.taken, self.kept = (), 0, len(self.rows)
            self._taking = False
            return True


@dataclass
class Training(Job):
    """A head of the recognizer being trained; `version` = what came out."""

    step: str = ""
    done: int = 0
    total: int = 1
    version: RecognizerVersion | None = None

    @property
    def share(self) -> float:
        """How much of the present step is done, 0 to 1."""
        return min(1.0, self.done / max(1, self.total))

    def start(self, bench: Workbench) -> None:
        """Begin; returns at once."""
        self.begin(lambda: self._train(bench), name="recognizer", failed="the recognizer could not be trained")

    def _train(self, bench: Workbench) -> None:
        self.version = train_recognizer(bench, progress=self._tell)

    def _tell(self, step: str, done: int, total: int) -> None:
        self.step, self.done, self.total = step, done, total
