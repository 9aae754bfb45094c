"""The SQLite store's file: where it is, who may read it, and what is refused instead of being recreated."""

import os
from pathlib import Path

import apsw
import pytest

from core.errors import InvalidValueError, StoreDamagedError, StoreTooNewError, StoreUnavailableError
from core.records.models import Text
from core.store.base import Put
from core.store.sqlite import SqliteStore
from core.store.stores import open_store


def made(path: Path, texts: int = 50) -> Path:
    store = open_store(f"sqlite:///{path}")
    store.write([Put(record=Text(hash=str(number), content="x" * 1000)) for number in range(texts)])
    store.close()
    return path


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_the_owner_may_read_the_file_its_log_and_the_folder_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "store.db"
    store = open_store(f"sqlite:///{path}")
    store.write([Put(record=Text(hash="h", content="c"))])
    store.backup(tmp_path / "copy.db")
    assert [mode(each) for each in (path, Path(f"{path}-wal"), tmp_path / "copy.db")] == [0o600] * 3
    assert [mode(each) for each in (path.parent, path.parent.parent)] == [0o700] * 2
    store.close()
    assert sorted(os.listdir(path.parent)) == ["store.db"]


def test_three_slashes_are_relative_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///data/a.db").close()
    assert (tmp_path / "data" / "a.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///a\0b", "sqlite:///:memory:"])
def test_urls_without_a_file_are_refused(url: str) -> None:
    with pytest.raises(InvalidValueError):
        open_store(url)


def _foreign(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (a)")
    connection.close()


DAMAGES = {
    "no SQLite file": lambda path: path.write_bytes(b"hello, this is text" * 100),
    "empty": lambda path: path.write_bytes(b""),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2 // 8192 * 8192),
    "cut in the header": lambda path: os.truncate(path, 50),
    "flipped magic": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "flipped page size": lambda path: path.write_bytes(path.read_bytes()[:16] + b"\x21\x03" + path.read_bytes()[18:]),
    "flipped application id": lambda path: path.write_bytes(path.read_bytes()[:68] + b"\x00" + path.read_bytes()[69:]),
    "of another program": lambda path: (path.unlink(), _foreign(path)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "gone, its log left": lambda path: (path.unlink(), Path(f"{path}-wal").write_bytes(b"x" * 5000)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_reported_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path / "store.db")
    DAMAGES[damage](path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreDamagedError) as caught:
        open_store(f"sqlite:///{path}")
    assert str(path) in caught.value.message and caught.value.hint
    assert (path.read_bytes() if path.is_file() else None) == before


def test_flipped_bytes_inside_are_found_by_check_or_by_reading(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db", texts=2000)
    content = bytearray(path.read_bytes())
    page = 8192 * (len(content) // 8192 // 2)
    content[page : page + 64] = bytes(byte ^ 0xFF for byte in content[page : page + 64])
    path.write_bytes(content)
    store = open_store(f"sqlite:///{path}")
    assert {problem.kind for problem in store.check()} == {"file"}
    with pytest.raises(StoreDamagedError):
        for _ in store.each(Text):
            pass
    store.close()


def test_a_record_that_no_longer_validates_and_a_gap_are_told_by_check(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db", texts=3)
    other = apsw.Connection(str(path))
    other.execute("""UPDATE "Text" SET body = '{"hash":"1"}' WHERE key = '1'""")
    other.execute("""UPDATE "Text" SET key = 'moved' WHERE key = '2'""")
    other.execute("""INSERT INTO "Event" (stream, seq, key, event_type, body) VALUES ('r', 2, 'k', 'failed', '{"key":"k"}')""")
    other.close()
    store = open_store(f"sqlite:///{path}")
    assert {(problem.kind, problem.id) for problem in store.check()} == {("Text", "1"), ("Text", "moved"), ("Event", "r"), ("Event", "r/2")}
    with pytest.raises(StoreDamagedError):
        store.get(Text, "1")
    store.close()


def test_a_newer_store_is_refused_with_the_version_it_needs(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db")
    other = apsw.Connection(str(path))
    other.execute("PRAGMA user_version=7001")
    other.close()
    with pytest.raises(StoreTooNewError, match="7001"):
        open_store(f"sqlite:///{path}")


def test_a_locked_store_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db")
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    store = SqliteStore(f"sqlite:///{path}", busy_seconds=0.05)
    assert store.count(Text) == 50
    with pytest.raises(StoreUnavailableError, match="locked"):
        store.write([Put(record=Text(hash="new", content=""))])
    other.execute("ROLLBACK")
    store.write([Put(record=Text(hash="new", content=""))])
    other.close()
    store.close()


def test_a_place_where_nothing_can_be_made_is_unavailable() -> None:
    with pytest.raises(StoreUnavailableError):
        open_store("sqlite:////proc/no/store.db")


@pytest.mark.may_skip
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_unavailable(tmp_path: Path) -> None:
    path = made(tmp_path / "folder" / "store.db")
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreUnavailableError):
            open_store(f"sqlite:///{path}").write([Put(record=Text(hash="new", content=""))])
    finally:
        path.parent.chmod(0o700)


def test_a_store_that_may_only_be_read_says_so_when_written(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db")

    def read_only(connection: apsw.Connection) -> None:
        connection.execute("PRAGMA query_only=ON")

    apsw.connection_hooks.append(read_only)
    try:
        store = open_store(f"sqlite:///{path}")
        assert store.count(Text) == 50
        with pytest.raises(StoreUnavailableError, match="cannot be written"):
            store.write([Put(record=Text(hash="new", content=""))])
        store.close()
    finally:
        apsw.connection_hooks.remove(read_only)


def test_a_backup_is_a_whole_store(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{made(tmp_path / 'store.db')}")
    store.backup(tmp_path / "copy.db")
    store.write([Put(record=Text(hash="after", content=""))])
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert list(copy.each(Text)) == [text for text in store.each(Text) if text.hash != "after"]
    assert copy.check() == []
    copy.close()
    store.close()
