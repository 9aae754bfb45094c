"""Extract: what does it say?"""

import streamlit as st

from app import errors, state
from app.components import heading, notice, numbers
from app.extracting import Reading
from app.views import extract_answer, extract_ask, extract_details, extract_kept, extract_list, extract_text


def handed_over(job: Reading | None) -> None:
    """What Classify sends here is read at once; while something else is read, after it."""
    documents: tuple[str, ...] = tuple(state.remembered("extract.documents", ()))
    if not documents:
        return
    if job and job.running:
        notice.show(f"{numbers.plural(len(documents), 'document')} of Classify will be read after these.")
        return
    state.forget("extract.documents")
    extract_ask.begin(Reading(documents=documents))


def ask(job: Reading | None) -> None:
    """The fields; nothing is read, or something else is wanted."""
    extract_ask.welcome()
    if job:
        extract_ask.failed(job)
    extract_ask.show(job)


def many(job: Reading) -> None:
    """A list of which no document is read yet, or none could be."""
    count = numbers.plural(len(job.listed), "document")
    title, acts = st.columns([1.6, 1], vertical_alignment="top")
    with title:
        heading.show(f"Reading {count}" if job.running else f"{count}: nothing is read")
    with acts, st.container(horizontal=True, horizontal_alignment="right"):
        extract_ask.others(primary=True)
    extract_ask.failed(job)
    extract_list.show(job, None)


def one(document: str, job: Reading | None) -> None:
    """A document, and what was found in it."""
    text = extract_kept.text_of(document)
    every = extract_kept.found_in(document)
    running = job is not None and job.running and any(each.document == document and each.waiting for each in job.entries)
    title, acts = st.columns([1, 1.15] if len(every) > 1 else [1.6, 1], vertical_alignment="top")
    with acts, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        made = extract_answer.version(every) if every else None
        extract_answer.acts(text.document, made, job)
    with title:
        extract_answer.title(text.document, made, running=running)
    if job:
        extract_ask.failed(job)
        extract_list.show(job, document)
    if made is None:
        if not running:
            extract_answer.offer(text.document)
        extract_text.show_plain(text)
        return
    extract_answer.failures(made, job)
    extract_text.show(text, made)
    extract_answer.left_out(made)
    extract_answer.read_with(text.document)
    extract_details.show(text, made, [each for each in every if each.id != made.id])


job: Reading | None = state.remembered(extract_ask.JOB, None)
handed_over(job)
linked = state.linked("document")
if message := state.take_flash():
    notice.show(message, level="done")
if state.linked("view") == "new" or (linked is None and job is None):
    ask(job)
elif linked is not None:
    with errors.shown() as outcome:
        one(linked, job)
    if outcome.failed and st.button("Choose a document", key="extract.choose", type="primary"):
        state.link("document", None)
        state.link("view", "new")
        st.rerun()
elif job is not None:
    many(job)
