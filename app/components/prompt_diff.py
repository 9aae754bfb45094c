"""Two prompts word by word, and which examples came, went or changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from app.components import numbers
from app.components.drawn import Node, draw, node
from core.records.prompts import Demo

Kind = Literal["same", "inserted", "removed"]
View = Literal["inline", "sides"]

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_TAGS = {"same": "span", "inserted": "ins", "removed": "del"}


@dataclass(frozen=True)
class Segment:
    """A stretch of both texts, or of one of them."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class DemoChanges:
    """Examples by what became of them; `changed` pairs before and after."""

    added: tuple[Demo, ...]
    removed: tuple[Demo, ...]
    changed: tuple[tuple[Demo, Demo], ...]
    same: int


def show(before: str, after: str, *, view: View = "inline", names: tuple[str, str] = ("A", "B"), height: int | None = None) -> None:
    """Draw what was removed (struck through) and inserted (underlined) going from `before` to `after`."""
    parts = segments(before, after)
    if view == "sides":
        sides = (_side(parts, names[0], "inserted"), _side(parts, names[1], "removed"))
        draw(node("framed sides", *sides), height=height)
    else:
        note = [] if before != after else [node("row-name", "no difference")]
        draw(node("framed", _passage(parts), *note), height=height)


def show_changes(before: str, after: str, *, key: str, height: int, context: int = 90) -> None:
    """Draw the changes alone, with so many characters around each, in a block of one height that follows what is live."""
    parts = around_changes(segments(before, after), context)
    if before == after:
        parts = [Segment("same", before)]
    note = [node("row-name", "no difference so far")] if before and before == after else []
    draw(*note, node("roomy", _passage(parts)), key=key, height=height)


def around_changes(parts: Sequence[Segment], context: int) -> list[Segment]:
    """The stretches, with the middle of long ones that are the same left out; all of it where nothing changed."""
    if len(parts) < 2:
        return list(parts)
    last = len(parts) - 1
    return [
        _shortened(part, context, head=index > 0, tail=index < last) if part.kind == "same" else part for index, part in enumerate(parts)
    ]


def _shortened(part: Segment, context: int, *, head: bool, tail: bool) -> Segment:
    if len(part.text) <= context * (head + tail) + 3:
        return part
    return Segment("same", (part.text[:context] if head else "") + " … " + (part.text[-context:] if tail else ""))


def show_demos(before: Sequence[Demo], after: Sequence[Demo]) -> None:
    """Draw which examples were added, removed and changed, each with its words."""
    changes = demo_changes(before, after)
    parts = [
        f"{numbers.count(len(after))} now",
        f"{len(changes.added)} added",
        f"{len(changes.removed)} removed",
        f"{len(changes.changed)} changed",
    ]
    rows: list[Node] = [node("row-name", " · ".join(parts))]
    for verb, tag, demos in (("added", "ins", changes.added), ("removed", "del", changes.removed)):
        for demo in demos:
            rows += [node("row-name", f"{verb}: {_name(demo)}"), node("passage tight", node("", _words(demo), tag=tag), tag="p")]
    for old, new in changes.changed:
        rows += [node("row-name", f"changed: {_name(new)}"), _passage(segments(_words(old), _words(new)))]
    draw(node("framed", *rows))


def segments(before: str, after: str) -> list[Segment]:
    """The two texts as stretches, word by word; joining all but the removed gives `after`, all but the inserted `before`.

    Lines are compared first and words only within lines that differ: long prompts stay quick.
    """
    return list(_segments(before, after))


@lru_cache(maxsize=128)
def _segments(before: str, after: str) -> tuple[Segment, ...]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Segment] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, right = "".join(old[a1:a2]), "".join(new[b1:b2])
        found += [Segment("same", left)] if tag == "equal" else _by_word(left, right)
    joined = ((kind, "".join(part.text for part in group)) for kind, group in groupby(found, key=lambda part: part.kind))
    return tuple(Segment(kind, text) for kind, text in joined if text)


def demo_changes(before: Sequence[Demo], after: Sequence[Demo]) -> DemoChanges:
    """Examples matched by their sample, else by their inputs."""
    old, new = {_identity(demo): demo for demo in before}, {_identity(demo): demo for demo in after}
    both = [(old[name], new[name]) for name in new if name in old]
    return DemoChanges(
        added=tuple(demo for name, demo in new.items() if name not in old),
        removed=tuple(demo for name, demo in old.items() if name not in new),
        changed=tuple((a, b) for a, b in both if (a.inputs, a.outputs) != (b.inputs, b.outputs)),
        same=sum((a.inputs, a.outputs) == (b.inputs, b.outputs) for a, b in both),
    )


def _by_word(before: str, after: str) -> Iterator[Segment]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Segment("same", "".join(old[a1:a2]))
            continue
        yield Segment("removed", "".join(old[a1:a2]))
        yield Segment("inserted", "".join(new[b1:b2]))


def _passage(parts: Sequence[Segment]) -> Node:
    return node(
        "passage tight", *(node("", part.text, tag=_TAGS[part.kind]) if part.kind != "same" else part.text for part in parts), tag="p"
    )


def _side(parts: Sequence[Segment], name: str, without: Kind) -> Node:
    return node("side", node("row-name", name), _passage([part for part in parts if part.kind != without]))


def _identity(demo: Demo) -> str:
    return demo.sample_id or repr(sorted(demo.inputs.items()))


def _name(demo: Demo) -> str:
    made = ", answered by the model" if demo.bootstrapped else ""
    return f"{demo.sample_id or 'no sample'}{made}"


def _words(demo: Demo) -> str:
    return "\n".join(f"{name}: {_value(value)}" for name, value in {**demo.inputs, **demo.outputs}.items())


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_value, value))
    if isinstance(value, dict) and value.keys() == {"text", "type"}:
        return f"{value['text']} ({value['type']})" if value["type"] else str(value["text"])
    if isinstance(value, dict) and value.keys() == {"subject", "predicate", "object"}:
        return f"{value['subject']} {value['predicate']} {value['object']}"
    return str(value)
