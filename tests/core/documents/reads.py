"""Reads files that a test made."""

from collections.abc import Sequence

from core.documents.reading import Limits, Read, ReadDocument, UnreadableDocument, Upload, read_files

LAST = Upload("last.txt", b"still here")


def read(*files: tuple[str, bytes], limits: Limits | None = None) -> list[Read]:
    return list(read_files([Upload(name, content) for name, content in files], limits=limits))


def one(name: str, content: bytes) -> ReadDocument:
    (found,) = read((name, content))
    assert isinstance(found, ReadDocument), found
    return found


def refused(name: str, content: bytes, limits: Limits | None = None) -> UnreadableDocument:
    (found,) = read((name, content), limits=limits)
    assert isinstance(found, UnreadableDocument), found
    assert found.hint
    return found


def refused_alone(name: str, content: bytes, limits: Limits | None = None) -> UnreadableDocument:
    """Why a file is not read; the one after it is."""
    first, last = read_files([Upload(name, content), LAST], limits=limits)
    assert isinstance(last, ReadDocument) and last.text == "still here"
    assert isinstance(first, UnreadableDocument), first
    assert first.hint
    return first


def texts(found: Sequence[Read]) -> dict[str, str | None]:
    return {each.name: each.text if isinstance(each, ReadDocument) else None for each in found}
