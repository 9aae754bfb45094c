"""Foreign words inside a widget's label. Labels are markdown to Streamlit, so every sign is escaped."""

import re

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")


def label(words: str, *, longest: int = 80) -> str:
    """The words as a label shows them literally: no link, image, icon, color or formula; one line, cut at `longest`."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    cut = line if len(line) <= longest else line[: longest - 1] + "…"
    return _SIGNS.sub(r"\\\1", cut)
