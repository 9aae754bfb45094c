"""What Ollama finds wrong with a request, in its own words."""

import json
import re
from datetime import timedelta
from typing import Any

from jsonschema import Draft202012Validator, SchemaError  # type: ignore[import-untyped]
from starlette.requests import Request

from tests.standins.ollama.catalog import FOREVER

INTEGERS = {"num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "seed", "num_predict", "top_k", "repeat_last_n"}
FLOATS = {"temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"}
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class Refusal(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises Refusal as Go's decoder would word it."""
    content = await request.body()
    if not content.strip():
        raise Refusal(400, "missing request body")
    try:
        found = json.loads(content)
    except json.JSONDecodeError as error:
        at = content.decode("utf-8", "replace")[error.pos : error.pos + 1]
        raise Refusal(400, f"invalid character {at!r} looking for beginning of value" if at else "unexpected EOF") from None
    if not isinstance(found, dict):
        raise Refusal(400, "json: cannot unmarshal value into Go value of type api.Request")
    return found


def checked_options(body: dict[str, Any]) -> dict[str, Any]:
    """The known options. An unknown one is ignored, a wrong type is status 500, as with the real server."""
    known = {}
    for name, value in (body.get("options") or {}).items():
        if value is None:
            continue
        problem = _option_problem(name, value)
        if problem:
            raise Refusal(500, f'option "{name}" must be of {problem}')
        known[name] = value
    return known


def _option_problem(name: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in INTEGERS:
        return "" if number else "type integer"
    if name in FLOATS:
        return "" if number else "type float32"
    if name == "use_mmap":
        return "" if isinstance(value, bool) else "type boolean"
    if name == "stop":
        if not isinstance(value, list):
            return "type array"
        return "" if all(isinstance(text, str) for text in value) else "an array of strings"
    return ""


def checked_format(value: Any) -> dict[str, Any] | None:
    """The schema that `format` asks for, None for free text. Raises Refusal with status 500, as the real server does."""
    if value in (None, ""):
        return None
    if value == "json":
        return {"type": "object"}
    if not isinstance(value, dict):
        raise Refusal(500, f'invalid format: {json.dumps(json.dumps(value))}; expected "json" or a valid JSON Schema object')
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError:
        raise Refusal(500, "invalid JSON schema in format") from None
    return value


def keep_alive(value: Any) -> timedelta:
    """How long a model stays: seconds or a duration such as "10m"; negative is for ever; nothing said is five minutes."""
    if value is None:
        return timedelta(minutes=5)
    seconds = value if isinstance(value, int | float) else _seconds(str(value))
    return FOREVER if seconds < 0 else timedelta(seconds=seconds)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|0", text):
        raise Refusal(400, f'time: invalid duration "{text}"')
    total = sum(float(number) * UNITS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)", text))
    return -total if text.startswith("-") else total
