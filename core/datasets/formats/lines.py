"""Lines of a file in bounded memory, and one line of JSON, strictly."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from pydantic_core import from_json

from core.datasets.formats.base import Broken, Parsed, Row
from core.errors import InvalidValueError

MAX_LINE = 8 * 1024 * 1024
"""Bytes. A text of 1 MB that is written in escapes only takes 6 MB."""
BOM = b"\xef\xbb\xbf"


def lines(file: BinaryIO, limit: int = MAX_LINE) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes and whether it is whole, of every line; a longer line gives its beginning and is skipped."""
    number = 0
    while raw := file.readline(limit):
        number += 1
        whole = len(raw) < limit or raw.endswith(b"\n")
        part = raw
        while not whole and part and not part.endswith(b"\n"):
            part = file.readline(1 << 20)
        yield number, raw[len(BOM) :] if number == 1 and raw.startswith(BOM) else raw, whole


def json_rows(file: BinaryIO) -> Iterator[Parsed]:
    """Every line of a JSONL file that is not blank, decoded or broken."""
    for number, raw, whole in lines(file):
        if not whole:
            yield Broken(
                number, raw[:8000], f"the line is longer than {MAX_LINE:,} bytes", "put one sample on each line; a text may have 1 MB"
            )
        elif not raw.isspace() and raw:
            try:
                yield Row(number, raw, decode_line(raw))
            except InvalidValueError as error:
                yield Broken(number, raw, error.message, error.hint)


def decode_line(raw: bytes) -> Any:
    """One JSON value; stricter than `json.loads`: no repeated keys, no NaN, no NUL and no lone surrogates.

    Raises:
        InvalidValueError: says what was found and what was expected.
    """
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        return _slowly(raw)
    # Every key has a colon: with no more colons than distinct keys, no key stands twice. What has more, perhaps in a text,
    # and escapes that may say what no store can keep, are left to the slow way, as is all that is wrong.
    return value if raw.count(b":") == _keys(value) and b"\\u" not in raw else _slowly(raw)


def _keys(value: Any) -> int:
    """How many keys the objects of a line have, down to those in its lists; deeper ones are not counted."""
    if type(value) is not dict:
        return 0
    count = len(value)
    for item in value.values():
        if type(item) is list:
            for part in item:
                if type(part) is dict:
                    count += len(part)
        elif type(item) is dict:
            count += len(item)
    return count


def _slowly(raw: bytes) -> Any:
    try:
        line = raw.rstrip(b"\r\n").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidValueError(
            f"invalid UTF-8: byte 0x{raw[error.start]:02x} at position {error.start + 1} of the line", hint="save the file as UTF-8"
        ) from None
    try:
        value = _decoder.decode(line)
    except json.JSONDecodeError as error:
        raise InvalidValueError(
            f"no valid JSON: {error.msg.lower().removesuffix(' at')} at character {error.pos + 1}",
            hint="each line must hold one complete JSON object",
        ) from None
    except RecursionError:
        raise InvalidValueError("brackets are nested too deep", hint="a sample needs at most a few levels") from None
    except ValueError:
        # Python refuses integers beyond 4,300 digits, because converting them takes quadratic time.
        raise InvalidValueError("a number has too many digits", hint="write it as a string") from None
    if "\\u" in line:
        check_strings(value)
    return value


def check_strings(value: Any) -> None:
    """Refuse NUL and lone surrogates, which JSON escapes can say but no store can keep.

    Raises:
        InvalidValueError: names what was found.
    """
    if isinstance(value, str):
        if "\x00" in value:
            raise InvalidValueError("a NUL character (\\u0000)", hint="remove it: no store keeps it safely")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            found = ord(value[error.start])
            raise InvalidValueError(
                f"half a character: lone surrogate \\u{found:04x}", hint="write the character itself, or both halves of its escape"
            ) from None
    elif isinstance(value, dict):
        for key, item in value.items():
            check_strings(key)
            check_strings(item)
    elif isinstance(value, list):
        for item in value:
            check_strings(item)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidValueError(f"the key {twice[:100]!r} stands twice in one object", hint="keep one of them")
    return found


def _no_constant(name: str) -> NoReturn:
    raise InvalidValueError(f"{name} is no JSON number", hint="use null where a value is unknown")


_decoder = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_no_constant)
