"""What is read of a document: passages spread over it from the beginning to the end."""

CHARACTERS = 2000
"""Read of a document in all, unless told otherwise."""

PARTS = 9
"""Passages that a long document is read by. Nine of 222 characters tell domains apart better than three of 667: see
`benchmarks/recognition.py`."""

LEAST = 100
"""Characters of a passage, at least, where few may be read in all."""

ALONE = 400
"""Characters of a text that is one passage."""


def parts(text: str, *, characters: int = CHARACTERS) -> list[str]:
    """Passages of equal size at equal distances, the first at the beginning, the last at the end; a short text is one passage.

    White space is one blank, so that empty lines use up nothing. Cut between words, unless a word is longer than a passage. A text
    without words gives one empty passage. Together they have at most `characters` characters.
    """
    text = " ".join(text.split())
    if len(text) <= min(ALONE, characters):
        return [text]
    most = min(PARTS, max(1, characters // LEAST))
    size = max(1, characters // most)
    number = min(most, -(-len(text) // size))
    size = min(size, -(-len(text) // number))
    step = (len(text) - size) / max(1, number - 1)
    return [_between_words(text, round(place * step), size) for place in range(number)]


def _between_words(text: str, start: int, size: int) -> str:
    """The whole words between two places; what is there if no word fits."""
    end = min(len(text), start + size)
    first, last = start, end
    if start > 0 and text[start - 1] != " ":
        first = text.find(" ", start, end) + 1 or end
    if end < len(text) and text[end] != " ":
        last = max(text.rfind(" ", start, end), start)
    return text[first:last].strip() if first < last else text[start:end].strip() or text[start:end]
