"""Vectors without a model: texts that share words are near each other, and nothing more is meant by it."""

import math
from hashlib import sha256


def vector(text: str, dimensions: int) -> list[float]:
    """A vector of length 1.

    Each lower-cased word, by its SHA-256, adds 1 or -1 in four dimensions; the sum is normalized. So the same text has the same vector
    everywhere, and the cosine of two texts grows with the words that they share. A text without words, or whose words cancel out, points
    along the first dimension.
    """
    sums = [0.0] * dimensions
    for word in text.lower().split():
        digest = sha256(word.strip(".,;:!?()[]\"'").encode("utf-8", "surrogatepass")).digest()
        for part in range(4):
            place = int.from_bytes(digest[4 * part : 4 * part + 4], "big")
            sums[place % dimensions] += 1.0 if digest[16 + part] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in sums))
    if length == 0:
        return [1.0] + [0.0] * (dimensions - 1)
    return [value / length for value in sums]
