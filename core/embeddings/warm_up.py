"""Loading an embedder behind the first page, and what a page says while it waits."""

import threading
import time
from typing import Literal

from core.embeddings.base import Embedder
from core.errors import MissingPartError, ModelError
from core.records.base import Record


class WarmUpState(Record):
    """How far loading is. `seconds` since it began, until it ended."""

    name: str
    phase: Literal["loading", "ready", "failed"]
    seconds: float
    problem: str = ""
    hint: str = ""

    @property
    def text(self) -> str:
        """One line for a page that waits."""
        if self.phase == "loading":
            return f"loading the embedder {self.name}, {self.seconds:.0f} s so far"
        if self.phase == "ready":
            return f"the embedder {self.name} is ready"
        return f"the embedder {self.name} cannot be used: {self.problem}"


class WarmUp:
    """One embedder being loaded in a daemon thread."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._started = time.monotonic()
        self._ended: float | None = None
        self._problem: ModelError | MissingPartError | None = None
        self._thread = threading.Thread(target=self._load, name=f"warm-up {embedder.name}", daemon=True)
        self._thread.start()

    def state(self) -> WarmUpState:
        """How far it is; never waits, never raises."""
        ended, problem = self._ended, self._problem
        seconds = (time.monotonic() if ended is None else ended) - self._started
        if ended is None:
            return WarmUpState(name=self._embedder.name, phase="loading", seconds=seconds)
        if problem is None:
            return WarmUpState(name=self._embedder.name, phase="ready", seconds=seconds)
        return WarmUpState(name=self._embedder.name, phase="failed", seconds=seconds, problem=problem.message, hint=problem.hint)

    def wait(self, seconds: float | None = None) -> WarmUpState:
        """The state once it has ended, or after that many seconds."""
        self._thread.join(seconds)
        return self.state()

    def _load(self) -> None:
        try:
            self._embedder.load(again=True)
        except (ModelError, MissingPartError) as error:
            self._problem = error
        finally:
            self._ended = time.monotonic()


def warm_up(embedder: Embedder) -> WarmUp:
    """Begin to load an embedder in the background; returns at once."""
    return WarmUp(embedder)
