"""The recognizer: whether a trained head is in use, training one, its versions, and what each can do."""

from collections.abc import Sequence

import streamlit as st

from app import errors, resources, state
from app.classifying import Training
from app.components import chips, empty_state, heading, live, numbers, table
from app.components.drawn import Node, draw, node
from app.resources import workbench
from app.views import classify_head
from core.errors import MissingPartError, ModelError
from core.records.prompts import Stage
from core.records.recognizer import RecognizerVersion
from core.workflows.recognition import RecognitionState
from core.workflows.recognizer import HeadState, head_state, override_counts, recognizer_versions, rollback_recognizer

_JOB = "classify.training"


def head_in_short() -> str:
    """Which head is in use, in a few words; nothing is loaded for it."""
    phase = resources.embedder_state().phase
    if phase == "ready":
        head = _head()
        if head.version is None:
            return "no trained head"
        return head.version.id if head.usable else f"{head.version.id} is not used: {head.why}"
    used = next((each.id for each in recognizer_versions(workbench()) if each.stage is Stage.PRODUCTION), "no trained head")
    return f"{used}, once the embedder is loaded" if phase == "loading" else f"{used}, and no embedder"


def _head() -> HeadState:
    """Whether the head in production can be used; why not, also where the embedder fails just now."""
    try:
        return head_state(workbench())
    except (ModelError, MissingPartError) as error:
        return HeadState(version=None, usable=False, why=error.message)


def show(now: RecognitionState) -> None:
    """Draw the whole view."""
    job = state.once(_JOB, Training)
    versions = recognizer_versions(workbench())
    if versions and resources.embedder_state().phase == "ready":
        why = _head().why
        heading.sentence(f"{why[:1].upper()}{why[1:]}.")
    _overrides(versions)
    with st.container(horizontal=True, vertical_alignment="center"):
        ready = len(now.candidates) > 1
        if st.button(
            "Train again" if versions else "Train the recognizer", key="classify.train", type="primary", icon=":material/model_training:",
            disabled=job.running or not ready, help=None if ready else "It tells domains apart: two must be ready",
        ):  # fmt: skip
            job.start(workbench())
            st.rerun()
        used = [each for each in versions if each.stage is Stage.RETIRED]
        if st.button("Roll back", key="classify.rollback", icon=":material/undo:", disabled=not used, help=_ROLL_BACK):
            _roll_back()
    if job.thread is not None:
        live.show(lambda: _under_way(job), running=job.running, every=0.5)
    if not versions:
        empty_state.show(
            "No head was trained yet: domains are told apart by their descriptions and samples. A trained head learns from the samples "
            "of all ready domains, and from every document whose domain a person set."
        )
        return
    heading.section("Versions", "newest first; a click shows one")
    classify_head.show(_pick(versions))


_ROLL_BACK = "To the version in production before"


def _overrides(versions: Sequence[RecognizerVersion]) -> None:
    """How many documents were set by hand, and what a training would make of them."""
    counts = override_counts(workbench())
    teach = sum(counts.used.values())
    known = sum(figures.overrides for figures in versions[0].figures) if versions else 0
    since = f"; {versions[0].id}, the newest, learned from {numbers.count(known)}" if versions else ""
    words = f"{numbers.plural(counts.total, 'document')} set by hand so far: {numbers.count(teach)} would teach the next head{since}."
    heading.sentence(words)
    for left_out in counts.left_out:
        heading.note(left_out)


def _under_way(job: Training) -> bool:
    running = job.running
    if job.error and not running:
        errors.show(job.error)
    elif job.version and not running:
        words = f"{job.version.id} was trained in {numbers.milliseconds(job.spent * 1000)}: {job.version.why}."
        draw(node("notice done", node("message-line", words), role="status"))
    else:
        words = f"{job.step[:1].upper()}{job.step[1:] or 'Beginning'} · {numbers.duration(job.seconds * 1000)}"
        if job.total > 1:
            words = f"{words} · {numbers.count(job.done)} of {numbers.count(job.total)}"
        bar = node("bar", node("bar-done", share=job.share), role="progressbar", label=words)
        draw(node("column", node("phase-now", words), bar), key="classify.training")
    return running


def _roll_back() -> None:
    with errors.shown() as outcome:
        back = rollback_recognizer(workbench(), by=state.remembered("who", None) or "person")
        state.flash(f"In production again: {back.id}.")
    if not outcome.failed:
        st.rerun()


def _pick(versions: Sequence[RecognizerVersion]) -> RecognizerVersion:
    """Draw every version; the one that is shown: of the address, else the one in production, else the newest."""
    used = next((each for each in versions if each.stage is Stage.PRODUCTION), versions[0])
    linked = state.linked("version")
    rows: list[list[Node | str]] = [
        [
            each.id, chips.status(each.stage.value), numbers.moment(each.created_at), numbers.count(len(each.domains)),
            numbers.score(each.accuracy), numbers.score(each.training_loss, 3), numbers.score(each.validation_loss, 3),
            numbers.score(each.calibration_error, 3), each.embedder,
            chips.status("passed" if each.passed else "failed", _gates(each)),
        ]
        for each in versions
    ]  # fmt: skip
    heads = (
        "version",
        "stage",
        "trained",
        "domains",
        "accuracy",
        "training loss",
        "held-out loss",
        "calibration error",
        "embedder",
        "gates",
    )
    picked = table.show(
        heads, rows, right=(3, 4, 5, 6, 7), key="classify.versions", picks=[each.id for each in versions],
        height=min(29 * (len(rows) + 1) + 6, 236),
    )  # fmt: skip
    if picked and picked != state.remembered("classify.version", None):
        state.remember("classify.version", picked)
        linked = picked
        state.link("version", picked)
    return next((each for each in versions if each.id == linked), used)


def _gates(version: RecognizerVersion) -> str:
    passed = sum(gate.passed for gate in version.gates)
    return f"{passed} of {len(version.gates)} passed"
