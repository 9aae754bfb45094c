"""Small checks of JSON values, each with one way of saying what was found and what was expected."""

from typing import Any

from core.errors import InvalidValueError

MAX_NAME = 200
"""Characters of an id."""
MAX_DEPTH = 50
"""Levels of brackets in metadata."""


def quoted(value: object) -> str:
    """A value for a message, never long."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    return str(value)


def as_objects(value: object, what: str) -> list[Any]:
    """A list."""
    if type(value) is not list:
        raise InvalidValueError(f"{what} is {quoted(value)} where a list is expected", hint=f'"{what}": [] says that there are none')
    return value


def as_object(value: object, what: str, expected: str) -> dict[str, Any]:
    """A JSON object."""
    if type(value) is not dict:
        raise InvalidValueError(f"{what} is {quoted(value)} where an object is expected", hint=f"expected {expected}")
    return value


def as_text(value: object, what: str) -> str:
    """A string."""
    if type(value) is not str:
        raise InvalidValueError(f"{what} is {quoted(value)} where a string is expected", hint="write it in quotes")
    return value


def as_name(value: object, what: str) -> str | None:
    """An id: a string, or a whole number, which becomes one; None = none given."""
    if value is None:
        return None
    if type(value) is int:
        value = str(value) if abs(value) < 10**MAX_NAME else ""
    if type(value) is not str or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise InvalidValueError(f"{what} is {quoted(value)}", hint=f"a string of 1 to {MAX_NAME} printable characters, or a whole number")
    return value


def as_number(value: object, what: str) -> float | None:
    """A share from 0 to 1."""
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= 1:  # type: ignore[operator]
        raise InvalidValueError(f"{what} is {quoted(value)}", hint="a number from 0 to 1, or null")
    return float(value)  # type: ignore[arg-type]


def checked(value: dict[str, Any]) -> dict[str, Any]:
    """Metadata as it is; integers of any size are kept, as it is stored as JSON.

    Raises:
        InvalidValueError: too deep, or a number beyond what a float can hold (1e999).
    """
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            below.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        if any(isinstance(item, float) and item in _INFINITE for item in below):
            raise InvalidValueError("a number is too large", hint="write it as a string")
        level = below
        if not level:
            return value
    raise InvalidValueError(f"metadata is nested deeper than {MAX_DEPTH} levels", hint="flatten it, or write it as a string")


_INFINITE = (float("inf"), float("-inf"))
