"""What a model thought aloud before it answered, taken out of its answer."""

import re

_PARTS = re.compile(r'"(?:[^"\\\n]|\\.)*"|<think>.*?(?:</think>|\Z)|</think>', re.DOTALL)


def without_thoughts(text: str) -> str:
    """The answer without `<think>` parts, also one never closed, and one of which a template swallowed the opening tag.

    A tag inside a JSON string is left alone: it may be a quotation from the document.
    """
    if "think>" not in text:
        return text.strip()
    kept: list[str] = []
    place = 0
    for match in _PARTS.finditer(text):
        kept.append(text[place : match.start()])
        place = match.end()
        if match[0] == "</think>":
            kept.clear()
        elif match[0].startswith('"'):
            kept.append(match[0])
    return "".join([*kept, text[place:]]).strip()
