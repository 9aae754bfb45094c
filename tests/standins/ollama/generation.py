"""From a request's body to a question for the answer function, and from its text to what a model would have sent."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from core.records.models import Message, ModelRequest, Parameters
from tests.standins.ollama.behavior import Fault
from tests.standins.ollama.catalog import Catalog, ServedModel
from tests.standins.ollama.checks import Refusal, checked_format, checked_options, keep_alive

OVERFLOW = "the input length exceeds the context length"
LOAD_NS, WARM_NS, READ_NS = 280_000_000, 1_500_000, 20_000
"""Made-up durations: loading, finding a loaded model, reading one token of the prompt."""
PIECES = 200
"""Most lines that an answer is streamed in."""

PARAMETERS = {
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "num_predict": "max_tokens",
    "repeat_penalty": "repeat_penalty",
    "num_ctx": "context_size",
    "seed": "seed",
    "stop": "stop",
}


@dataclass(frozen=True)
class Asked:
    """A checked request for an answer."""

    model: ServedModel
    name: str
    messages: tuple[Message, ...]
    options: dict[str, Any]
    schema: dict[str, Any] | None
    think: bool
    truncate: bool
    shift: bool
    keep: timedelta
    stream: bool

    def request(self) -> ModelRequest:
        """For the answer function. Options outside of the workbench's own ranges are left out; the stand-in itself obeys their limits."""
        return ModelRequest(model=self.name, messages=self.messages, parameters=_parameters(self.options), response_schema=self.schema)


@dataclass(frozen=True)
class Generated:
    """What the model made of it. Durations in ns."""

    pieces: tuple[str, ...]
    thinking: str
    done_reason: str
    counts: dict[str, int]


def asked(body: dict[str, Any], messages: tuple[Message, ...], model: ServedModel) -> Asked:
    """The checks of a request with content, in the real server's order. Raises Refusal."""
    capable = "thinking" in model.capabilities
    if body.get("think") and not capable:
        raise Refusal(400, f'"{body["model"]}" does not support thinking')
    if body.get("tools") and "tools" not in model.capabilities:
        raise Refusal(400, f"registry.ollama.ai/library/{model.name} does not support tools")
    if "completion" not in model.capabilities:
        raise Refusal(400, f'"{body["model"]}" does not support chat')
    options = checked_options(body)
    return Asked(
        model=model,
        name=body["model"],
        messages=messages,
        options=options,
        schema=checked_format(body.get("format")),
        think=capable and body.get("think") is not False,
        truncate=body.get("truncate") is not False,
        shift=body.get("shift") is not False,
        keep=keep_alive(body.get("keep_alive")),
        stream=body.get("stream") is not False,
    )


def chat_messages(body: dict[str, Any]) -> tuple[Message, ...]:
    """The messages of a chat; images are counted as text, as a model without eyes does. Raises Refusal."""
    found = []
    for message in body.get("messages") or ():
        content = message.get("content", "") if isinstance(message, dict) else None
        if not isinstance(content, str):
            raise Refusal(400, "json: cannot unmarshal value into Go struct field ChatRequest.messages of type string")
        marks = "".join(f"[img-{number}]" for number in range(len(message.get("images") or ())))
        role = message.get("role") if message.get("role") in ("system", "assistant") else "user"
        found.append(Message(role=role, content=marks + content))
    return tuple(found)


def prompt_size(question: Asked) -> int:
    """Tokens of the prompt as the template renders it."""
    rendered = "".join(f"{message.role}: {message.content}\n" for message in question.messages) + "assistant: "
    return len(question.model.tokens(rendered))


def fitted(question: Asked, catalog: Catalog) -> tuple[int, bool, bool]:
    """The context, whether the model had to be loaded, whether the prompt fits. Raises Refusal if it must not be cut."""
    size, cold = catalog.load(question.model, num_ctx=question.options.get("num_ctx"), shift=question.shift, keep=question.keep)
    fits = prompt_size(question) <= size
    if not fits and not question.truncate:
        raise Refusal(400, OVERFLOW)
    return size, cold, fits


