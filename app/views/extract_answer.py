"""What is said above and below the text: how much was found, by which prompt, what failed, what was left out, and what can be done."""

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import resources, state
from app.components import chips, heading, notice, numbers
from app.extracting import Reading
from app.views import extract_ask, extract_list, linked_choice
from core.records.documents import Document, Extraction, ReadChunk
from core.workflows.classify import classification_of
from core.workflows.extract import GENERIC, ExtractRequest, extractions_of
from core.workflows.extraction_exports import FORMATS, export_extractions

LONGEST = 90
"""Characters of a document's name in the heading."""
NAMED = 3
"""Failed chunks that are told in full."""


def title(document: Document, made: Extraction | None, *, running: bool) -> None:
    """Draw the heading: what was found, and what that rests on."""
    name = document.name if len(document.name) <= LONGEST else f"{document.name[: LONGEST - 1]}…"
    if made is None:
        heading.show(f"{name}: {'being read' if running else 'not read yet'}", _about(document))
        return
    found = f"{numbers.plural(len(made.entities), 'entity', 'entities')}, {numbers.plural(len(made.relations), 'relation')}"
    if made.failed and not made.entities and not made.relations and len(made.failed) == len(made.chunks):
        found = "could not be read"
    prompt = chips.run(made.version) if made.version else chips.run("generic prompt")
    tokens = f"{numbers.plural(sum(each.tokens for each in made.chunks), 'token')} in {numbers.plural(len(made.chunks), 'chunk')}"
    words = " · ".join([_sure(document, made), made.model, tokens, numbers.milliseconds(made.ms), numbers.moment(made.at)])
    heading.show(f"{name}: {found}", words, chips=[chips.domain(made.domain), prompt])


def version(made: Sequence[Extraction]) -> Extraction:
    """Draw the chooser where several prompts read the document, and return the extraction chosen; at first the newest."""
    names = {each.version or GENERIC: each for each in made}
    if len(names) == 1:
        return made[0]
    said = {name: name if name != GENERIC else "generic prompt" for name in names}
    key = f"extract.version.{made[0].document[:16]}.{made[0].at:%H%M%S%f}"  # a new one for what was read anew, which is shown first
    with st.container(width=215):
        chosen = linked_choice.show("Read with", list(names), name="version", key=key, first=next(iter(names)), names=said.__getitem__)
    return names[chosen]


def acts(document: Document, made: Extraction | None, job: Reading | None) -> None:
    """Draw what can be done: other documents, the same once more, files to take along."""
    if made is not None:
        with st.popover("Export", icon=":material/download:", key="extract.export"):
            _exports(document.name, [made.document], made, key="extract.one")
            batch = extract_list.documents(job.entries) if job else []
            if len(batch) > 1:
                heading.note(f"All {numbers.plural(len(batch), 'document')} of the list, each as read last")
                _exports(f"{len(batch)}_documents", batch, None, key="extract.all")
    if made and st.button("Read again", key="extract.again", icon=":material/tune:", help="With another prompt, domain or model"):
        state.link("view", "new")
        st.rerun()
    extract_ask.others(primary=made is not None)


