"""What a prompt says, and what changed since another one."""

from typing import Literal

import streamlit as st

from app.components import heading, numbers, prompt_diff, table
from app.views.run_figures import setting_text
from core.records.prompts import Demo, PromptVersion, TaskPrompt
from core.records.samples import TASKS
from core.workflows.prompt_diff import diff_versions
from core.workflows.prompts import prompt_messages

_NAMES = {"entities": "Entities", "relations": "Relations"}
_SCORES = {"score": "test score", "entity_f1": "entity F1", "relation_f1": "relation F1", "precision": "precision", "recall": "recall"}
_EMPTY = TaskPrompt(instructions="", messages=(), last=(), output_field="", adapter="chat", typed=False)


def show_difference(before: PromptVersion, after: PromptVersion) -> None:
    """Draw the words and demos that went and came, task by task."""
    way = st.segmented_control(
        "How to show it",
        ["In one text", "Side by side"],
        default="In one text",
        key="prompts.way",
        label_visibility="collapsed",
        required=True,
    )
    view: Literal["inline", "sides"] = "sides" if way == "Side by side" else "inline"
    for task in TASKS:
        if task not in before.tasks and task not in after.tasks:
            continue
        old, new = before.tasks.get(task, _EMPTY), after.tasks.get(task, _EMPTY)
        heading.section(f"{_NAMES[task]}: instructions")
        prompt_diff.show(old.instructions, new.instructions, view=view, names=("before", "now"), height=None)
        heading.section(f"{_NAMES[task]}: demos")
        prompt_diff.show_demos(old.demos, new.demos)


def show_settings(before: PromptVersion, after: PromptVersion) -> None:
    """Draw the settings and scores of both, as far as they differ."""
    heading.section("What else differs")
    rows = [
        [name.replace("_", " "), *(_short(name, value) for value in pair)] for name, pair in diff_versions(before, after).settings.items()
    ]
    for field, name in _SCORES.items():
        old, new = (getattr(version.scores, field) if version.scores else None for version in (before, after))
        if old != new:
            rows.append([name, numbers.score(old), numbers.score(new)])
    table.show(("", "before", "now"), rows or [["nothing", "", ""]])
    if before.dataset_version != after.dataset_version:
        heading.note("The scores come from different dataset versions: compare the runs instead.")


def show_plain(version: PromptVersion) -> None:
    """Draw the messages exactly as they are sent, `{name}` where an input goes."""
    for task in TASKS:
        messages = prompt_messages(version, task)
        if not messages:
            continue
        heading.section(_NAMES[task], f"{numbers.plural(len(messages), 'message')}, by DSPy's {version.tasks[task].adapter} adapter")
        _message(messages[0])
        if messages[1:-1]:
            with st.expander("Demos, as they are sent"):
                for message in messages[1:-1]:
                    _message(message)
        if len(messages) > 1:
            _message(messages[-1])


def _message(message: dict[str, str]) -> None:
    heading.note(message["role"])
    st.code(message["content"], language=None, wrap_lines=True)


def show_demos(version: PromptVersion) -> None:
    """Draw every worked example in full."""
    for task in TASKS:
        prompt = version.tasks.get(task)
        if prompt is None:
            continue
        heading.section(f"{_NAMES[task]}: {numbers.plural(len(prompt.demos), 'demo')}")
        for demo in prompt.demos:
            made = "answered by the model" if demo.bootstrapped else "as annotated"
            heading.note(f"{demo.sample_id or 'of no sample'}, {made}")
            st.code(_words(demo), language=None, wrap_lines=True)


def _words(demo: Demo) -> str:
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else _listed(value)}" for name, value in {**demo.inputs, **demo.outputs}.items()
    )


def _listed(value: object) -> str:
    if not isinstance(value, list | tuple):
        return str(value)
    return "".join(f"\n  - {' · '.join(map(str, each.values())) if isinstance(each, dict) else each}" for each in value)


def _short(name: str, value: object) -> str:
    if isinstance(value, dict):
        return f"{value.get('preset')}, {value.get('matching')}"
    return setting_text(name.replace("_", " "), value)
