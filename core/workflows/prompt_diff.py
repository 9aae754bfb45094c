"""Two prompt versions, word by word and demo by demo."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from core.programs.render import field_text
from core.records.base import Record
from core.records.prompts import Demo, PromptVersion, TaskPrompt

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_SETTINGS = ("run_id", "parent", "model", "model_digest", "dataset_version", "seed", "by_hand")


class Segment(Record):
    """A stretch of text that both have, only the second has (insert), or only the first (delete)."""

    op: Literal["equal", "insert", "delete"]
    text: str


class DemoDiff(Record):
    """One worked example in both. `segments` compare its answers where they differ."""

    op: Literal["same", "added", "removed", "changed"]
    sample_id: str | None
    text: str
    """Its document."""
    segments: tuple[Segment, ...] = ()


class TaskDiff(Record):
    """One task's prompt in both; empty where neither has it."""

    instructions: tuple[Segment, ...]
    demos: tuple[DemoDiff, ...]

    @property
    def same(self) -> bool:
        """Whether there is no difference."""
        return all(segment.op == "equal" for segment in self.instructions) and all(demo.op == "same" for demo in self.demos)


class VersionDiff(Record):
    """Everything that differs from `first` to `second`."""

    first: str
    second: str
    tasks: dict[str, TaskDiff]
    settings: dict[str, tuple[Any, Any]]
    """Only those that differ."""


def diff_versions(first: PromptVersion, second: PromptVersion) -> VersionDiff:
    """What changed from one version to another."""
    names = list(dict.fromkeys([*first.tasks, *second.tasks]))
    settings = {name: (getattr(first, name), getattr(second, name)) for name in _SETTINGS}
    settings["metric"] = (first.metric.model_dump(mode="json"), second.metric.model_dump(mode="json"))
    return VersionDiff(
        first=first.id, second=second.id, tasks={name: diff_tasks(first.tasks.get(name), second.tasks.get(name)) for name in names},
        settings={name: pair for name, pair in settings.items() if pair[0] != pair[1]},
    )  # fmt: skip


def diff_tasks(first: TaskPrompt | None, second: TaskPrompt | None) -> TaskDiff:
    """One task's two prompts; None = that version does not have the task."""
    return TaskDiff(
        instructions=diff_words(first.instructions if first else "", second.instructions if second else ""),
        demos=diff_demos(first.demos if first else (), second.demos if second else ()),
    )


def diff_words(first: str, second: str) -> tuple[Segment, ...]:
    """Word-level difference, white space included: the equal and deleted parts make `first`, the equal and inserted `second`."""
    a, b = _TOKENS.findall(first), _TOKENS.findall(second)
    segments: list[Segment] = []
    for op, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            segments.append(Segment(op="equal", text="".join(a[a_from:a_to])))
        if op in ("delete", "replace"):
            segments.append(Segment(op="delete", text="".join(a[a_from:a_to])))
        if op in ("insert", "replace"):
            segments.append(Segment(op="insert", text="".join(b[b_from:b_to])))
    return tuple(segments)


def diff_demos(first: Sequence[Demo], second: Sequence[Demo]) -> tuple[DemoDiff, ...]:
    """Demos of the second in their order, then those that are gone; the same document means the same demo."""
    left = list(first)
    found: list[DemoDiff] = []
    for demo in second:
        before = next((other for other in left if _document(other) == _document(demo)), None)
        if before is None:
            found.append(_entry("added", demo))
            continue
        left.remove(before)
        same = (before.inputs, before.outputs) == (demo.inputs, demo.outputs)
        segments = () if same else diff_words(_answer(before), _answer(demo))
        found.append(_entry("same" if same else "changed", demo).model_copy(update={"segments": segments}))
    return (*found, *(_entry("removed", demo) for demo in left))


def _entry(op: Literal["same", "added", "removed", "changed"], demo: Demo) -> DemoDiff:
    return DemoDiff(op=op, sample_id=demo.sample_id, text=_document(demo))


def _document(demo: Demo) -> str:
    return str(demo.inputs.get("source_text", ""))


def _answer(demo: Demo) -> str:
    """Everything of a demo but its document."""
    parts = {**{name: value for name, value in demo.inputs.items() if name != "source_text"}, **demo.outputs}
    return "\n".join(f"{name}: {field_text(value)}" for name, value in parts.items())