def generated(question: Asked, text: str, *, size: int, cold: bool, seconds: float) -> Generated:
    """The text, cut where the model would have had to stop. A prompt that does not fit leaves no room for a word."""
    prompt = prompt_size(question)
    for stop in question.options.get("stop") or ():
        text = text.partition(stop)[0] if stop else text
    tokens = question.model.tokens(text)
    limits = [question.options.get("num_predict", -1)]
    limits += [] if question.shift else [size - prompt + 1]  # with shift the answer may push the prompt out and go on
    limit = min((int(number) for number in limits if number > 0), default=len(tokens))
    made = limit if prompt > size else min(limit, len(tokens))
    counts = {
        "load_duration": LOAD_NS if cold else WARM_NS,
        "prompt_eval_count": min(prompt, size),
        "prompt_eval_duration": READ_NS * min(prompt, size),
        "eval_count": made,
        "eval_duration": int(seconds * 1e9) + made,
    }
    counts = {"total_duration": sum(value for key, value in counts.items() if key.endswith("duration")), **counts}
    return Generated(
        pieces=() if prompt > size else _grouped(tokens[:limit]),
        thinking="The stand-in thinks." if question.think else "",
        done_reason="length" if prompt > size or limit < len(tokens) else "stop",
        counts={key: value for key, value in counts.items() if value},
    )


def spoiled(text: str, fault: Fault | None) -> str:
    """The model's text as a fault of the model leaves it."""
    thought = "Let me see. {not json}"
    half = len(text) // 2
    match fault:
        case Fault.EMPTY:
            return ""
        case Fault.BROKEN_ANSWER:
            return text[:half]
        case Fault.THINK_AROUND:
            return f"<think>{thought}</think>\n\n{text}"
        case Fault.THINK_INSIDE:
            first, comma, rest = text.partition(",") if "," in text else (text[:half], "", text[half:])
            return f"{first}{comma}<think>{thought}</think>{rest}"
        case Fault.THINK_UNCLOSED:
            return f"<think>{thought} {text}"
        case Fault.THINK_UNOPENED:
            return f"{thought}</think>\n\n{text}"
    return text


def miscounted(made: Generated, fault: Fault | None) -> Generated:
    """What came of a call, as a fault of the server leaves it: limits not kept, or most of the prompt dropped."""
    if fault is Fault.HUGE:
        return replace(made, pieces=made.pieces + (" and so on" * 1000,) * 120, done_reason="stop")
    if fault is Fault.SHORT_COUNT:
        return replace(made, counts={**made.counts, "prompt_eval_count": max(1, made.counts["prompt_eval_count"] // 50)})
    return made


def chat_lines(question: Asked, made: Generated) -> list[dict[str, Any]]:
    """The lines of `/api/chat`, the last one with the counts."""
    thinking = [{"role": "assistant", "content": "", "thinking": made.thinking}] if made.thinking else []
    messages: list[dict[str, Any]] = thinking + [{"role": "assistant", "content": piece} for piece in made.pieces]
    lines = [{**stamp(question.name), "message": message, "done": False} for message in messages]
    last = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": made.done_reason}
    return [*lines, {**stamp(question.name), **last, **made.counts}]


def generate_lines(question: Asked, made: Generated) -> list[dict[str, Any]]:
    """The lines of `/api/generate`."""
    lines: list[dict[str, Any]] = (
        [{**stamp(question.name), "response": "", "thinking": made.thinking, "done": False}] if made.thinking else []
    )
    lines += [{**stamp(question.name), "response": piece, "done": False} for piece in made.pieces]
    context = [ord(token[0]) for piece in made.pieces for token in question.model.tokens(piece)]
    last = {"response": "", "done": True, "done_reason": made.done_reason, "context": context}
    return [*lines, {**stamp(question.name), **last, **made.counts}]


def joined(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The same answer in one piece."""
    whole = dict(lines[-1])
    if "message" in whole:
        texts = {key: "".join(line["message"].get(key, "") for line in lines) for key in ("content", "thinking")}
        whole["message"] = {"role": "assistant", **{key: text for key, text in texts.items() if text or key == "content"}}
    else:
        texts = {key: "".join(line.get(key, "") for line in lines) for key in ("response", "thinking")}
        whole |= {key: text for key, text in texts.items() if text or key == "response"}
    return whole


def stamp(name: str) -> dict[str, Any]:
    """How every line begins."""
    return {"model": name, "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")}


def _grouped(tokens: list[str]) -> tuple[str, ...]:
    step = max(1, -(-len(tokens) // PIECES))
    return tuple("".join(tokens[start : start + step]) for start in range(0, len(tokens), step))


def _parameters(options: dict[str, Any]) -> Parameters:
    known: dict[str, Any] = {}
    for theirs, ours in PARAMETERS.items():
        try:
            Parameters.model_validate({ours: options.get(theirs)})
        except ValidationError:
            continue
        known[ours] = options.get(theirs)
    return Parameters.model_validate(known)
