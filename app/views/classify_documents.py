"""Documents and their domains: how far recognition is, what came out, the table, what can be done with it."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from app import errors, resources, state
from app.classifying import Pile
from app.components import certainty, empty_state, heading, live, numbers
from app.components.drawn import Node, draw, node, text
from app.components.table import ROW
from app.resources import workbench
from app.views import classify_acts, classify_one, classify_rows
from app.views.classify_rows import SORTS, Counted, Shown, Sort
from core.workflows.classify import Classified
from core.workflows.domains import domain_names
from core.workflows.samples import sample_documents, sample_names

_ROWS = 14
_UNREAD = 200


def show() -> None:
    """Draw everything below the files; it follows what is being recognized."""
    pile = classify_rows.pile()
    live.show(lambda: _draw(pile), running=pile.running, every=0.5)


def _draw(pile: Pile) -> bool:
    running = pile.running  # asked before the rows are read: when it is over, the rows are all there
    own = bool(pile.rows or running or pile.error or pile.sources)
    rows = pile.rows[:] if own else classify_rows.earlier()
    stamp = (len(rows), pile.changes) if own else tuple(classify_rows.said(row) for row in rows)
    counted = classify_rows.counted(rows, stamp)
    if own:
        _progress(pile, counted, running=running)
    elif rows:
        heading.sentence(
            f"Nothing new yet. Listed are the last {numbers.plural(len(rows), 'document')} that came in · {counts(counted.counts)}"
        )
    if rows or running:
        _listed(rows, stamp, counted, pile)
    elif own:
        with st.container(horizontal=True):
            _stop_or_go_on(pile)
    else:
        _nothing_yet(pile)
    return running


def _nothing_yet(pile: Pile) -> None:
    """Before the first document: what will be here, and some to try it on."""
    words = "Bring documents: each is listed with its domain, how sure that is, and the next best one."
    known = set(sample_names()) & set(domain_names(workbench()))
    if not known:
        draw(node("empty", words))
    elif empty_state.show(words, "Take the sample documents", key="classify.samples"):
        pile.add(workbench(), [path for name in sorted(known) for path in sample_documents(name)])
        st.rerun()


def _listed(rows: Sequence[Classified], stamp: object, counted: Counted, pile: Pile) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort, domain = _filters(counted)
        _stop_or_go_on(pile)  # not at the right, where the table's own tools come up over it
    shown = classify_rows.shown(rows, stamp, sort, domain, live=pile.running)
    chosen = _table(shown, _name(rows, pile, sort, domain), expected=max(len(rows), len(pile.sources)), filtered=bool(sort or domain))
    classify_acts.show(shown, chosen)
    _one(rows, chosen)
    if shown.unread:
        _unread(shown.unread)


def _name(rows: Sequence[Classified], pile: Pile, sort: Sort | None, domain: str | None) -> str:
    """The same as long as every row keeps its place, as rows are selected by their places."""
    if not pile.rows and rows:
        return f"earlier.{classify_rows.said(rows[0]).document}.{len(rows)}.{sort}.{domain}"
    return f"{pile.name}.{sort}.{domain}.{pile.changes}" if sort or domain else pile.name


def _stop_or_go_on(pile: Pile) -> None:
    if pile.running:
        if st.button("Stop", key="classify.stop", icon=":material/stop:", disabled=pile.stop.is_set()):
            pile.stop.set()
        return
    again = "Try again" if pile.error else "Go on"
    if pile.sources and st.button(again, key="classify.again", icon=":material/play_arrow:"):
        pile.add(workbench())
        st.rerun()
    if (pile.rows or pile.sources) and st.button("New list", key="classify.clear", help="Begin anew; the documents stay in the workbench"):
        state.forget("classify.pile")
        state.link("document", None)
        st.rerun()


def _progress(pile: Pile, counted: Counted, *, running: bool) -> None:
    """The sentence and its bar: the same height while it runs and afterwards."""
    total = len(pile.sources)
    share = pile.done / total if total else 1.0
    words = _doing(pile, counted) if running else _done(pile, counted)
    bar = node("bar ended" if total and not running else "bar", node("bar-done", share=share), role="progressbar", label=words)
    draw(node("column", node("sentence", words), bar), key="classify.progress")
    if pile.error and not running:
        errors.show(pile.error)


def _doing(pile: Pile, counted: Counted) -> str:
    files, gone = numbers.plural(len(pile.sources), "file"), numbers.duration(pile.seconds * 1000)
    done = numbers.plural(sum(counted.counts.values()) - counted.counts["unreadable"], "document")
    if pile.stop.is_set():
        return f"Stopping · {done} so far"
    embedder = resources.embedder_state()
    if embedder.phase == "loading":
        return f"{embedder.text[:1].upper()}{embedder.text[1:]} · {files} waiting"
    if len(pile.rows) == pile.kept:
        return f"Looking at what the domains are known by; the first time takes longest · {files} waiting · {gone}"
    return f"{numbers.count(pile.done)} of {files} · {done} · {gone}"


def _done(pile: Pile, counted: Counted) -> str:
    unread = counted.counts["unreadable"]
    read = sum(counted.counts.values()) - unread
    failed = f"; {numbers.plural(unread, 'file')} could not be read" if unread else ""
    took = numbers.milliseconds(pile.seconds * 1000)
    ended = f"{numbers.plural(len(pile.sources), 'file')} not done to the end, and kept here. " if pile.sources else ""
    return f"{ended}{numbers.plural(read, 'document')} recognized in {took}{' · ' if read else ''}{counts(counted.counts)}{failed}"


def counts(of: "Counter[Sort]") -> str:
    """21 sure, 2 unsure, 1 belongs to none, 3 set by hand."""
    none = f"{numbers.count(of['none'])} {'belongs' if of['none'] == 1 else 'belong'} to none"
    said = {"sure": f"{of['sure']:,} sure", "unsure": f"{of['unsure']:,} unsure", "none": none, "hand": f"{of['hand']:,} set by hand"}
    return ", ".join(words for sort, words in said.items() if of[sort])  # type: ignore[index]


def _filters(counted: Counted) -> tuple[Sort | None, str | None]:
    """The choosers' options never change while one looks: those that are empty now may fill up."""
    sort: Sort | None = st.selectbox(
        "Show", list(SORTS), None, key="classify.sort", placeholder="everything", format_func=SORTS.__getitem__, width=170
    )
    domain = st.selectbox("Domain", counted.domains, None, key="classify.domain", placeholder="any", width=190)
    return sort, domain


