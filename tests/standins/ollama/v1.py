"""The OpenAI-compatible routes that Ollama has besides its own, as far as they were recorded; without streaming."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.standins.ollama.app import OllamaRoutes
from tests.standins.ollama.checks import Refusal, json_body
from tests.standins.ollama.generation import asked, chat_messages

PLAIN_JSON = "application/json"
OPTIONS = {"max_tokens": "num_predict", "temperature": "temperature", "top_p": "top_p", "seed": "seed", "stop": "stop"}
CREATED = 1_795_187_251


class OpenAIRoutes:
    """What happens on `/v1`."""

    def __init__(self, own: OllamaRoutes) -> None:
        self._own = own

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`."""
        listed = [{"id": name, "object": "model", "created": CREATED, "owned_by": "library"} for name in self._own.catalog.models]
        return self._json({"object": "list", "data": listed})

    async def chat(self, request: Request) -> Response:
        """`POST /v1/chat/completions`."""
        try:
            return await self._chat(request)
        except Refusal as refusal:
            kind = {404: "not_found_error", 400: "invalid_request_error"}.get(refusal.status, "api_error")
            error = {"message": refusal.text, "type": kind, "param": None, "code": None}
            return self._json({"error": error}, refusal.status)

    async def _chat(self, request: Request) -> Response:
        body = await json_body(request)
        fault = await self._own.fault(request, body)
        if isinstance(fault, Response):
            return fault
        model = self._own.known(body)
        if body.get("stream"):
            raise Refusal(400, "this stand-in does not stream on /v1")
        options = {theirs: body[name] for name, theirs in OPTIONS.items() if body.get(name) is not None}
        inner = {"model": body["model"], "options": options, "format": _format(body.get("response_format") or {})}
        question = asked(inner, chat_messages(body), model)
        made = await self._own.made(question, fault)
        used = {"prompt_tokens": made.counts.get("prompt_eval_count", 0), "completion_tokens": made.counts.get("eval_count", 0)}
        choice = {"index": 0, "message": {"role": "assistant", "content": "".join(made.pieces)}, "finish_reason": made.done_reason}
        return self._own.delivery.whole(
            request,
            {
                "id": f"chatcmpl-{self._own.faults.calls}",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": body["model"],
                "system_fingerprint": "fp_ollama",
                "choices": [choice],
                "usage": {**used, "total_tokens": sum(used.values())},
            },
            fault,
            content_type=PLAIN_JSON,
        )

    def _json(self, found: dict[str, Any], status: int = 200) -> Response:
        return self._own.delivery.json(found, status, content_type=PLAIN_JSON)


def _format(wanted: dict[str, Any]) -> Any:
    """Ollama's `format` for an OpenAI `response_format`."""
    if wanted.get("type") == "json_schema":
        return wanted["json_schema"]["schema"]
    return "json" if wanted.get("type") == "json_object" else None
