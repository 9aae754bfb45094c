"""Mails: who wrote what to whom, then the text; what is attached is read as files of their own."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from functools import partial
from mimetypes import guess_extension
from typing import cast

from core.documents.encoding import Decoded, decode
from core.documents.formats.base import Document, File, Item, Part
from core.documents.formats.html import html_text
from core.documents.naming import Names, shown

HEADERS = ("Subject", "From", "To", "Cc", "Date")
_FIRST = re.compile(rb"[\x21-\x39\x3b-\x7e]+:[ \t]|From [^\n]*\n")
_KNOWN = re.compile(rb"^(?:from|to|subject|date|received|message-id|mime-version|return-path|delivered-to):", re.IGNORECASE | re.MULTILINE)


class Eml:
    """The plain text of a mail where it has one, else its HTML as text."""

    name = "eml"
    endings: tuple[str, ...] = ("eml",)
    title = "a mail"
    text = True

    def sniffs(self, content: bytes) -> bool:
        """At least two headers that mails have, before the first empty line."""
        head = content[:16384].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        return _FIRST.match(head) is not None and len({each.lower() for each in _KNOWN.findall(head)}) >= 2

    def read(self, file: File) -> Iterator[Item]:
        """One document, then the files attached."""
        mail = message_from_bytes(file.content, policy=default)
        texts: list[Decoded] = []
        parts: list[Part] = []
        notes: list[str] = []
        names = Names()
        for part in _leaves(mail):
            if _is_text(part):
                texts.append(_text(part))
                continue
            name, content = _attachment(part)
            if file.known(name, content):
                parts.append(Part(names.distinct(name), partial(bytes, content)))
            else:
                notes.append(f"attachment left out: {name}")
        said = "\n\n".join(each.text for each in texts)
        notes += dict.fromkeys(note for each in texts for note in each.notes)
        encoding = texts[0].encoding if texts else None
        yield Document("\n".join([*_headers(mail), "", said]), encoding=encoding, notes=tuple(notes))
        yield from parts


def _leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    """Its parts in their order; of those that say the same in several ways only one."""
    if part.get_content_type() == "multipart/alternative" and part.is_multipart():
        choices = cast("list[EmailMessage]", part.get_payload())
        yield from _leaves(min(choices, key=_rank)) if choices else ()
    elif part.get_content_maintype() == "multipart" and part.is_multipart():
        for each in cast("list[EmailMessage]", part.get_payload()):
            yield from _leaves(each)
    else:
        yield part


def _rank(choice: EmailMessage) -> int:
    """Plain text first, unless there is none in it; then HTML, whatever is packed together with it."""
    if choice.get_content_type() == "text/plain" and _text(choice).text.strip():
        return 0
    return 1 if any(each.get_content_type() == "text/html" for each in choice.walk()) else 2


def _is_text(part: EmailMessage) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename():
        return False
    # what calls itself multipart and has no parts is a mail whose parts were lost: its text is there
    return part.get_content_type() in ("text/plain", "text/html") or part.get_content_maintype() == "multipart"


def _text(part: EmailMessage) -> Decoded:
    content = part.get_payload(decode=True)
    decoded = decode(
        content if isinstance(content, bytes) else str(part.get_payload()).encode("utf-8", "replace"), part.get_content_charset()
    )
    if part.get_content_subtype() != "html":
        return decoded
    text, hidden = html_text(decoded.text)
    return decoded._replace(text=text, notes=(*decoded.notes, "hidden text left out") if hidden else decoded.notes)


def _attachment(part: EmailMessage) -> tuple[str, bytes]:
    """What an attached file is called, and its bytes; an attached mail is called after its subject."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = cast(EmailMessage, part.get_payload(0))
        return shown(part.get_filename() or f"{_header(inner, 'Subject') or 'mail'}.eml"), inner.as_bytes(policy=compat32)
    content = part.get_payload(decode=True)
    name = part.get_filename() or f"attachment{guess_extension(part.get_content_type()) or ''}"
    return shown(name), content if isinstance(content, bytes) else b""


def _headers(mail: EmailMessage) -> list[str]:
    return [f"{name}: {value}" for name in HEADERS if (value := _header(mail, name))]


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (AttributeError, LookupError, TypeError, ValueError):  # the parser of addresses and dates stumbles over some
        return next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
