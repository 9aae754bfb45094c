"""Imports and their previews in a thread of their own: a page never waits for a file, and can stop it."""

import io
import logging
from dataclasses import dataclass, field
from threading import Event, Thread

from core.errors import WorkbenchError
from core.records.datasets import ImportReport
from core.workbench import Workbench
from core.workflows.imports import Watch, import_samples, preview_import

_log = logging.getLogger(__name__)


class NamedBytes(io.BytesIO):
    """A file in memory with the name it came with."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


@dataclass(frozen=True)
class Asked:
    """What is to be imported, and where to."""

    dataset: str
    domain: str | None
    content: bytes
    name: str


@dataclass
class Import:
    """One preview or import under way; whoever shows it reads, nobody else writes."""

    asked: Asked
    preview: bool
    lines: int = 0
    done_bytes: int = 0
    report: ImportReport | None = None
    error: WorkbenchError | None = None
    stop: Event = field(default_factory=Event)
    thread: Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def share(self) -> float:
        """How much of the file is read, 0 to 1."""
        return min(1.0, self.done_bytes / max(1, len(self.asked.content)))

    def start(self, bench: Workbench) -> "Import":
        """Begin; returns at once."""
        self.thread = Thread(target=self._work, args=(bench,), name="import", daemon=True)
        self.thread.start()
        return self

    def _work(self, bench: Workbench) -> None:
        work = preview_import if self.preview else import_samples
        asked = self.asked
        source = NamedBytes(asked.content, asked.name)
        try:
            self.report = work(
                bench, dataset=asked.dataset, source=source, domain=asked.domain, watch=Watch(progress=self._tell, stopped=self.stop.is_set)
            )
        except WorkbenchError as error:
            self.error = error
        except Exception:
            _log.exception("an import failed")
            self.error = WorkbenchError(
                "the file could not be looked through to its end; nothing was added", hint="the server's log says why"
            )

    def _tell(self, lines: int, done_bytes: int) -> None:
        self.lines, self.done_bytes = lines, done_bytes


def lines_of(content: bytes, numbers: frozenset[int]) -> str:
    """The lines of a file with these numbers (the first is 1), whole and as they stand, to be mended."""
    wanted = (line for number, line in enumerate(io.BytesIO(content), 1) if number in numbers)
    return "".join(line.decode("utf-8", "replace").rstrip("\r\n") + "\n" for line in wanted)