def offer(document: Document) -> None:
    """Nothing was found in it yet: read it with what its domain uses."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Extract", key="extract.offer", type="primary", icon=":material/play_arrow:"):
            extract_ask.begin(Reading(documents=(document.id,)))
        if st.button("Choose prompt and model", key="extract.offer.choose", icon=":material/tune:"):
            state.link("view", "new")
            st.rerun()


def failures(made: Extraction, job: Reading | None) -> None:
    """Draw which chunks could not be read and why, with another try."""
    failed = made.failed
    if not failed:
        return
    words, button = st.columns([7, 1], vertical_alignment="top")
    with words:
        if len(failed) > 1 and len({each.error for each in failed}) == 1:
            notice.show(f"{_which(made, failed)} be {_how_far(*failed)}: {failed[0].error}", failed[0].hint, level="error")
        else:
            for each in failed[:NAMED]:
                notice.show(f"{chunk_name(made, each)} could not be {_how_far(each)}: {each.error}", each.hint, level="error")
            if len(failed) > NAMED:
                more = numbers.plural(len(failed) - NAMED, "more chunk")
                notice.show(f"{more} could not be read", "They are listed under Chunks, with the reasons.", level="error")
    busy = job is not None and job.running
    if button.button("Retry", key="extract.retry", icon=":material/refresh:", disabled=busy, help="Reads the document once more"):
        _retry(made, job)


def left_out(made: Extraction) -> None:
    """Draw how much a model said that is not in the text, and that nothing was found where that is so."""
    if not made.entities and not made.relations and len(made.failed) < len(made.chunks):
        notice.show("The model found nothing; what it was asked and what it answered is under Chunks.")
    names = sum(each.kind == "entity" for each in made.ungrounded)
    links = len(made.ungrounded) - names
    said = [numbers.plural(count, what) for count, what in ((names, "name"), (links, "relation")) if count]
    if said:
        were = "was" if names + links == 1 else "were"
        heading.note(f"{' and '.join(said)} {were} not in the text and {were} left out.")


def read_with(document: Document) -> None:
    """Draw what reading the file left out or mended."""
    if document.notes:
        heading.note(f"From the {document.kind} file: {'; '.join(document.notes)}")


def chunk_name(made: Extraction, chunk: ReadChunk) -> str:
    """chunk 3 of 12 (characters 9,210 to 13,400)."""
    where = f"characters {numbers.count(chunk.start + 1)} to {numbers.count(chunk.end)}"
    return f"chunk {numbers.count(chunk.index + 1)} of {numbers.count(len(made.chunks))} ({where})"


def _which(made: Extraction, failed: Sequence[ReadChunk]) -> str:
    if len(failed) == len(made.chunks):
        return f"none of the {numbers.count(len(failed))} chunks could"
    listed = numbers.listed([numbers.count(each.index + 1) for each in failed], 12)
    return f"{numbers.count(len(failed))} of {numbers.count(len(made.chunks))} chunks ({listed}) could not"


def _how_far(*chunks: ReadChunk) -> str:
    """A chunk whose entities are known can still fail at its relations."""
    return "read to the end" if any(each.entities for each in chunks) else "read"


def _retry(made: Extraction, job: Reading | None) -> None:
    entry = next((each for each in job.entries if each.document == made.document), None) if job else None
    if job and entry and job.can_retry(entry):
        job.again(resources.workbench(), made.document)
        st.rerun()
    request = ExtractRequest(domain=made.domain, version=made.version or GENERIC, model=made.model)
    extract_ask.begin(Reading(request=request, documents=(made.document,)))


def _sure(document: Document, made: Extraction) -> str:
    """How the document came to the domain that it was read for."""
    given = classification_of(resources.workbench(), document.id)
    if given is None or given.domain != made.domain:
        return "domain chosen for this reading"
    if given.overridden:
        return "domain set by hand"
    return f"recognized, {given.level.lower()} {numbers.score(given.confidence)}"


def _about(document: Document) -> str:
    pages = [numbers.plural(document.pages, "page")] if document.pages else []
    return " · ".join([document.kind, *pages, numbers.plural(document.characters, "character"), numbers.moment(document.received_at)])


def _exports(name: str, documents: Sequence[str], made: Extraction | None, *, key: str) -> None:
    """A button a format; the files are made when one is pressed."""
    stem = re.sub(r"[^\w.-]+", "_", name)[-LONGEST:].strip("._") or "document"
    for each, form in FORMATS.items():
        content = partial(_file, each, documents, made)
        st.download_button(
            form.title, content, f"{stem}{form.ending}", form.media, key=f"{key}.{each}", on_click="ignore", icon=":material/download:"
        )


def _file(form: str, documents: Sequence[str], made: Extraction | None) -> bytes:
    bench = resources.workbench()
    return export_extractions(bench, [made] if made else [each for id in documents for each in extractions_of(bench, id)[:1]], form)
