"""Classify: which domain is this?"""

import streamlit as st

from app import navigation, resources, state
from app.components import heading, notice, numbers
from app.views import classify_documents, classify_recognizer, classify_sources
from core.workflows.recognition import RecognitionState, recognition_state

VIEWS = ("Documents", "Recognizer")


def under(now: RecognitionState) -> str:
    """What every answer of the page rests on."""
    return " · ".join(
        [
            f"{now.embedder}, {now.languages or 'languages not known'}", numbers.plural(len(now.candidates), "ready domain"),
            f"threshold {numbers.score(now.threshold)}", classify_recognizer.head_in_short(),
        ]
    )  # fmt: skip


def hindrances(now: RecognitionState) -> None:
    """What keeps documents from being recognized, and what works without."""
    embedder = resources.embedder_state()
    if embedder.phase == "failed":
        rest = "Meanwhile what came in before can be set by hand, and documents extracted with a domain that you name."
        notice.show(embedder.text, f"{embedder.hint.rstrip('.')}. {rest}", level="error")
    if not now.candidates:
        notice.show(
            "No domain is ready, so every document belongs to general: none of these.",
            "A domain is ready with a prompt in production, or once it is set ready by hand.",
        )
        with st.container(horizontal=True):
            navigation.link("train", "Train a domain")
            navigation.link("domains", "Set one ready by hand")
            navigation.link("overview", "Load the sample domains")


now = recognition_state(resources.workbench())
with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute"):
    heading.show("Which domain?", under(now))
    linked = (state.linked("view") or "").capitalize()
    view = st.segmented_control(
        "Part of the page", VIEWS, default=linked if linked in VIEWS else VIEWS[0], required=True, key="classify.view",
        label_visibility="collapsed",
    )  # fmt: skip
    state.link("view", "recognizer" if view == VIEWS[1] else None)
if view == VIEWS[1]:
    if said := state.take_flash():
        notice.show(said, level="done")
    classify_recognizer.show(now)
else:
    state.link("version", None)
    hindrances(now)
    classify_sources.show()
    classify_documents.show()
