"""Which prompt versions a domain has, which two are looked at, and what can be done with one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import errors, navigation, resources, state
from app.components import chips, export, heading, numbers, table
from app.components.drawn import Node
from app.views import deploy_form, linked_choice
from core.records.prompts import PromptVersion, Stage
from core.records.samples import TASKS
from core.workflows.deployments import history, rollback
from core.workflows.prompts import VersionView, prompt_document, prompt_messages

_NONE = "nothing"


@dataclass(frozen=True)
class Chosen:
    """The version that is shown, and the one it is compared with."""

    version: str
    against: str | None


def choose(domain: str, versions: Sequence[VersionView]) -> Chosen:
    """Draw both choosers; the address keeps them. At first: the newest, against its parent."""
    ids = [each.version for each in versions]
    names = {each.version: _name(each) for each in versions}
    if (asked := state.linked("b")) in ids:  # a comparison's link: from a to b
        state.link("version", asked)
    state.link("b", None)
    # a browser keeps a choice by its words, and the words say the stage: another stage, another chooser
    used = next((each.version for each in versions if each.stage is Stage.PRODUCTION), "")
    left, right = st.columns(2)
    with left:
        key = f"prompts.version.{domain}.{used}"
        version = linked_choice.show("Version", ids, name="version", key=key, first=ids[0], names=names.__getitem__)
    others = [_NONE, *(each for each in ids if each != version)]
    before = _before(version, versions) or _NONE
    key = f"prompts.against.{domain}.{version}.{used}"
    with right:
        against = linked_choice.show("Against", others, name="a", key=key, first=before, names=lambda each: names.get(each, each))
    return Chosen(version, None if against == _NONE else against)


def show_table(versions: Sequence[VersionView], shown: str) -> None:
    """Draw every version, newest first; a click shows one."""
    rows: list[list[Node | str]] = [
        [
            each.version,
            chips.status(each.stage.value) if each.stage else numbers.UNKNOWN,
            numbers.score(each.scores.score if each.scores else None),
        ]
        for each in versions
    ]
    heading.section("Versions")
    picked = table.show(
        ("version", "stage", "test score"), rows, right=(2,), key="prompts.versions", picks=[each.version for each in versions],
        height=min(28 * (len(rows) + 1) + 6, 236),
    )  # fmt: skip
    if picked and picked != state.remembered("prompts.picked", None):
        state.remember("prompts.picked", picked)
        if picked != shown:
            state.link("version", picked)
            state.link("a", None)
            st.rerun()


def show_lineage(version: PromptVersion, versions: Sequence[VersionView]) -> None:
    """Draw where the version comes from: run, parents, data, demos."""
    known = {each.version: each for each in versions}
    parents: list[str] = []
    at = version.parent
    while at and at not in parents:
        parents.append(at)
        at = known[at].parent if at in known else None
    demos = sorted({demo.sample_id for prompt in version.tasks.values() for demo in prompt.demos if demo.sample_id})
    rows = [
        ["Made by", "hand" if version.by_hand else f"run {version.run_id}" if version.run_id else numbers.UNKNOWN],
        ["Model", version.model],
        ["Dataset version", version.dataset_version or numbers.UNKNOWN],
        ["Comes after", " ← ".join(parents) or "nothing: the first"],
        ["Demos", numbers.listed(demos, 4) or "none"],
    ]
    heading.section("Where it comes from")
    table.show(("origin", ""), rows)
    if version.run_id:
        navigation.link("runs", "The run that made it", run=version.run_id)


def acts(domain: str, version: PromptVersion) -> None:
    """Draw deploy, rollback and export."""
    bench = resources.workbench()
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        deploy_form.show(domain, version.id, label="Deploy", key="prompts.deploy")
        used_before = any(each.was is Stage.PRODUCTION for each in history(bench, domain))
        if st.button(
            "Roll back",
            key="prompts.rollback",
            icon=":material/undo:",
            disabled=not used_before,
            help="To the version in production before",
        ):
            with errors.shown() as outcome:
                back = rollback(bench, domain, by=state.remembered("who", None) or "person")
                state.flash(f"In production again: {back.version}.")
            if not outcome.failed:
                st.rerun()
        with st.popover("Export", icon=":material/download:", key="prompts.export"):
            export.file_button("Plain text", lambda: plain_text(version), file_name=f"{version.id}.txt", key="prompts.text")
            export.file_button(
                "Messages, JSON",
                lambda: _json(prompt_document(bench, domain, version.id)),
                file_name=f"{version.id}.messages.json",
                key="prompts.messages",
            )
            states = {task: prompt.state for task, prompt in version.tasks.items()}
            export.file_button("DSPy, JSON", lambda: _json(states), file_name=f"{version.id}.dspy.json", key="prompts.dspy")


def show_decisions(domain: str) -> None:
    """Draw every decision about the domain, newest first."""
    rows: list[list[Node | str]] = [
        [
            numbers.moment(each.since),
            each.version,
            chips.status(each.stage.value),
            each.by,
            each.why or numbers.UNKNOWN,
            numbers.moment(each.until),
        ]
        for each in history(resources.workbench(), domain)
    ]
    if rows:
        table.show(("since", "version", "stage now", "by", "why", "until"), rows)
    else:
        heading.note("Nothing was deployed yet.")


def plain_text(version: PromptVersion) -> str:
    """Every task's prompt as one text."""
    parts = [
        f"# {task}\n\n" + "\n\n".join(f"[{m['role']}]\n{m['content']}" for m in prompt_messages(version, task))
        for task in TASKS
        if task in version.tasks
    ]
    return "\n\n".join(parts) + "\n"


def _before(version: str, versions: Sequence[VersionView]) -> str | None:
    """What a version is compared with unless one says: its parent, else the one made before it."""
    at = next(index for index, each in enumerate(versions) if each.version == version)
    parent = versions[at].parent
    if parent and parent != version and any(each.version == parent for each in versions):
        return parent
    return versions[at + 1].version if at + 1 < len(versions) else None


def _name(view: VersionView) -> str:
    stage = f" · {view.stage.value}" if view.stage else ""
    return f"{view.version}{stage} · {numbers.score(view.scores.score if view.scores else None)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
