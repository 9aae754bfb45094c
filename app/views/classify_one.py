"""One document: which domains it might belong to, what reading noted, how it begins."""

import streamlit as st

from app import navigation
from app.components import certainty, chips, heading, numbers, table
from app.components.drawn import Node, draw, node
from app.resources import workbench
from app.views import classify_rows
from core.records.documents import Classification, Document
from core.records.domains import GENERAL
from core.workflows.classify import Classified, classification_of
from core.workflows.documents import document_text, get_document

_BEGINNING = 1_200


def show(row: Classified) -> None:
    """Draw the document of a row."""
    assert row.document is not None
    answer = classify_rows.said(row)
    _draw(answer.name, row.document, answer)


def show_known(document: str) -> None:
    """Draw a document that came in before. Raises UnknownNameError."""
    known = get_document(workbench(), document)
    answer = classification_of(workbench(), document)
    if answer is None:
        heading.section(known.name, "it was not recognized yet")
        navigation.link("extract", "Extract this", document=document)
    else:
        _draw(known.name, known, answer)


def _draw(name: str, document: Document, answer: Classification) -> None:
    pages = [numbers.plural(document.pages, "page")] if document.pages else []
    about = [document.kind, *pages, numbers.plural(document.characters, "character"), f"came in {numbers.moment(document.received_at)}"]
    heading.section(name, " · ".join(about))
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        _answer(answer)
        _alternatives(answer)
    with right:
        for note in document.notes:
            heading.note(note)
        text = document_text(workbench(), document.id)
        cut = "…" if len(text) > _BEGINNING else ""
        passage = node("passage tight", f"{text[:_BEGINNING]}{cut}", tag="p")
        draw(node("roomy", passage), height=250) if len(text) > 700 else draw(node("framed", passage))
        navigation.link("extract", "Extract this", document=document.id)


def _answer(answer: Classification) -> None:
    words: list[Node | str] = [chips.domain(answer.domain)]
    if answer.overridden:
        by = f" by {answer.overridden_by}" if answer.overridden_by not in (None, "person") else ""
        words += [f"set by hand{by}, {numbers.moment(answer.overridden_at)}; recognized was"]
        words += [chips.domain(answer.recognized)]
    words += [certainty.chip(answer.level)]
    if answer.recognized == GENERAL and answer.confidence is not None:
        words += [f"none of these: nothing fits, or nothing above the threshold of {numbers.score(answer.threshold)}"]
    chips.show(*words)


def _alternatives(answer: Classification) -> None:
    if answer.confidence is None:
        heading.note("No domain was ready when it came in, so there was nothing to choose from.")
        return
    rows: list[list[Node | str]] = [
        [each.domain, certainty.bar(each.confidence), certainty.bar(each.score)] for each in answer.alternatives
    ]
    if answer.none is not None:
        rows += [["none of these", certainty.bar(answer.none), certainty.bar(None, "nothing to be alike to")]]
    table.show(("might be", "confidence", "score"), rows)
    heading.note("Confidence is how probable it is that the document belongs there. Score is how alike the texts are, and only ranks.")
    heading.note(f"By {answer.recognizer or 'descriptions and samples alone'}, with the embedder {answer.embedder}.")
