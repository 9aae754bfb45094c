"""What goes between the workbench and the process that reads: a length, a header in JSON, and as many bytes as it says."""

import json
from struct import Struct
from typing import Any

LENGTH = Struct(">I")
LONGEST_HEADER = 64 * 1024 * 1024
"""Bytes. A mail may have many notes; a process that announces more has lost its mind."""

OUT_OF_MEMORY = 77
"""Exit status of the process that reads: there is no going on with a heap that is full."""

Header = dict[str, Any]
Key = tuple[int, ...]
"""Where a file lies: () came by itself, (3,) is the fourth piece of that, (3, 0) the first piece of the fourth."""


def framed(header: Header, payload: bytes = b"") -> bytes:
    """One message, but for its payload if that is sent on its own (then the header must have its `size`)."""
    plain = json.dumps({"size": len(payload), **header}).encode("ascii")
    return LENGTH.pack(len(plain)) + plain + payload
