"""JSON lines: a line is a document."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NoReturn

from core.documents.encoding import MARKS, decode
from core.documents.formats.base import Broken, Document, File, Item
from core.documents.limits import MB
from core.errors import UnreadableFileError

TEXTS = ("text", "content", "body")
ONE_OBJECT = 'each line must hold one JSON object, such as {"text": "..."}'


class Jsonl:
    """The first of the keys `text`, `content` and `body`, else every string of the object as `key: value`."""

    name = "jsonl"
    endings: tuple[str, ...] = ("jsonl", "ndjson")
    title = "JSON lines"
    text = True

    def sniffs(self, content: bytes) -> bool:
        """A first line that is a JSON object."""
        first = content[: 64 * 1024].removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
        try:
            return first.startswith(b"{") and isinstance(_value(first), dict)
        except (UnreadableFileError, RecursionError):
            return False

    def read(self, file: File) -> Iterator[Item]:
        """The lines that are not blank, `#` and the line's number each. JSON is UTF-8, unless a mark says otherwise."""
        content, encoding = file.content, "utf-8"
        if any(content.startswith(mark) for mark, _ in MARKS):
            text, encoding, _ = decode(content)
            content = text.encode("utf-8")
        count = 0
        for number, line in _lines(content, file.limits.line_bytes):
            if line is not None and not line.strip():
                continue
            count += 1
            if count > file.limits.documents:
                yield Broken(f"the file has more than {file.limits.documents:,} lines; the rest was not read", "split it into several")
                return
            yield _read(line, f"#{number}", encoding, file.limits.line_bytes)


def _lines(content: bytes, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Every line's number and bytes; None for one that is too long."""
    file, number = BytesIO(content), 0
    while line := file.readline(longest + 1):
        number += 1
        whole = len(line) <= longest
        while not line.endswith(b"\n") and (more := file.readline(longest)):
            line = more
        yield number, line if whole else None


def _read(line: bytes | None, place: str, encoding: str, longest: int) -> Document | Broken:
    if line is None:
        return Broken(f"the line is longer than {longest // MB:,} MB", "put one document on each line", place)
    try:
        text, notes = _text(_value(line))
    except UnreadableFileError as error:
        return Broken(error.message, error.hint, place)
    except RecursionError:
        return Broken("brackets are nested too deep", "a document needs at most a few levels", place)
    return Document(text, place=place, encoding=encoding, notes=notes)


def _text(value: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise UnreadableFileError("the line holds no JSON object", hint=ONE_OBJECT)
    key = next((key for key in TEXTS if key in value), None)
    if key is not None and not isinstance(value[key], str):
        raise UnreadableFileError(f"{key!r} is no string", hint=ONE_OBJECT)
    used = [key] if key is not None else [name for name, each in value.items() if isinstance(each, str)]
    others = ", ".join(name for name in value if name not in used)
    notes = (f"other keys left out: {others[:200]}",) if others else ()
    return (value[key] if key is not None else "\n".join(f"{name}: {value[name]}" for name in used)), notes


def _value(line: bytes) -> Any:
    """One JSON value, strictly: no repeated keys, of which Python's reader would drop all but the last, and no NaN."""
    try:
        return _DECODER.decode(line.decode("utf-8").strip())
    except UnicodeDecodeError as error:
        where = f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
        raise UnreadableFileError(f"invalid UTF-8: {where} of the line", hint="save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        what = error.msg.lower().removesuffix(" at")
        raise UnreadableFileError(f"no valid JSON: {what} at character {error.pos + 1}", hint=ONE_OBJECT) from None
    except ValueError:  # Python refuses integers beyond 4,300 digits, because converting them takes quadratic time
        raise UnreadableFileError("a number has too many digits", hint="write it as a string") from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableFileError("a key stands twice in one object", hint="keep one of them")
    return found


def _no_constant(name: str) -> NoReturn:
    raise UnreadableFileError(f"{name} is no JSON number", hint="use null where a value is unknown")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_no_constant)
