"""Behind the answer: every chunk with its prompts and answers, what was left out, and another prompt's reading beside this one."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.components import chips, heading, notice, numbers, pager, spans, table
from app.components.drawn import Node, draw
from app.components.drawn import table as described
from app.components.table import ROW, visible
from app.resources import workbench
from app.views import extract_text
from app.views.extract_answer import chunk_name
from app.views.extract_kept import Text, contents_of
from core.records.documents import Extraction, ReadChunk
from core.workflows.extract import GENERIC, ChunkCall, chunk_calls

SIZE = 50
SEEN = 8
"""Rows that are seen at once."""

CHUNKS, LEFT_OUT, BESIDE = "Chunks, prompts and answers", "Left out", "Beside another prompt"


def show(text: Text, made: Extraction, others: Sequence[Extraction]) -> None:
    """Draw the chooser and, once somebody asks, one of them."""
    parts = [CHUNKS, *([LEFT_OUT] if made.ungrounded else []), *([BESIDE] if others else [])]
    chosen = st.segmented_control("Details", parts, key=f"extract.details.{len(parts)}.{made.id[:16]}", label_visibility="collapsed")
    if chosen == CHUNKS:
        _chunks(made)
    elif chosen == LEFT_OUT:
        _left_out(made)
    elif chosen == BESIDE:
        _beside(text, made, others)


def _chunks(made: Extraction) -> None:
    """How the text was cut, and for the chunk that is chosen every call."""
    heading.note(f"How tokens are counted: {made.tokens}")
    at = pager.window(len(made.chunks), key="extract.chunks", size=SIZE)
    shown = made.chunks[at.offset : at.offset + at.limit]
    key = f"extract.chunk.{made.id}"
    opened: int | None = state.remembered(key, made.chunks[0].index if len(made.chunks) == 1 else None)
    heads = ("chunk", "characters", "tokens", "entities", "relations", "left out", "calls", "state")
    drawn = described(heads, [_cells(each) for each in shown], right=(0, 1, 2, 3, 4, 5, 6))
    for each, row in zip(shown, drawn["in"][1]["in"], strict=True):
        row["pick"], row["pressed"], row["title"] = str(each.index), each.index == opened, each.error
    picked = draw(drawn, key="extract.chunks.rows", height=ROW * (min(len(shown), SEEN) + 1) + 4, once=True)
    if len(made.chunks) > SIZE:
        pager.show(len(made.chunks), key="extract.chunks", size=SIZE, noun="chunks")
    if picked is not None and int(picked) != opened:
        state.remember(key, int(picked))
        st.rerun()
    chunk = next((each for each in made.chunks if each.index == opened), None)
    if chunk is None:
        heading.note("Choose a chunk to read what was sent and what came back.")
    else:
        _calls(made, chunk)


def _cells(chunk: ReadChunk) -> list["Node | str"]:
    found = (chunk.tokens, chunk.entities, chunk.relations, chunk.ungrounded, len(chunk.calls))
    return [
        numbers.count(chunk.index + 1), f"{numbers.count(chunk.start + 1)} to {numbers.count(chunk.end)}", *map(numbers.count, found),
        chips.status("failed", "failed") if chunk.error else chips.status("completed", "read"),
    ]  # fmt: skip


def _calls(made: Extraction, chunk: ReadChunk) -> None:
    name = chunk_name(made, chunk)
    heading.section(name[:1].upper() + name[1:])
    if chunk.error:
        notice.show(chunk.error, chunk.hint, level="error")
    calls = chunk_calls(workbench(), chunk)
    if not calls:
        heading.note("Its calls are no longer kept." if chunk.calls else "No model was asked about it.")
    for number, each in enumerate(calls, 1):
        heading.section(f"Call {number} of {len(calls)}", _told(each))
        left, right = st.columns([1.3, 1], gap="medium")
        with left:
            heading.note("Prompt")
            _plain(each.prompt)
        with right:
            heading.note("Answer")
            _plain(each.answer if each.answer is not None else each.call.error or "no answer")


def _told(each: ChunkCall) -> str:
    call = each.call
    tokens = f"{numbers.count(call.prompt_tokens)} tokens in, {numbers.count(call.completion_tokens)} out"
    ended = f"failed: {call.error}" if call.error else call.finish_reason or ""
    return " · ".join(part for part in (f"{call.provider}/{call.model}", tokens, numbers.milliseconds(call.ms), ended) if part)


def _plain(words: str) -> None:
    """A prompt or answer as it is, with signs for what could not be seen."""
    st.code(
        "\n".join(visible(line) for line in words.split("\n")),
        language=None,
        wrap_lines=True,
        height=min(420, 60 + 22 * words.count("\n") + len(words) // 4),
    )


def _left_out(made: Extraction) -> None:
    heading.note("Said by the model, but nowhere in the text: kept out of everything else, exports for annotation included.")
    rows = [[visible(each.said), each.kind, numbers.count(each.chunk + 1)] for each in made.ungrounded]
    at = pager.window(len(rows), key="extract.left_out", size=SIZE)
    table.show(("said", "as", "chunk"), rows[at.offset : at.offset + at.limit], right=(2,), key="extract.left_out.rows")
    if len(rows) > SIZE:
        pager.show(len(rows), key="extract.left_out", size=SIZE, noun="names")


def _beside(text: Text, made: Extraction, others: Sequence[Extraction]) -> None:
    """The part of the text that is shown, once for each prompt."""
    names = {_prompt(each): each for each in others}
    other = names[st.selectbox("The other prompt", list(names), key=f"extract.beside.{made.id[:16]}", width=420)]
    part = extract_text.part_now(text)
    sides = {_prompt(each): extract_text.spans_of(each, part) for each in (made, other)}
    one, two = ({(each.start, each.end, each.type) for each in found} for found in sides.values())
    heading.note(
        f"In both {numbers.count(len(one & two))}, here only {numbers.count(len(one - two))}, there only {numbers.count(len(two - one))}"
    )
    found = [contents_of(each) for each in (made, other)]
    types = list(
        dict.fromkeys(name for each, seen in zip((made, other), found, strict=True) for name in extract_text.type_order(each, seen))
    )
    marked = {
        name: [each if (each.start, each.end, each.type) in one & two else spans.differing(each, "not found by the other") for each in side]
        for name, side in sides.items()
    }
    spans.compare(
        text.text[part.start : part.end],
        marked,
        colors=spans.type_colors(types),
        legend="dotted: found by both · dashed: found here only, or with another boundary or type",
    )


def _prompt(made: Extraction) -> str:
    return made.version or f"{GENERIC} prompt"
