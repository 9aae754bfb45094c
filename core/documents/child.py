"""The workbench's side of the process that reads: starts it, gives it files, takes documents, ends it when it takes too much."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import core
from core.documents.frames import LENGTH, LONGEST_HEADER, OUT_OF_MEMORY, Header, Key, framed
from core.documents.limits import MB, Limits
from core.documents.sources import Source
from core.errors import WorkbenchError

PIECE = 1 << 20
"""Bytes that are given or taken at once."""
GLANCE = 0.2
"""Seconds between two looks at whether the caller still wants it."""
START_SECONDS = 60.0
MORE_TIME = "split it, or allow more time (document_seconds)"
HARM = "the file is damaged, or made to do harm: open it elsewhere with care"
KEPT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""All that the process gets of the environment, which may hold keys: what an interpreter may need to start."""

Message = tuple[Header, bytes]


class Ended(Exception):
    """The process did not get to the end of a file: why, and what to do."""

    def __init__(self, message: str, hint: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint
        self.final = final
        """Nothing more of the file it was given is to be read."""


class Cancelled(Exception):
    """The caller wants no more."""


class Child:
    """A process that reads files, started when the first one comes, and again after each that it did not survive."""

    def __init__(self, limits: Limits, cancelled: Callable[[], bool]) -> None:
        self._limits, self._cancelled = limits, cancelled
        self._process: subprocess.Popen[bytes] | None = None
        self._taken = bytearray()
        self._within = 0.0
        self._total = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def read(self, source: Source) -> Iterator[Message]:
        """Documents and broken pieces of a file, as they come. What kills the process is named, and the rest read by the next.

        Raises:
            Cancelled: between two looks the caller said so.
            WorkbenchError: the process cannot be started at all.
        """
        self._total = 0.0
        after: Key | None = None
        while True:
            at: list[tuple[Key, str]] = [((), source.name)]
            count = 0  # since the process came to the file that it is at
            try:
                for header, payload in self._answers(source, after):
                    if header["is"] == "begin":
                        at.append((tuple(header["key"]), header["name"]))
                        count = 0
                    elif header["is"] == "end":
                        at.pop()
                    else:
                        count += header["is"] == "document"
                        yield header, payload
                return
            except Ended as ended:
                self._end()
                after, name = at[0 if ended.final else -1]
                found = f"; {count:,} documents were read before" if count else ""
                yield {"is": "broken", "name": name, "message": ended.message + found, "hint": ended.hint}, b""
                if after == ():
                    return

    def _answers(self, source: Source, after: Key | None) -> Iterator[Message]:
        self._start()
        self._within = 0.0
        self._give(framed({"name": source.name, "after": after, "size": source.size}))
        source.file.seek(0)
        left = source.size
        while left:
            try:
                piece = source.file.read(min(left, PIECE))
            except OSError as error:
                raise Ended(f"the file cannot be read: {error.strerror}", "check the disk and try again", final=True) from None
            if not piece:
                raise Ended("the file became shorter while it was read", "try again when nothing writes to it", final=True)
            self._give(piece)
            left -= len(piece)
        while (answer := self._message())[0]["is"] != "done":
            if answer[0]["is"] in ("begin", "end"):
                self._within = 0.0
            yield answer

    def _start(self) -> None:
        if self._process is not None:
            return
        root = Path(core.__file__).parents[1]
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        total, self._total, self._within = self._total, -START_SECONDS, -START_SECONDS
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", "core.documents.worker", json.dumps(asdict(self._limits))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=root.anchor, start_new_session=True,
                env={**environment, "PYTHONPATH": str(root), "PYTHONUTF8": "1"},
            )  # fmt: skip
            os.set_blocking(self._stdin, False)
            self._message()
        except (Ended, OSError) as error:
            self._end()
            hint = "run `python -m core.documents.worker '{}'` to see why"
            raise WorkbenchError(f"the process that reads files does not start: {error}", hint=hint) from None
        self._total = total

    def _end(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._taken.clear()

    @property
    def _stdin(self) -> int:
        assert self._process is not None and self._process.stdin is not None
        return self._process.stdin.fileno()

    @property
    def _stdout(self) -> int:
        assert self._process is not None and self._process.stdout is not None
        return self._process.stdout.fileno()

    def _give(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._stdin, select.POLLOUT)
            try:
                rest = rest[os.write(self._stdin, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._died() from None

    def _message(self) -> Message:
        length = LENGTH.unpack(self._take(LENGTH.size))[0]
        try:
            header: Header = json.loads(self._take(length)) if length <= LONGEST_HEADER else {}
            size = int(header["size"])
        except (ValueError, KeyError):
            size = -1
        if not 0 <= size <= self._limits.memory_bytes:
            raise Ended("the reader gave an answer that makes no sense", HARM)
        return header, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self._taken) < size:
            self._wait(self._stdout, select.POLLIN)
            piece = os.read(self._stdout, PIECE)
            if not piece:
                raise self._died()
            self._taken += piece
        taken = bytes(memoryview(self._taken)[:size])
        del self._taken[:size]
        return taken

    def _wait(self, pipe: int, event: int) -> None:
        """Until the pipe can be used. Only time spent here counts: what the caller does with a document takes as long as it takes."""
        poll = select.poll()
        poll.register(pipe, event)
        while True:
            if self._cancelled():
                raise Cancelled
            began = time.monotonic()
            ready = poll.poll(GLANCE * 1000)
            spent = time.monotonic() - began
            self._within += spent
            self._total += spent
            if ready:
                return
            if self._within > self._limits.seconds:
                raise Ended(f"reading it takes longer than {self._limits.seconds:g} s", MORE_TIME)
            if self._total > self._limits.archive_seconds:
                message = f"reading all that is in it takes longer than {self._limits.archive_seconds:g} s"
                raise Ended(message, "split it into several", final=True)

    def _died(self) -> Ended:
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.poll()
        if status == -signal.SIGKILL:
            return Ended("the system ended the reader over it, mostly for want of memory", "split it, or read it when less is going on")
        if status == OUT_OF_MEMORY:
            return Ended(
                f"reading it needs more than {self._limits.memory_bytes // MB:,} MB of memory",
                "split it, or allow more memory (document_memory_mb)",
            )
        if status == -signal.SIGXCPU:
            return Ended(f"reading it takes longer than {self._limits.seconds:g} s", MORE_TIME)
        return Ended(f"the reader crashed over it (status {status})", HARM)
