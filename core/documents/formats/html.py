"""HTML as text: laid out the way a browser would, without what a browser would not show."""

import re
from collections.abc import Iterator
from typing import Any

from core.documents.encoding import decode
from core.documents.formats.base import Document, File, Item

NEVER_SHOWN = (
    "head", "script", "style", "template", "noscript", "noframes", "noembed", "iframe", "object", "audio", "video", "canvas", "datalist",
)  # fmt: skip
"""Elements that hold no text of the page: code, and what stands in for things that are switched off."""
_BEGINNING = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE
)
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26)(?![0-9a-f]);?", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOTHING = r"\s*:\s*0+(?:\.0*)?[a-z%]*\s*(?:[;!]|$)"
_HIDING = re.compile(
    rf"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity{_NOTHING}|font-size{_NOTHING})", re.IGNORECASE
)
_SHOWING = re.compile(r"(?<![\w-])(?:display|visibility|opacity|font-size)\s*:", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"([a-z][a-z0-9]*|\*)?(?:([.#])([\w-]+))?", re.IGNORECASE)


class Html:
    """What is hidden by an attribute, by its style or by a plain rule of the page's own style sheet is left out."""

    name = "html"
    endings: tuple[str, ...] = ("html", "htm", "xhtml")
    title = "an HTML page"
    text = True

    def sniffs(self, content: bytes) -> bool:
        """A document type or one of the outer elements at the beginning."""
        return _BEGINNING.match(content[:4096].removeprefix(b"\xef\xbb\xbf")) is not None

    def read(self, file: File) -> Iterator[Item]:
        """One document."""
        found = _CHARSET.search(file.content[:4096])
        declared = (found[1] or found[2]).decode("ascii") if found else None
        markup, encoding, notes = decode(file.content, declared)
        text, hidden = html_text(markup)
        yield Document(text, encoding=encoding, notes=(*notes, "hidden text left out") if hidden else notes)


def html_text(markup: str) -> tuple[str, bool]:
    """The text that a browser would show, and whether the page holds text that it would not show.

    Raises:
        RecursionError: nested too deep.
    """
    import lxml.html  # type: ignore[import-untyped]  # noqa: PLC0415 (text files do without)
    from inscriptis.html_engine import Inscriptis  # type: ignore[import-untyped]  # noqa: PLC0415
    from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]  # noqa: PLC0415

    # inscriptis resolves entities that lxml has resolved already: `&amp;lt;` says `&lt;` and must not become `<`.
    # Bytes, as lxml refuses strings that declare an encoding, and no control characters, as it cannot write them back.
    content = _AMPERSAND.sub("&amp;amp;", _CONTROLS.sub(" ", markup)).encode("utf-8", errors="replace")
    if not content.strip():
        return "", False
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        page = lxml.html.document_fromstring(content, parser=parser, ensure_head_body=True)
    except lxml.etree.ParserError:  # nothing but comments
        return "", False
    except lxml.etree.XMLSyntaxError as error:  # this parser mends everything; only memory can fail it
        raise MemoryError(str(error)) from None
    hidden = _drop_hidden(page)
    return Inscriptis(page, ParserConfig(display_images=False)).get_text(), hidden


def _drop_hidden(page: Any) -> bool:
    """Take out what is not shown; returns whether any of it was text of the page."""
    rules = {}
    for sheet in page.iter("style"):
        rules.update(_rules(sheet.text or ""))
    lost = False
    for element in list(page.iter()):
        if element.tag in NEVER_SHOWN:
            gone = True
        else:
            gone = _is_hidden(element, rules)
            lost = lost or (gone and bool("".join(element.itertext()).strip()))
        if gone and element.getparent() is None:
            element.clear()
        elif gone:
            element.drop_tree()
    return lost


def _is_hidden(element: Any, rules: dict[str, bool]) -> bool:
    if "hidden" in element.attrib or (element.tag == "dialog" and "open" not in element.attrib):
        return True
    style = _COMMENT.sub("", element.get("style", ""))
    if _SHOWING.search(style):
        return _HIDING.search(style) is not None
    if not rules:
        return False
    named = [f".{name}" for name in element.get("class", "").split()] + [f"#{name}" for name in element.get("id", "").split()]
    return any(rules.get(selector, False) for name in ("", "*", element.tag) for selector in (name, *(name + end for end in named)))


def _rules(sheet: str) -> dict[str, bool]:
    """Of a style sheet's rules for one element, class or id: whether they hide it. The last one counts.

    Rules inside @media and the like hold elsewhere, and rules for elements inside others are not followed.
    """
    found: dict[str, bool] = {}
    depth, start, selectors = 0, 0, ""
    sheet = _COMMENT.sub("", sheet)
    for brace in re.finditer(r"[{}]", sheet):
        between = sheet[start : brace.start()]
        start = brace.end()
        if brace[0] == "{":
            depth += 1
            selectors = between.rpartition(";")[2] if depth == 1 else selectors
            continue
        depth = max(depth - 1, 0)
        if depth == 0 and "@" not in selectors and _SHOWING.search(between):
            plain = (selector.strip() for selector in selectors.split(","))
            found |= {selector: _HIDING.search(between) is not None for selector in plain if _SELECTOR.fullmatch(selector) and selector}
    return found
