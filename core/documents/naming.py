"""Names of files as they can be shown: foreign ones come from archives, mails and browsers."""

import re
import unicodedata
from collections import Counter

LONGEST = 200
_KEPT = ("\u200c", "\u200d")
"""Joiners: Persian words and emoji are spelled with them, and they turn nothing around."""


def shown(name: str) -> str:
    """A name with its folders, without steps out of them; signs that cannot be seen or that turn text around stand as escapes.

    The middle of a very long one is left out, so that its ending stays. It is for the eye: nothing opens a file by it.
    """
    steps = [step for step in re.split(r"[/\\]+", name) if step.strip(" .")]
    plain = "".join(_visible(sign) for sign in "/".join(steps))
    if len(plain) > LONGEST:
        plain = f"{plain[:130]}…{plain[-(LONGEST - 131) :]}"
    return plain or "unnamed"


def _visible(sign: str) -> str:
    if sign.isprintable() or sign == " " or sign in _KEPT:
        return sign
    unseen = unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return f"\\u{ord(sign):04x}" if unseen else sign


def ending(name: str) -> str:
    """What stands behind the last dot of the last step, in lower case, without the dot."""
    last = name.rsplit("/", 1)[-1].rstrip(" .")
    return last.rpartition(".")[2].lower() if "." in last.lstrip(".") else ""


class Names:
    """Names in one place, of which some stand twice: the second `a.txt` is `a (2).txt`."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def distinct(self, name: str) -> str:
        """The name itself, or with the next free number."""
        found = name
        while self._seen[found]:
            self._seen[name] += 1
            stem, dot, end = name.rpartition(".")
            found = f"{stem} ({self._seen[name]}).{end}" if dot and "/" not in end else f"{name} ({self._seen[name]})"
        self._seen[found] += 1
        return found
