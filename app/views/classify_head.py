"""One version of the recognizer's head: taking it into use, what it learned, where it errs."""

import streamlit as st

from app import errors, state
from app.components import chips, heading, loss_chart, numbers, table
from app.components.drawn import Node, node, text
from app.resources import workbench
from core.records.prompts import Stage
from core.records.recognizer import GateResult, RecognizerVersion
from core.workflows.recognizer import deploy_recognizer

_LEAST = ("min_accuracy",)
_GATES = ("min_accuracy", "max_training_loss", "max_validation_loss", "max_latency_ms")


def show(version: RecognizerVersion) -> None:
    """Draw it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        chips.show(chips.run(version.id), chips.status(version.stage.value), f"since {numbers.moment(version.since)}, by {version.by}")
        _deploy(version)
    if version.why:
        heading.note(f"{version.why[:1].upper()}{version.why[1:]}.")
    heading.section("Domains", "measured on documents that it did not learn from; every gate must hold")
    _domains(version)
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        heading.section("Loss", "mean cross-entropy; held out = the texts that it did not learn from")
        loss_chart.show([(each.epoch, each.training, each.validation) for each in version.epochs], key="classify.losses")
    with right:
        heading.section("What it takes for what", "held-out documents: a row is what they are, a column what it says; right ones stand out")
        _confusion(version)


def _domains(version: RecognizerVersion) -> None:
    gates = {(gate.domain, gate.gate): gate for gate in version.gates}
    rows: list[list[Node | str]] = [
        [
            each.domain, numbers.count(each.training), numbers.count(each.validation), numbers.count(each.overrides),
            *(_gate(gates.get((each.domain, name))) for name in _GATES),
        ]
        for each in version.figures
    ]  # fmt: skip
    heads = ("domain", "learned from", "held out", "of both by hand", "accuracy", "training loss", "held-out loss", "time a document")
    table.show(heads, rows, right=(1, 2, 3))


def _gate(gate: GateResult | None) -> "Node | str":
    """✓ 0.97, at least 0.85; in words, so that the mark is never alone."""
    if gate is None:
        return numbers.UNKNOWN
    shown = _figure(gate.gate, gate.value)
    bound = f"{'at least' if gate.gate in _LEAST else 'at most'} {_figure(gate.gate, gate.threshold)}"
    return node("gate", chips.status("passed" if gate.passed else "failed", shown), text("faint", f" {bound}"), tag="span")


def _figure(gate: str, value: float | None) -> str:
    return numbers.milliseconds(value) if gate == "max_latency_ms" else numbers.score(value, 3 if "loss" in gate else 2)


def _confusion(version: RecognizerVersion) -> None:
    rows: list[list[Node | str]] = [
        [domain, *(_count(count, right=place == column) for column, count in enumerate(counts)), numbers.count(sum(counts))]
        for place, (domain, counts) in enumerate(zip(version.domains, version.confusion, strict=True))
    ]
    table.show(("", *version.domains, "in all"), rows, right=range(1, len(version.domains) + 2))


def _count(count: int, *, right: bool) -> "Node | str":
    if right:
        return chips.strong(numbers.count(count))
    return numbers.count(count) if count else "·"


def _deploy(version: RecognizerVersion) -> None:
    if version.stage is Stage.PRODUCTION:
        return
    with st.popover("Take into use", key=f"classify.deploy.{version.id}"):
        failed = sum(not gate.passed for gate in version.gates)
        warning = f" {numbers.plural(failed, 'gate')} of {len(version.gates)} did not hold." if failed else " Every gate holds."
        heading.sentence(f"{version.id}: every document is recognized with it from now on.{warning}")
        by = st.text_input("Who decides", state.remembered("who", ""), max_chars=100, key="classify.deploy.by", autocomplete="name")
        why = st.text_input("Why", max_chars=500, key="classify.deploy.why", autocomplete="off")
        if st.button("Take into use", key="classify.deploy.go"):
            with errors.shown() as outcome:
                deploy_recognizer(workbench(), version.id, by=(by or "").strip() or "person", why=(why or "").strip())
            if not outcome.failed:
                state.remember("who", by)
                state.flash(f"In production now: {version.id}.")
                st.rerun()
