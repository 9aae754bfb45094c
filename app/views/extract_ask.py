"""What is to be read, and how: files, documents that came in before or a pasted text; domain, prompt and model."""

import streamlit as st

from app import resources, state
from app.components import heading, notice, numbers
from app.extracting import Reading
from core.records.prompts import Stage
from core.workflows.documents import DocumentRow, Upload, newest_documents
from core.workflows.domains import domain_names
from core.workflows.extract import GENERIC, ExtractRequest

JOB = "extract.job"
PASTED = "pasted.txt"
RECOGNIZE = "Recognized, document by document"
WAYS = ("Files", "Came in before", "Paste")
_NO_PROMPT = "Generic prompt"


def show(job: Reading | None) -> None:
    """Draw the fields and the button; what is asked for begins, and the page then shows how far it is."""
    with st.container(width=860):
        brought = _brought(job)
        request = _how()
        going = job is not None and job.running
        if going:
            heading.note("Something is being read; the next can begin when that is over or stopped.")
        with st.container(horizontal=True):
            disabled = going or brought is None
            if st.button("Extract", key="extract.start", type="primary", icon=":material/play_arrow:", disabled=disabled) and brought:
                brought.request = request
                begin(brought)
            if (job or state.linked("document")) and st.button("Back to what was read", key="extract.back"):
                state.link("view", None)
                st.rerun()


def begin(reading: Reading) -> None:
    """Start it and look at it."""
    state.remember(JOB, reading.go(resources.workbench()))
    state.link("view", None)
    state.link("version", None)
    state.link("document", reading.documents[0] if len(reading.documents) == 1 else None)
    st.rerun()


def others(*, primary: bool) -> None:
    """Draw the way to the fields, with nothing chosen yet."""
    if st.button("Extract others", key="extract.more", type="primary" if primary else "secondary", icon=":material/upload:"):
        state.link("document", None)
        state.link("view", "new")
        st.rerun()


def _brought(job: Reading | None) -> Reading | None:
    """The documents, None where there are none yet."""
    linked = state.linked("document")
    way = st.segmented_control("Documents", WAYS, default=WAYS[1] if linked else WAYS[0], required=True, key="extract.way")
    if way == "Paste":
        pasted = st.text_area("Text", key="extract.pasted", height=200, placeholder="A note, a mail, a paragraph of a report")
        return Reading(uploads=(Upload(PASTED, (pasted or "").encode("utf-8", "replace")),)) if (pasted or "").strip() else None
    if way == "Came in before":
        return _known(linked)
    files = st.file_uploader("txt, md, html, pdf, docx, eml, csv, jsonl, or a zip of them", accept_multiple_files=True, key="extract.files")
    kept = job.uploads if job and job.error else ()  # what was brought before an error is still here, and need not be brought again
    words = "Files are held in memory here and limited to 200 MB. Whole folders: python -m core extract FOLDER"
    heading.note(f"Still here: {numbers.listed([each.name for each in kept])}" if kept and not files else words, key="extract.files.words")
    uploads = tuple(Upload(each.name, each.getvalue()) for each in files) or kept
    return Reading(uploads=uploads) if uploads else None


def _known(linked: str | None) -> Reading | None:
    rows = {row.document.id: row for row in newest_documents(resources.workbench())}
    if not rows:
        heading.note("No document came in yet.")
        return None
    chosen = st.multiselect(
        "The newest documents", list(rows), [linked] if linked in rows else None, format_func=lambda each: _said(rows[each]),
        key=f"extract.known.{linked}", placeholder="Choose some",
    )  # fmt: skip
    return Reading(documents=tuple(chosen)) if chosen else None


def _said(row: DocumentRow) -> str:
    document = row.document
    size = numbers.plural(document.characters, "character")
    return " · ".join([document.name, *([row.domain] if row.domain else []), size, numbers.moment(document.received_at)])


def _how() -> ExtractRequest:
    """Domain, prompt and model; each has a default that follows from the documents."""
    left, middle, right = st.columns(3)
    known = domain_names(resources.workbench())
    domain = left.selectbox("Domain", [RECOGNIZE, *known], key="extract.domain")
    chosen = domain if domain in known else None
    names = _prompts(chosen)
    version = middle.selectbox("Prompt", list(names), key=f"extract.prompt.{chosen}.{len(names)}", format_func=names.__getitem__)
    found = resources.models()
    first = "Default: the one of the prompt"
    reading = [each.id for each in found.models if "text" in each.capabilities or not each.capabilities]
    model = right.selectbox("Model", [first, *reading], key="extract.model")
    for problem in found.problems:
        heading.note(f"{problem.message}. The built-in model works without it.")
    return ExtractRequest(domain=chosen, version=version or None, model=None if model == first else model)


def _prompts(domain: str | None) -> dict[str, str]:
    """What can be chosen and how it is called; the empty one stands for what is in production."""
    if domain is None:
        return {"": "Default: what each domain uses", GENERIC: _NO_PROMPT}
    versions = resources.versions(domain)
    used = next((each.version for each in versions if each.stage is Stage.PRODUCTION), None)
    first = f"Default: {used}, in production" if used else "Default: generic prompt, none is in production"
    return {"": first} | {each.version: each.version for each in versions if each.version != used} | {GENERIC: _NO_PROMPT}


def welcome() -> None:
    """Nothing came in yet."""
    heading.show("What does it say?", "Reads names and relations out of documents, each with the prompt of its domain.")


def failed(job: Reading) -> None:
    """Why nothing more is read, with what can be done: what was brought is still here."""
    if job.error is None:
        return
    notice.show(job.error.message, job.error.hint, level="error")
    with st.container(horizontal=True):
        if st.button("Try again", key="extract.retry.job", icon=":material/refresh:"):
            job.go(resources.workbench())
            st.rerun()
        if state.linked("view") != "new" and st.button("Choose otherwise", key="extract.other", icon=":material/tune:"):
            state.link("view", "new")
            st.rerun()
