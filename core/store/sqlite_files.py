"""The store's file: created whole or not at all, recognized, brought up to date, copied."""

import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import apsw

from core.errors import AlreadyExistsError, StoreDamagedError, StoreTooNewError, StoreUnavailableError, UnreadableFileError
from core.store.migrations import SQLITE
from core.store.sqlite_connections import Connections
from core.store.sqlite_errors import DAMAGE_HINT, translated

APPLICATION_ID = 0x444F4D53
"""`DOMS`, in the file's header: tells our files from other programs'."""
PAGE = 8192
"""Bytes of a page: three samples of 2 KB fit where a page of 4096 would waste half (measured: 35 instead of 52 microseconds a sample)."""
MAGIC = b"SQLite format 3\0"


def prepare(connections: Connections, *, migrations: tuple[tuple[str, ...], ...] = SQLITE) -> None:
    """Make the file if there is none, and bring it to the newest version.

    Raises:
        StoreDamagedError: the file is not ours, or damaged; it is never recreated.
        StoreTooNewError: a newer version of the workbench wrote it.
        StoreUnavailableError: it cannot be opened or created.
    """
    path = connections.path
    try:
        if not path.exists():
            _create(path, migrations)
        _recognize(path)
    except OSError as error:
        raise StoreUnavailableError(
            f"the store {path} cannot be opened: {error}", hint="look at the path and this user's rights"
        ) from error
    with connections.reading() as connection:
        if connection.pragma("application_id") != APPLICATION_ID:
            raise StoreDamagedError(f"{path} is a SQLite file of another program", hint="name another file for the store")
        if (version := connection.pragma("user_version")) > len(migrations):
            raise StoreTooNewError(
                f"the store {path} has version {version}, this workbench knows versions up to {len(migrations)}",
                hint=f"use a workbench that knows store version {version}, or another store",
            )
        if version < len(migrations):
            migrate(connection, migrations, keep_copy=lambda: _copy_before(connections, version))
        use_wal(connection)


def _recognize(path: Path) -> None:
    """Refuse what is no SQLite file before SQLite touches it: it takes an empty file for a new database."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise StoreDamagedError(f"the store {path} is no file", hint="name a file for the store")
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if not start:
        raise StoreDamagedError(f"the store {path} is an empty file", hint="restore a backup, or remove the file to start a new store")
    if start != MAGIC:
        raise StoreDamagedError(f"the store {path} is no SQLite file", hint=DAMAGE_HINT)


def _create(path: Path, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Build the new store beside its place and link it there: nobody ever sees half of it, and nobody's is overwritten."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        raise StoreDamagedError(
            f"the store {path} is gone, but its log {log} is still there", hint="put the file back or restore a backup; else remove the log"
        )
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".new", dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        with translated(path):
            connection = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READWRITE)
            connection.execute(f"PRAGMA page_size={PAGE}")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            migrate(connection, migrations)
            use_wal(connection)
            connection.close()
        _place(fresh, path)
    except FileExistsError:
        pass  # another process was faster, and its store is as good
    finally:
        fresh.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def _place(fresh: Path, path: Path) -> None:
    """Give a finished file its name. Raises FileExistsError instead of replacing another."""
    os.link(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def use_wal(connection: apsw.Connection, *, seconds: float = 10) -> None:
    """Readers and the writer do not wait for each other. SQLite does not wait by itself for this switch."""
    end = time.monotonic() + seconds
    while True:
        try:
            mode = connection.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
            continue
        if mode != "wal":
            raise StoreUnavailableError(f"the store cannot keep a write-ahead log (it keeps {mode})", hint="put it on a local disk")
        return


def migrate(connection: apsw.Connection, migrations: tuple[tuple[str, ...], ...] = SQLITE, *, keep_copy: object = None) -> None:
    """Run each missing step in its own transaction; one that was interrupted left nothing and runs again."""
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = connection.pragma("user_version")
            if version < len(migrations):
                if callable(keep_copy):
                    keep_copy()
                    keep_copy = None
                for statement in migrations[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if version >= len(migrations):
            return


def _copy_before(connections: Connections, version: int) -> None:
    """A backup beside the store, made while the migration holds the write lock: exactly the state it starts from."""
    for number in range(1, 1000):
        target = connections.path.with_name(f"{connections.path.name}.version-{version}{f'-{number}' if number > 1 else ''}.bak")
        with suppress(AlreadyExistsError):
            copy(connections, target)
            return
    raise StoreUnavailableError("there is no free name for the backup before the migration", hint="remove old backups beside the store")


def copy(connections: Connections, target: Path) -> None:
    """A consistent copy through SQLite's backup interface, all pages in one reading; others may write meanwhile.

    Raises:
        AlreadyExistsError: something of that name exists.
        UnreadableFileError: the copy cannot be written there.
    """
    if target.exists() or target.is_symlink():
        raise AlreadyExistsError(f"{target} exists already", hint="name a new file; backups never overwrite")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise UnreadableFileError(
            f"the backup {target} cannot be written: {error}", hint="name a folder that exists and is writable"
        ) from error
    part = Path(name)
    try:
        _copy_pages(connections, name, target)
        _place(part, target)
    except FileExistsError as error:
        raise AlreadyExistsError(f"{target} exists already", hint="name a new file; backups never overwrite") from error
    except OSError as error:
        raise UnreadableFileError(
            f"the backup {target} cannot be written: {error}", hint="look at the disk and this user's rights"
        ) from error
    finally:
        for leftover in (part, Path(f"{name}-journal"), Path(f"{name}-wal"), Path(f"{name}-shm")):
            leftover.unlink(missing_ok=True)


def _copy_pages(connections: Connections, name: str, target: Path) -> None:
    with connections.reading() as source:
        destination = None
        try:
            destination = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READWRITE)
            with destination.backup("main", source, "main") as pages:
                pages.step(-1)
        except (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
            raise UnreadableFileError(
                f"the backup {target} cannot be written: {error}", hint="look at the disk and its free space"
            ) from error
        finally:
            if destination is not None:
                destination.close()
