"""The documents of one extraction: how far it is, each with what was found in it or why it could not be read."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import resources, state
from app.components import certainty, chips, labels, live, notice, numbers, pager
from app.components.drawn import Node, draw, node, table
from app.components.table import ROW
from app.extracting import Entry, Reading

SIZE = 50
SEEN = 5
"""Rows that are seen at once."""
NAMED = 4
"""Reasons that are told in full."""

_HEADS = ("document", "domain", "sure", "entities", "relations", "state")


def show(job: Reading, chosen: str | None) -> None:
    """Draw it, live while it goes on; a click on a row shows that document."""
    live.show(partial(_draw, job, _entry_of(job, chosen)), running=job.running, every=0.5)


def _draw(job: Reading, seen: Entry | None) -> bool:
    running = job.running
    chosen = state.linked("document")
    if chosen is None:
        _choose(next((entry.document for entry in job.entries if entry.counts), None))
    elif _entry_of(job, chosen) != seen:  # what the page shows below has come, or was read anew
        state.link("version", None)
        st.rerun()
    _progress(job, running=running)
    listed = job.listed
    if len(listed) > 1 or any(entry.document is None for entry in listed):
        _table(job, listed, chosen, running=running)
    if not running:
        _failures(job)
    return running


def _progress(job: Reading, *, running: bool) -> None:
    """The bar with its sentence, or what a stop left."""
    if not running and not job.left:
        return
    read = sum(not entry.waiting for entry in job.entries)
    counted = f"{numbers.count(read)} of {numbers.plural(len(job.listed), 'document')}"
    if not running:
        if job.error is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                notice.show(f"Stopped: {counted} read." if read else "Stopped before a document was read; everything is still here.")
                if st.button("Go on", key="extract.go_on", icon=":material/play_arrow:"):
                    job.go(resources.workbench())
                    st.rerun()
        return
    words = _doing(job, counted)
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = node("bar", node("bar-done", share=job.share), role="progressbar", label=words)
        draw(node("column", node("phase-now", words), bar), key="extract.progress")
        if st.button("Stop", key="extract.stop", icon=":material/stop:", disabled=job.stop.is_set()):
            job.stop.set()


def _doing(job: Reading, counted: str) -> str:
    gone = f"{numbers.duration(job.seconds * 1000)} gone"
    if job.stop.is_set():
        return f"Stopping after the answer under way · {gone}"
    if job.uploads:
        return f"Opening {job.now}, recognizing domains · {gone}"
    chunk = f", {numbers.count(job.done)} of {numbers.plural(job.chunks, 'chunk')}" if job.chunks else ""
    left = "time left not known yet" if job.remaining_ms is None else f"about {numbers.duration(job.remaining_ms)} left"
    return f"Reading {job.now}{chunk} · {counted} · {gone}, {left}"


def _table(job: Reading, entries: Sequence[Entry], chosen: str | None, *, running: bool) -> None:
    at = pager.window(len(entries), key="extract.list", size=SIZE)
    shown = entries[at.offset : at.offset + at.limit]
    under_way = next((entry for entry in entries if entry.waiting and entry.document), None) if running and not job.uploads else None
    rows = [_cells(entry, job if entry is under_way else None) for entry in shown]
    drawn = table(_HEADS, rows, right=(3, 4))
    for entry, row in zip(shown, drawn["in"][1]["in"], strict=True):
        row["title"] = ". ".join(part for part in (entry.error, entry.hint) if part) or entry.file
        if entry.document:
            row["pick"], row["pressed"] = entry.document, entry.document == chosen
    picked = draw(drawn, key="extract.list.rows", height=ROW * (min(len(shown), SEEN) + 1) + 4, once=True)
    if len(entries) > SIZE:
        pager.show(len(entries), key="extract.list", size=SIZE, noun="documents")
    if picked != chosen:
        _choose(picked)


def _cells(entry: Entry, job: Reading | None) -> list["Node | str"]:
    counts = entry.counts
    return [
        entry.file,
        entry.domain or numbers.UNKNOWN,
        _sure(entry),
        numbers.count(counts.entities if counts else None),
        numbers.count(counts.relations if counts else None),
        _state(entry, job),
    ]


def _sure(entry: Entry) -> str:
    if entry.given is None or entry.domain != entry.given.domain:
        return numbers.UNKNOWN
    return "set by hand" if entry.given.overridden else certainty.word(entry.given.level)


def _state(entry: Entry, job: Reading | None) -> Node:
    if entry.error is not None:
        return chips.status("failed", "not read")
    if entry.counts and entry.counts.failed:
        return chips.status("failed", f"{numbers.count(entry.counts.failed)} of {numbers.plural(entry.counts.chunks, 'chunk')} failed")
    if entry.counts:
        return chips.status("completed", "read")
    if job is None:
        return chips.status("waiting")
    return chips.status("running", f"{numbers.count(job.done)} of {numbers.plural(job.chunks, 'chunk')}" if job.chunks else "reading")


def _failures(job: Reading) -> None:
    """What could not be read at all, with the reason."""
    failed = [entry for entry in job.entries if entry.error is not None]
    again = [entry for entry in job.entries if job.can_retry(entry)]
    if not failed and (not again or len(job.entries) < 2):  # a document alone says under its heading what failed
        return
    words, button = st.columns([7, 1], vertical_alignment="top")
    with words:
        _reasons(failed)
    if again and button.button(
        labels.label(f"Retry {numbers.count(len(again))} failed"), key="extract.retry.all", icon=":material/refresh:"
    ):
        job.again(resources.workbench())
        st.rerun()


def _reasons(failed: Sequence[Entry]) -> None:
    """Every reason once, with the documents it is true of."""
    same: dict[tuple[str, str], list[str]] = {}
    for entry in failed:
        same.setdefault((entry.error or "", entry.hint), []).append(entry.file)
    for (error, hint), files in list(same.items())[:NAMED]:
        which = files[0] if len(files) == 1 else f"{numbers.count(len(files))} documents ({numbers.listed(files, 3)})"
        notice.show(f"not read: {which}. {error[:1].upper()}{error[1:]}", hint, level="error")
    if len(same) > NAMED:
        notice.show("Others could not be read for other reasons", "Each row of the list says why on hover.", level="error")


def _choose(document: str | None) -> None:
    if document is not None:
        state.link("document", document)
        state.link("version", None)
        st.rerun()


def _entry_of(job: Reading, document: str | None) -> Entry | None:
    return next((entry for entry in job.entries if document is not None and entry.document == document), None)


def documents(entries: Sequence[Entry]) -> list[str]:
    """Ids of those that were read, each once."""
    return list(dict.fromkeys(entry.document for entry in entries if entry.document and entry.counts))
