"""Ollama's own routes."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.errors import WorkbenchError
from core.records.models import Message, ModelAnswer, ModelRequest
from tests.standins.ollama.behavior import Fault, Faults
from tests.standins.ollama.catalog import Catalog, ServedModel, tagged
from tests.standins.ollama.checks import Refusal, checked_options, json_body, keep_alive
from tests.standins.ollama.delivery import Delivery
from tests.standins.ollama.embedding import vector
from tests.standins.ollama.generation import (
    OVERFLOW,
    READ_NS,
    WARM_NS,
    Asked,
    Generated,
    asked,
    chat_lines,
    chat_messages,
    fitted,
    generate_lines,
    generated,
    joined,
    miscounted,
    spoiled,
    stamp,
)

Answer = Callable[[ModelRequest], ModelAnswer]
VERSION = "0.24.0"


class OllamaRoutes:
    """What happens on each of Ollama's paths."""

    def __init__(self, catalog: Catalog, answer: Answer, delivery: Delivery, faults: Faults) -> None:
        self.catalog = catalog
        self.answer = answer
        self.delivery = delivery
        self.faults = faults

    async def root(self, request: Request) -> Response:
        """`GET /`."""
        return Response("Ollama is running", headers={"content-type": "text/plain; charset=utf-8"})

    async def version(self, request: Request) -> Response:
        """`GET /api/version`."""
        return self.delivery.json({"version": VERSION})

    async def tags(self, request: Request) -> Response:
        """`GET /api/tags`."""
        return self.delivery.json({"models": [model.listed() for model in self.catalog.models.values()]})

    async def ps(self, request: Request) -> Response:
        """`GET /api/ps`."""
        return self.delivery.json({"models": self.catalog.loaded()})

    async def show(self, request: Request) -> Response:
        """`POST /api/show`."""
        return self.delivery.json(self.known(await json_body(request)).shown())

    async def delete(self, request: Request) -> Response:
        """`DELETE /api/delete`."""
        model = self.known(await json_body(request))
        self.catalog.unload(model)
        del self.catalog.models[model.name]
        return Response(status_code=200)

    async def pull(self, request: Request) -> Response:
        """`POST /api/pull`. A model that is neither there nor pullable fails as without a network, inside a stream of status 200."""
        body = await json_body(request)
        name = str(body.get("model") or body.get("name") or "")
        if not name or ".." in name or name.startswith("/"):
            raise Refusal(400, "invalid model name")
        lines = self._pulled(tagged(name))
        if body.get("stream") is not False:
            return self.delivery.stream(request, lines, drip=self.faults.behavior.drip)
        return self.delivery.json(lines[-1], 500 if "error" in lines[-1] else 200)

    async def chat(self, request: Request) -> Response:
        """`POST /api/chat`."""
        body = await json_body(request)
        messages = chat_messages(body)
        empty = {"message": {"role": "assistant", "content": ""}}
        return await self._answered(request, body, messages, empty=empty, lines=chat_lines)

    async def generate(self, request: Request) -> Response:
        """`POST /api/generate`."""
        body = await json_body(request)
        texts = (("system", body.get("system")), ("user", body.get("prompt")))
        messages = chat_messages({"messages": [{"role": role, "content": text} for role, text in texts if text]})
        return await self._answered(request, body, messages, empty={"response": ""}, lines=generate_lines)

    async def embed(self, request: Request) -> Response:
        """`POST /api/embed`."""
        body = await json_body(request)
        fault = await self.fault(request, body)
        if isinstance(fault, Response):
            return fault
        model = self.catalog.find(str(body.get("model") or ""))
        if model is None:
            raise Refusal(404, f'model "{body.get("model")}" not found, try pulling it first')
        texts = [body["input"]] if isinstance(body.get("input"), str) else body.get("input") or []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise Refusal(400, "invalid input type")
        return self.delivery.whole(request, self._embedded(body, model, texts, fault), fault)

    def known(self, body: dict[str, Any]) -> ServedModel:
        """The model that a body names. Raises Refusal."""
        name = body.get("model") or body.get("name")
        if not isinstance(name, str) or not name:
            raise Refusal(400, "model is required")
        model = self.catalog.find(name)
        if model is None:
            raise Refusal(404, f"model '{name}' not found")
        return model

    async def fault(self, request: Request, body: dict[str, Any]) -> Response | Fault | None:
        """Count a call of a model: the latency, then the answer that a fault sends instead, or the fault that is still to come."""
        fault = self.faults.next()
        await self.delivery.wait(request, self.faults.behavior.latency)
        model = str(body.get("model"))
        return await self.delivery.instead(request, fault, model=model, retry_after=self.faults.behavior.retry_after) or fault

    async def made(self, question: Asked, fault: Fault | None) -> Generated:
        """The answer function's text, as the model would have sent it. Raises Refusal."""
        size, cold, fits = fitted(question, self.catalog)
        began = time.perf_counter()
        text = await self._text(question) if fits else ""
        seconds = time.perf_counter() - began
        return miscounted(generated(question, spoiled(text, fault), size=size, cold=cold, seconds=seconds), fault)

    async def _text(self, question: Asked) -> str:
        try:
            return (await run_in_threadpool(self.answer, question.request())).text
        except WorkbenchError as error:
            raise Refusal(500, error.message) from None

    async def _answered(
        self,
        request: Request,
        body: dict[str, Any],
        messages: tuple[Message, ...],
        *,
        empty: dict[str, Any],
        lines: Callable[[Asked, Generated], list[dict[str, Any]]],
    ) -> Response:
        fault = await self.fault(request, body)
        if isinstance(fault, Response):
            return fault
        model = self.known(body)
        if not messages:
            reason = self._loaded_or_unloaded(body, model)
            return self.delivery.json({**stamp(body["model"]), **empty, "done": True, "done_reason": reason})
        question = asked(body, messages, model)
        found = lines(question, await self.made(question, fault))
        if not question.stream:
            return self.delivery.whole(request, joined(found), fault)
        return self.delivery.stream(request, found, fault, drip=self.faults.behavior.drip)

    def _loaded_or_unloaded(self, body: dict[str, Any], model: ServedModel) -> str:
        keep = keep_alive(body.get("keep_alive"))
        num_ctx = checked_options(body).get("num_ctx")
        if keep.total_seconds() == 0:
            self.catalog.unload(model)
            return "unload"
        self.catalog.load(model, num_ctx=num_ctx, shift=body.get("shift") is not False, keep=keep)
        return "load"

    def _embedded(self, body: dict[str, Any], model: ServedModel, texts: list[str], fault: Fault | None) -> dict[str, Any]:
        size, cold = self.catalog.load(
            model, num_ctx=checked_options(body).get("num_ctx"), shift=True, keep=keep_alive(body.get("keep_alive"))
        )
        counts = [len(model.tokens(text)) for text in texts]
        if body.get("truncate") is False and any(count > size for count in counts):
            raise Refusal(400, OVERFLOW)
        dimensions = int(body.get("dimensions") or model.embedding_length)
        vectors = [] if fault is Fault.EMPTY else [vector("".join(model.tokens(text)[:size]), dimensions) for text in texts]
        found: dict[str, Any] = {"model": body["model"], "embeddings": vectors}
        if texts:
            load = WARM_NS * (100 if cold else 1)
            count = sum(min(count, size) for count in counts)
            found |= {"total_duration": load + READ_NS * max(1, count), "load_duration": load, "prompt_eval_count": max(1, count)}
        return found

    def _pulled(self, name: str) -> list[dict[str, Any]]:
        model = self.catalog.models.get(name) or self.catalog.pullable.get(name)
        first: dict[str, Any] = {"status": "pulling manifest"}
        if model is None:
            title, _, tag = name.rpartition(":")
            where = f"https://registry.ollama.ai/v2/library/{quote(title)}/manifests/{quote(tag)}"
            said = f'pull model manifest: Get "{where}": dial tcp: lookup registry.ollama.ai: no such host'
            return [first, {"error": said}]
        self.catalog.models[name] = model
        part = {"status": f"pulling {model.digest[:12]}", "digest": f"sha256:{model.digest}", "total": model.size}
        steps = [{**part, "completed": model.size * done // 4} for done in (1, 2, 3, 4)]
        last = ("verifying sha256 digest", "writing manifest", "success")
        return [first, part, *steps, *({"status": status} for status in last)]
