"""Files as documents: every file that is given, whatever kind it is of, read in a process that can be lost."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core.documents.child import Cancelled, Child, Message
from core.documents.limits import Limits
from core.documents.sources import Refused, Source, Upload, sources_of
from core.records.base import Record

__all__ = ["Limits", "Read", "ReadDocument", "UnreadableDocument", "Upload", "read_files"]


class ReadDocument(Record):
    """One document. Its text is as in the file, but that lines end in LF, without NUL, and half characters are U+FFFD."""

    name: str
    """What a person calls it: `report.pdf`, `mails.zip/inbox/a.eml`, `rows.csv#12`. For the eye; never a path."""
    text: str
    kind: str
    encoding: str | None = None
    """Python's name for it, of kinds that are text."""
    pages: int | None = None
    notes: tuple[str, ...] = ()
    """What was left out, mended or guessed, in words."""
    path: str = ""
    """The file as it was given, with the place in it; the name where it was in memory. Text for scripts, not safe to show."""


class UnreadableDocument(Record):
    """A file, or a piece of one, of which nothing was read."""

    name: str
    message: str
    hint: str
    path: str = ""


Read = ReadDocument | UnreadableDocument


def never() -> bool:
    """Nobody stops it."""
    return False


def read_files(sources: Iterable[Path | Upload], *, limits: Limits | None = None, cancelled: Callable[[], bool] = never) -> Iterator[Read]:
    """Every document of every source, in order and in constant memory; a bad file is named and stops no other.

    Close the iterator to end early; `cancelled` is asked several times a second and ends it as well.

    Raises:
        WorkbenchError: the process that reads cannot be started.
    """
    limits = limits or Limits()
    with Child(limits, cancelled) as child:
        for source in sources_of(sources, limits):
            if cancelled():
                return
            if isinstance(source, Refused):
                yield UnreadableDocument(name=source.name, message=source.message, hint=source.hint, path=source.path or source.name)
                continue
            with source.file:
                try:
                    yield from (_record(message, source) for message in child.read(source))
                except Cancelled:
                    return


def _record(message: Message, source: Source) -> Read:
    about, text = message
    path = f"{source.path or source.name}{about['name'].removeprefix(source.name)}"
    if about["is"] == "broken":
        return UnreadableDocument(name=about["name"], message=about["message"], hint=about["hint"], path=path)
    return ReadDocument(
        name=about["name"], text=text.decode("utf-8"), kind=about["kind"], encoding=about["encoding"], pages=about["pages"],
        notes=tuple(about["notes"]), path=path,
    )  # fmt: skip
