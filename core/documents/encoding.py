"""Bytes as text: which encoding they are in, and what of a text cannot be kept."""

import codecs
import re
from typing import NamedTuple

MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
CHARSETS = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "koi8_r",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
)  # fmt: skip
"""What files are really written in. Left to all it knows, charset-normalizer takes Polish for Icelandic."""
DECLARED = re.compile(r"utf-8|ascii|iso8859-|cp\d|koi8|mac-|shift_jis|euc|gb|big5|iso2022|tis-620")
"""How Python's names of encodings begin that a file may say it is in. It knows others, which no file is written in."""
SAMPLE = 256 * 1024
"""Bytes from which an encoding is guessed."""
WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜàáâãäåæçèéêëìíîïñòóôõöøùúûüßŒœ€‚„…‘’“”•–—™\u00a0¡£§©«®°²´·»¿±×")
_POWERS = re.compile(r"[¹³](?!\w)")
"""Before a letter they are Polish, in the wrong encoding."""
_CONTROLS = bytes(code for code in range(32) if code not in b"\b\t\n\v\f\r\x1a\x1b")


class Decoded(NamedTuple):
    """A text, Python's name of its encoding, and what had to be guessed or mended."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """The text of these bytes: by their mark, by what the file says of itself, as UTF-8, else by a guess that is noted."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _read(content[len(mark) :], encoding)
    if wide := _unmarked_utf16(content):
        return _read(content, wide, f"no mark says so, but it is written in {wide}")
    for encoding in (*_charset(declared), "utf-8"):
        try:
            return Decoded(content.decode(encoding), codecs.lookup(encoding).name)
        except UnicodeError:
            continue
    mended = _read(content, "utf-8")
    if _mostly_right(mended.text):
        return mended
    guess = _guess(content)
    return _read(content, guess, f"the encoding was guessed: {guess}")


def looks_like_text(content: bytes) -> bool:
    """Whether the bytes can be text in any encoding: next to none of the control codes that fill other files."""
    head = content[:SAMPLE]
    wide = next((encoding for mark, encoding in MARKS if content.startswith(mark)), _unmarked_utf16(content))
    if wide:
        head = head.decode(wide, errors="ignore").encode("utf-8", errors="ignore")
    return (len(head) - len(head.translate(None, _CONTROLS))) * 50 <= len(head)


def is_utf8(content: bytes) -> bool:
    """Whether the beginning is valid UTF-8; a character cut in two at its end does not count."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content[:SAMPLE])
    except UnicodeDecodeError:
        return False
    return True


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it can be stored and counted everywhere, and what that took: no NUL, no half characters, lines end in LF."""
    notes = []
    if nuls := text.count("\0"):
        text = text.replace("\0", "")
        notes.append(f"NUL characters left out: {nuls}")
    text, halves = _HALVES.subn("\ufffd", text)
    if halves:
        notes.append(f"half characters (lone surrogates) replaced: {halves}")
    return text.replace("\r\n", "\n").replace("\r", "\n"), tuple(notes)


_HALVES = re.compile("[\ud800-\udfff]")


def _read(content: bytes, encoding: str, *notes: str) -> Decoded:
    name = codecs.lookup(encoding).name
    try:
        return Decoded(content.decode(encoding), name, notes)
    except UnicodeError:
        text = content.decode(encoding, errors="replace")
        return Decoded(text, name, (*notes, f"places that are no {name} replaced: {text.count(chr(0xFFFD))}"))


def _charset(declared: str | None) -> tuple[str, ...]:
    """What a file calls its encoding, if it is one; browsers take Latin-1 and ASCII for Windows-1252, so do we."""
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return ()
    if not DECLARED.match(name):
        return ()
    return ("utf-8",) if name.startswith("utf-8") else ("cp1252",) if name in ("iso8859-1", "ascii") else (name,)


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 that says nothing of itself: mostly letters below 256 have a NUL on one side, and always the same one."""
    head = content[:4096]
    if len(head) < 16 or len(content) % 2:
        return None
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) * 3 < len(head) // 2 or min(first, second) * 20 > max(first, second):
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _mostly_right(text: str) -> bool:
    """Whether what is beyond ASCII mostly came out well: a few damaged places make no other encoding."""
    wrong = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    return beyond - wrong > 3 * wrong


def _guess(content: bytes) -> str:
    sample = content[:SAMPLE]
    if len(content) > SAMPLE:  # a character cut in two would speak against the right encoding
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    if _western(sample.decode("cp1252", errors="replace")):
        return "cp1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415 (few files need it)

    best = from_bytes(sample, cp_isolation=list(CHARSETS)).best()
    return best.encoding if best else "cp1252"


def _western(text: str) -> bool:
    """Whether this reads like a western European language: few letters beyond ASCII, and nearly all of them usual there.

    charset-normalizer takes French for Baltic and German for Polish: their letters have the same codes, and it looks at no words.
    """
    beyond = [sign for sign in text if sign > "\x7f"]
    letters = sum(sign.isalpha() for sign in beyond)
    usual = sum(sign in WESTERN for sign in beyond) + len(_POWERS.findall(text))
    return usual >= 0.95 * len(beyond) and letters <= 0.4 * sum(sign.isalpha() for sign in text)
