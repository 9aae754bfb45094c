"""Connections to one SQLite file: a pool for reading, and one writer that commits what waits together.

No connection is ever used by two threads at once. A pool instead of one connection per thread, because a page's
script runs in a new thread every time: those would have to be opened again and again, and closed after their thread.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import apsw

from core.errors import StoreUnavailableError, WorkbenchError
from core.store.sqlite_errors import translated, workbench_error

T = TypeVar("T")
Job = Callable[[apsw.Connection], Any]
GROUP = 64
"""Most writes of one commit: what waits behind it must not wait for long."""


class _Ticket:
    """One write that waits, and what became of it."""

    def __init__(self, job: Job, *, durable: bool) -> None:
        self.job = job
        self.durable = durable
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None


class Connections:
    """Every connection of one open store."""

    def __init__(self, path: Path, *, busy_seconds: float, vfs: str | None = None) -> None:
        self.path = path
        self._busy_ms = int(busy_seconds * 1000)
        self._vfs = vfs
        self._pid = os.getpid()
        self._idle: deque[apsw.Connection] = deque()
        self._closed = False
        self._writer: apsw.Connection | None = None
        self._turn = Lock()
        self._waiting: deque[_Ticket] = deque()

    def open(self) -> apsw.Connection:
        """A new connection."""
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=self._vfs)
        connection.set_busy_timeout(self._busy_ms)
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "cache_size=-16384", "journal_size_limit=67108864", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _open_writer(self) -> apsw.Connection:
        """A connection that folds the log into the file after 32 MB, not after 4: pages that many commits touch are copied once."""
        connection = self.open()
        for pragma in ("wal_autocheckpoint=8000", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _usable(self) -> None:
        if self._closed:
            raise StoreUnavailableError(f"the store {self.path} was closed", hint="open it again")
        if os.getpid() != self._pid:
            raise StoreUnavailableError(f"the store {self.path} was opened by another process", hint="open it in the process that uses it")

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """A connection nobody else has for that time; SQLite's errors are translated."""
        self._usable()
        with translated(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self.open()
            try:
                yield connection
            finally:
                self._idle.append(connection)
                if self._closed:
                    self._close_idle()

    def write(self, job: Callable[[apsw.Connection], T], *, durable: bool = False) -> T:
        """Run a job inside BEGIN IMMEDIATE and commit; jobs of threads that wait meanwhile share the commit.

        No commit is lost when processes are killed. A `durable` one is on the disk before it is acknowledged
        (`synchronous=FULL`, 0.2 to 4 ms a commit measured), with everything before it; of the others (20 microseconds) a
        power cut may take the last ones, in order: what a run recorded, which goes on from there.
        Each job is all or nothing for itself, and its errors are its own. Raises what the job raises, and StoreError
        when the commit fails; nothing was written then.
        """
        self._usable()
        ticket = _Ticket(job, durable=durable)
        self._waiting.append(ticket)
        with self._turn:
            while not ticket.done:
                self._commit([self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))])
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[no-any-return]

    def _commit(self, tickets: list[_Ticket]) -> None:
        failure: Exception | None = StoreUnavailableError("the write was interrupted", hint="try again; nothing was written")
        try:
            self._usable()
            if self._writer is None:
                self._writer = self._open_writer()
            durable = any(ticket.durable for ticket in tickets)
            self._writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._writer.execute("BEGIN IMMEDIATE")
            for ticket in tickets:
                self._run(self._writer, ticket, alone=len(tickets) == 1)
            if any(ticket.error is None for ticket in tickets):
                self._writer.execute("COMMIT")
            failure = None
        except WorkbenchError as error:
            failure = error
        except Exception as error:
            failure = workbench_error(error, self.path)
            failure.__cause__ = error
        finally:
            self._roll_back()
            for ticket in tickets:
                ticket.error = ticket.error or failure
                ticket.done = True

    def _run(self, writer: apsw.Connection, ticket: _Ticket, *, alone: bool) -> None:
        """One job in its own savepoint; alone it needs none."""
        if not alone:
            writer.execute("SAVEPOINT job")
        try:
            with translated(self.path):
                ticket.result = ticket.job(writer)
        except Exception as error:
            ticket.error = error
            if not writer.in_transaction:  # a full disk makes SQLite roll back everything, the others' jobs too
                raise
            if not alone:
                writer.execute("ROLLBACK TO job")
        if not alone:
            writer.execute("RELEASE job")

    def _roll_back(self) -> None:
        """After a failure: end the transaction; a connection that cannot even do that is given up."""
        writer = self._writer
        if writer is None or not writer.in_transaction:
            return
        try:
            writer.execute("ROLLBACK")
        except apsw.Error:
            self._writer = None
            with suppress(apsw.Error):
                writer.close(True)

    def _close_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close(True)

    def close(self) -> None:
        """Close every connection; those at work are closed when they come back. SQLite then folds its log into the file."""
        self._closed = True
        if os.getpid() != self._pid:
            return
        with self._turn, translated(self.path):
            self._close_idle()
            if self._writer is not None:
                self._writer.close(True)
                self._writer = None
