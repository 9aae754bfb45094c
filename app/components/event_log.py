"""What happened in a run, newest first; a row opens its prompt and answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import state
from app.components import numbers
from app.components.drawn import Node, draw, node, table
from core.records.events import Event, EventType

Fetch = Callable[[int], Sequence[Event]]
"""Events of the run numbered above the given one, oldest first, at most a few hundred at a time."""
Texts = Callable[[str], str | None]
"""A stored text by its hash, None where it is no longer kept."""

KEPT = 500
_BAD = (EventType.FAILED, EventType.CANCELLED, EventType.BUDGET_REACHED)
_GROUPS: dict[str, tuple[EventType, ...]] = {
    "Calls": (EventType.LLM_REQUEST, EventType.LLM_RESPONSE),
    "Samples": (EventType.SAMPLE_PROCESSING, EventType.SAMPLE_RESULT),
    "Scores": (EventType.EVALUATION_START, EventType.EVALUATION_RESULT, EventType.BOOTSTRAP_ITERATION, EventType.DEMO_SELECTED),
    "Steps": (EventType.STARTED, EventType.PHASE_CHANGED, EventType.COMPLETED, EventType.RESUMED, *_BAD),
}


def show(run_id: str, fetch: Fetch, *, key: str, after: int = 0, texts: Texts | None = None, height: int = 260) -> Sequence[Event]:
    """Draw the log's last 500 events and return them, oldest first. Call it inside `live.show` while the run is on.

    Keeps what it has in the session and fetches only what is new; `after` = the number to begin behind on a long run.
    """
    events = newest(run_id, fetch, after=after)
    group = st.segmented_control("Kinds of event", list(_GROUPS), key=f"{key}.kind", label_visibility="collapsed")
    wanted = _GROUPS.get(group or "", tuple(EventType))
    shown = [event for event in reversed(events) if event.event_type in wanted]
    opened = state.remembered(f"{key}.opened", "")
    rows = table(("no.", "time", "event", "message"), [_cells(event) for event in shown], right=(0,))
    for drawn, event in zip(rows["in"][1]["in"], shown, strict=True):
        drawn["kind"] = "row bad" if event.event_type in _BAD or event.data.get("error") else "row"
        drawn["pick"], drawn["pressed"] = str(event.seq), str(event.seq) == opened
    nothing = [node("empty", "Nothing yet" if not events else "No event of this kind among the last 500")] if not shown else []
    picked = draw(node("newest", rows, *nothing), key=f"{key}.rows", height=height)
    state.remember(f"{key}.opened", picked or "")
    for event in events:
        if picked == str(event.seq):
            _details(event, texts)
    return events


def newest(run_id: str, fetch: Fetch, *, after: int = 0) -> list[Event]:
    """The last events of a run, oldest first, read on from where the session stopped."""
    kept: tuple[Event, ...] = state.remembered(f"events.{run_id}", ())
    events = list(kept)
    while fresh := fetch(events[-1].seq if events else after):
        events = [*events, *fresh][-KEPT:]
    state.remember(f"events.{run_id}", tuple(events))
    return events


def _cells(event: Event) -> list[Node | str]:
    return [numbers.count(event.seq), numbers.clock(event.timestamp), event.event_type.value.replace("_", " "), event.message]


def _details(event: Event, texts: Texts | None) -> None:
    """Prompt, answer and the other values of one event, as text."""
    draw(node("block-title", f"Event {numbers.count(event.seq)}: {event.event_type.value.replace('_', ' ')}", tag="h2"))
    small: dict[str, Any] = {}
    for name, value in event.data.items():
        full = _joined(value, texts)
        if isinstance(full, str) and len(full) > 60:
            draw(node("row-name", name.replace("_", " ")))
            st.code(full, language=None, wrap_lines=True)
        else:
            small[name] = full
    if small:
        draw(node("boxed", table(("value", ""), [[name.replace("_", " "), str(value)] for name, value in small.items()])))


def _joined(value: Any, texts: Texts | None) -> Any:
    if isinstance(value, Mapping) and set(value) == {"$text"}:
        return (texts(str(value["$text"])) if texts else None) or "this text is no longer kept"
    return value
