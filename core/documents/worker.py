"""The process that reads files: one after another from its input, their documents to its output, until the input ends.

It holds nothing worth stealing and can do little: no files of its own, no other processes, bounded memory and time.
"""

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import BinaryIO

from core.documents.encoding import cleaned
from core.documents.formats.base import Broken, Document, File, Item, Part
from core.documents.formats.formats import choose
from core.documents.frames import LENGTH, OUT_OF_MEMORY, Header, Key, framed
from core.documents.limits import Limits
from core.errors import UnreadableFileError

try:
    import resource
except ImportError:  # not on every system; the parent's clock holds everywhere
    resource = None  # type: ignore[assignment]

DEEPEST = 10
"""Files in files in files: a mail that forwards a mail that forwards a mail."""
OPEN_FILES = 64
"""Libraries are imported when they are first used."""


class Walk:
    """Goes through one file and the files in it, and says which one it is at, so that a kill can be laid at its door."""

    def __init__(self, limits: Limits, send: Callable[..., None], after: Key | None) -> None:
        self._limits, self._send, self._after = limits, send, after

    def file(self, name: str, load: Callable[[], bytes], key: Key = (), archives: int = 0) -> None:
        """Send the documents of a file, or why it cannot be read."""
        if self._is_over(key):
            return
        self._send({"is": "begin", "key": key, "name": name}, flush=True)
        _allow_seconds(self._limits.seconds)
        try:
            self._read(name, load(), key, archives)
        except UnreadableFileError as error:
            self._broken(name, error.message, error.hint)
        except ImportError as error:
            self._broken(name, f"a part that reads such files is not installed: {error.name}", "install the workbench's requirements")
        except RecursionError:
            self._broken(name, "it is nested too deep", "save it anew, in a simpler form")
        except MemoryError:
            raise
        except Exception as error:  # the parsers of other people raise anything at all over damaged files
            self._broken(
                name, f"the file is damaged: {type(error).__name__}: {error}"[:500], "open it in its own program and save it again"
            )
        self._send({"is": "end"})

    def _read(self, name: str, content: bytes, key: Key, archives: int) -> None:
        if not content:
            raise UnreadableFileError("the file is empty", hint="check where it comes from")
        if len(key) > DEEPEST:
            raise UnreadableFileError(f"it lies in files in files, more than {DEEPEST} deep", hint="save it as a file of its own")
        kind, notes = choose(name, content)
        file = File(name=name, content=content, limits=self._limits, archives=archives, known=_is_known)
        index = -1
        for index, item in enumerate(kind.read(file)):
            self._item(item, file, (*key, index), kind.name, notes)
        if index < 0:
            raise UnreadableFileError(f"there are no documents in this {kind.name}", hint="check what was put into it")

    def _item(self, item: Item, file: File, key: Key, kind: str, notes: tuple[str, ...]) -> None:
        if isinstance(item, Part):
            self.file(f"{file.name}/{item.name}", item.load, key, file.archives + (kind == "zip"))
        elif self._after is not None and key <= self._after:
            return
        elif isinstance(item, Broken):
            self._broken(file.name + item.place, item.message, item.hint)
        else:
            self._document(item, file.name + item.place, kind, notes)

    def _document(self, item: Document, name: str, kind: str, notes: tuple[str, ...]) -> None:
        text, mended = cleaned(item.text)
        if not text.strip():
            self._broken(name, "it holds no text", "check where it comes from")
            return
        about = {"is": "document", "name": name, "kind": kind, "encoding": item.encoding, "pages": item.pages}
        self._send({**about, "notes": (*notes, *item.notes, *mended)}, text.encode("utf-8"))

    def _broken(self, name: str, message: str, hint: str) -> None:
        self._send({"is": "broken", "name": name, "message": cleaned(message)[0], "hint": hint})

    def _is_over(self, key: Key) -> bool:
        """Whether a walk before this one came to that file and is done with it; one that it died in is opened for the rest in it."""
        return self._after is not None and key <= self._after and (key == self._after or self._after[: len(key)] != key)


def _is_known(name: str, content: bytes) -> bool:
    try:
        choose(name, content)
    except UnreadableFileError:
        return False
    return True


def _confine(limits: Limits) -> None:
    """Take from this process what it does not need. A system that knows a limit not, or allows less already, is left alone."""
    if resource is None:
        return
    for name, most in (("AS", limits.memory_bytes), ("CORE", 0), ("FSIZE", 0), ("NPROC", 0), ("NOFILE", OPEN_FILES)):
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        except (AttributeError, OSError, ValueError) as error:
            logging.getLogger(__name__).warning("no limit on %s: %s", name, error)


def _allow_seconds(seconds: float) -> None:
    """So much more computing: it ends a reader that loops after the workbench is gone."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    most = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _request(stream: BinaryIO) -> tuple[Header, bytes] | None:
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    header: Header = json.loads(stream.read(LENGTH.unpack(length)[0]))
    content = stream.read(header["size"])
    return (header, content) if len(content) == header["size"] else None


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    """Answer every request until there are no more."""

    def send(header: Header, payload: bytes = b"", *, flush: bool = False) -> None:
        answers.write(framed({**header, "size": len(payload)}))
        answers.write(payload)
        if flush:
            answers.flush()

    send({"is": "ready"}, flush=True)
    while request := _request(requests):
        header, content = request
        after = None if header["after"] is None else tuple(header["after"])
        Walk(limits, send, after).file(header["name"], lambda content=content: content)  # type: ignore[misc]
        send({"is": "done"}, flush=True)
        del request, content  # the next file must not find this one in its memory


def main() -> None:
    """Limits come as JSON in the first argument."""
    limits = Limits(**json.loads(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    _confine(limits)
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries warn of is a note in a document, or nothing
    warnings.simplefilter("ignore")
    try:
        serve(sys.stdin.buffer, answers, limits)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