def _table(shown: Shown, name: str, *, expected: int, filtered: bool) -> list[Classified]:
    """The rows; those that are selected come back."""
    if not shown.rows and filtered:
        heading.note("No document is like that.")
        return []
    linked = state.linked("document")
    of_link = (place for place, row in enumerate(shown.rows) if classify_rows.said(row).document == linked)
    first = next(of_link, None) if linked else None
    column = st.column_config.TextColumn
    picked = st.dataframe(
        shown.table, key=f"classify.table.{name}", hide_index=True, row_height=ROW, placeholder=numbers.UNKNOWN, on_select="rerun",
        selection_mode="multi-row", selection_default={"selection": {"rows": [] if first is None else [first]}},
        height=ROW * (min(max(expected, len(shown.rows)), _ROWS) + 1) + 6, alt=f"{len(shown.rows)} documents",
        column_config={
            "document": column(width=140), "domain": column(width=112, help="general = none of these"),
            "sure": column(width=84, help=certainty.MEANING), "next best": column(width=120),
            "confidence": certainty.column("Calibrated probability that the domain is right", width=90),
        },
    )  # fmt: skip
    if len(shown.rows) > len(shown.table):
        listed, every = numbers.count(len(shown.table)), numbers.count(len(shown.rows))
        heading.note(f"The first {listed} of {every} are listed; more when all are recognized, the others by narrowing them down.")
    return [shown.rows[place] for place in picked["selection"]["rows"] if place < len(shown.rows)]


def _one(rows: Sequence[Classified], chosen: Sequence[Classified]) -> None:
    """The document that is selected, alone: of the table or, where it is not in it, of the address."""
    if len(chosen) == 1:
        state.link("document", classify_rows.said(chosen[0]).document)
        classify_one.show(chosen[0])
        return
    linked = state.linked("document")
    if linked is None:
        return
    if chosen or any(row.document and row.document.id == linked for row in rows):
        state.link("document", None)
    else:
        with errors.shown():
            classify_one.show_known(linked)


def _unread(rows: Sequence[Classified]) -> None:
    heading.section(f"{numbers.plural(len(rows), 'file')} could not be read")
    lines: list[Node] = [
        node("unread", text("strong", row.file), f" {_sentence(row.error or '')}", text("faint", f" {_sentence(row.hint)}"))
        for row in rows[:_UNREAD]
    ]
    draw(node("column", *lines), height=None if len(rows) <= 8 else 210)
    if len(rows) > _UNREAD:
        heading.note(f"and {numbers.plural(len(rows) - _UNREAD, 'more file')}: the export names them all")


def _sentence(words: str) -> str:
    words = words.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}." if words else ""
