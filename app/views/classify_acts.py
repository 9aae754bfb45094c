"""What can be done with the documents of the table: a domain by hand, extraction, export."""

from collections.abc import Sequence

import streamlit as st

from app import errors, navigation, state
from app.components import export, heading, notice, numbers
from app.resources import workbench
from app.views import classify_rows
from app.views.classify_rows import Shown
from core.cli.classify import document as exported
from core.records.documents import Classification
from core.records.domains import GENERAL
from core.workflows.classify import Classified, classification_of, override, override_count
from core.workflows.domains import domain_names

KEYS = (
    "file", "domain", "confidence", "score", "level", "alternatives", "none", "recognized", "overridden", "document", "recognizer",
    "embedder", "error", "hint",
)  # fmt: skip


def show(shown: Shown, chosen: Sequence[Classified]) -> None:
    """Draw the acts under the table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        domain = st.selectbox(
            "Set selected to", domain_names(workbench()), None, key="classify.domain_by_hand", width=230, format_func=_named,
            placeholder="a domain",
        )  # fmt: skip
        if st.button(
            f"Apply to {numbers.count(len(chosen))}", key="classify.apply", disabled=not chosen or domain is None,
            help="Select rows in the table, and a domain" if not chosen or domain is None else None,
        ):  # fmt: skip
            _set(chosen, domain)
        by_hand = [row for row in chosen if classify_rows.said(row).overridden]
        if st.button("Take back", key="classify.take_back", icon=":material/undo:", disabled=not by_hand, help=_TAKE_BACK):
            _set(by_hand, None)
        words = f"Extract {numbers.count(len(chosen))}" if chosen else "Extract all"
        if st.button(words, key="classify.extract", type="primary", icon=":material/play_arrow:", disabled=not shown.rows):
            state.remember("extract.documents", [classify_rows.said(row).document for row in chosen] or shown.documents)
            navigation.go("extract")
        export.buttons(
            lambda: [exported(row) for row in (*shown.rows, *shown.unread)], name="documents", key="classify.export", columns=KEYS
        )
    _told()


_TAKE_BACK = "What was recognized holds again, for the selected ones that are set by hand"


def _named(domain: str) -> str:
    return f"{domain} (none of these)" if domain == GENERAL else domain


def _set(rows: Sequence[Classified], domain: str | None) -> None:
    """Give the documents a domain, unless somebody else changed one of them since the table was drawn."""
    there = [classify_rows.said(row) for row in rows]
    now = [classification_of(workbench(), each.document) for each in there]
    moved = [new for new, old in zip(now, there, strict=True) if new and (new.domain, new.overridden) != (old.domain, old.overridden)]
    if moved:
        classify_rows.pile().correct(moved)
        state.remember("classify.moved", moved)
        st.rerun()
    with errors.shown() as outcome:
        changed = override(workbench(), [each.document for each in there], domain, by=state.remembered("who", None) or "person")
    if not outcome.failed:
        classify_rows.pile().correct(changed)
        count = numbers.plural(len(changed), "document")
        state.flash(f"{count} set to {domain}." if domain else f"Taken back for {count}: what was recognized holds again.")
        st.rerun()


def _told() -> None:
    """What was done last, and how many documents were set by hand: one line, always there, so that nothing moves."""
    done = f"{flash} " if (flash := state.take_flash()) else ""
    count = numbers.plural(override_count(workbench()), "document")
    heading.note(f"{done}{count} set by hand so far; the recognizer learns from those when it is trained next.", key="classify.told")
    moved: list[Classification] = state.remembered("classify.moved", [])
    if moved:
        state.forget("classify.moved")
        said = [f"{each.name} {each.domain}, by {each.overridden_by or 'recognition'}" for each in moved]
        notice.show(
            f"nothing was set: somebody else changed {numbers.plural(len(moved), 'document')} meanwhile",
            f"now: {numbers.listed(said, 3)}. The table shows it; apply again if yours is still to hold.", level="error",
        )  # fmt: skip
