"""What a dataset may be called."""

import re

from core.errors import InvalidValueError

_name = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def check_name(name: str) -> str:
    """The name itself: 1 to 100 characters that are safe in every path, URL and query.

    Raises:
        InvalidValueError: it has others.
    """
    if not _name.fullmatch(name):
        raise InvalidValueError(
            f"{name[:120]!r} cannot be the name of a dataset",
            hint="1 to 100 of a to z, 0 to 9, - and _, beginning with a letter or a digit",
        )
    return name
