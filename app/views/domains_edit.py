"""Editing a domain so that nobody's words are lost: a save says what it was based on; a stale one shows both."""

from typing import Any

import streamlit as st

from app import errors, state
from app.components import heading, notice
from app.components.drawn import draw, node
from app.resources import workbench
from core.errors import StaleRevisionError
from core.records.domains import Domain, MetricConfig, RecognizerGates, Schema
from core.workflows.domains import DomainChange, update_domain
from core.workflows.general import get_domain


def base(present: Domain, part: str) -> Domain:
    """The domain as it was when editing a part of it began, while the part's first widget holds what was typed since.

    Widgets must show this one and have its revision in their keys (`key`), so that what was typed stays whatever others
    do meanwhile. The part's first widget is named as the part.
    """
    began: Domain | None = state.remembered(f"domains.base.{present.name}.{part}", None)
    if began is None or state.widget(key(began, part), None) is None:
        state.remember(f"domains.base.{present.name}.{part}", present)
        return present
    return began


def key(began: Domain, name: str) -> str:
    """A widget's key: new with every revision that editing begins from."""
    return f"domains.{name}.{began.name}.{began.revision}"


def save_button(present: Domain, began: Domain, part: str, values: dict[str, Any]) -> None:
    """Draw the button that saves `values` (fields of the domain as they stand in the widgets), or the conflict a save met."""
    if _conflict(began, part):
        return
    mine = {field: value for field, value in values.items() if value != getattr(began, field)}
    if not mine and present.revision != began.revision:
        state.forget(f"domains.base.{began.name}.{part}")  # nothing typed: go on from what is there now
        st.rerun()
    if st.button("Save", key=key(began, f"{part}.save"), type="primary", disabled=not mine):
        _save(began, part, DomainChange.model_validate(mine))


def _save(began: Domain, part: str, change: DomainChange) -> None:
    """Fields that nobody else touched are saved; where somebody did, the save is refused and kept beside what is there."""
    with errors.shown():
        present = get_domain(workbench(), began.name)
        untouched = all(getattr(present, field) == getattr(began, field) for field in change.model_fields_set)
        try:
            update_domain(workbench(), began.name, change, revision=present.revision if untouched else began.revision)
        except StaleRevisionError:
            state.remember(f"domains.stale.{began.name}.{part}", change)
            st.rerun()
        _done(began.name, part, "Saved.")


def _conflict(began: Domain, part: str) -> bool:
    """Where a save was refused as stale: both versions side by side, and which to keep. True while it waits."""
    mine: DomainChange | None = state.remembered(f"domains.stale.{began.name}.{part}", None)
    if mine is None:
        return False
    present = get_domain(workbench(), began.name)
    notice.show(
        "Somebody else changed this domain since you began; nothing of either is lost",
        "Keep yours to replace what is there now in this part, or take theirs",
        level="error",
    )
    fields = sorted(mine.model_fields_set)
    left, right = st.columns(2)
    for column, title, source in ((left, "Yours, not saved", mine), (right, f"Now, revision {present.revision}", present)):
        with column:
            heading.section(title)
            draw(node("framed", *(node("passage tight", _words(getattr(source, field)), tag="p") for field in fields)))
    keep = left.button("Keep mine", key=f"domains.keep.{began.name}", type="primary")
    take = right.button("Take theirs", key=f"domains.take.{began.name}")
    if keep:
        with errors.shown() as outcome:
            update_domain(workbench(), began.name, mine, revision=present.revision)
        keep = not outcome.failed
    if keep or take:
        state.forget(f"domains.stale.{began.name}.{part}")
        _done(began.name, part, "Yours is saved." if keep else "Theirs stays.")
    return True


def _done(name: str, part: str, said: str) -> None:
    state.forget(f"domains.base.{name}.{part}")
    state.flash(said)
    st.rerun()


def _words(value: object) -> str:
    if isinstance(value, Schema):
        types = [f"{each.name} [{each.key or '–'}] {each.definition}".rstrip() for each in value.entity_types]
        links = [
            f"{each.name}: {', '.join(each.subject_types) or 'any'} → {', '.join(each.object_types) or 'any'} {each.definition}".rstrip()
            for each in value.predicates
        ]
        return "\n".join([*types, *links]) or "free"
    if isinstance(value, (MetricConfig, RecognizerGates)):
        return "\n".join(
            f"{name.replace('_', ' ')}: {each if each is not None else '–'}" for name, each in value.model_dump(mode="json").items()
        )
    return str(value) if value not in (None, "") else "–"
