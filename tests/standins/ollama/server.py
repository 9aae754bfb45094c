"""The stand-in as a running server."""

import json
import socket
import threading
from dataclasses import asdict, dataclass
from importlib import import_module
from types import TracebackType
from typing import Any

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import ModelRefusedError
from core.records.models import ModelAnswer, ModelRequest
from tests.standins.ollama.app import Answer, OllamaRoutes
from tests.standins.ollama.behavior import Behavior, Faults
from tests.standins.ollama.catalog import DEFAULT_MODELS, Catalog, ServedModel
from tests.standins.ollama.checks import Refusal
from tests.standins.ollama.delivery import Delivery, ResettableProtocol
from tests.standins.ollama.v1 import OpenAIRoutes

TEXT = "text/plain"


@dataclass(frozen=True)
class Seen:
    """A request that came in; `body` is its JSON, None if it had none."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class StandIn:
    """A stand-in for Ollama on a port of the loopback interface; a context manager."""

    def __init__(
        self,
        *,
        answer: Answer | None = None,
        models: tuple[ServedModel, ...] = DEFAULT_MODELS,
        pullable: tuple[ServedModel, ...] = (),
        behavior: Behavior | None = None,
        port: int = 0,
    ) -> None:
        """`answer` is called in a thread of its own per request; without one the built-in model answers. Port 0 is any free one."""
        self._stopping = threading.Event()
        self._seen: list[Seen] = []
        delivery = Delivery(self._stopping)
        self._routes = OllamaRoutes(Catalog(models, pullable), answer or BuiltinAnswer(), delivery, Faults(behavior or Behavior()))
        self._port = port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> tuple[Seen, ...]:
        """What came in so far, without the control paths."""
        return tuple(self._seen)

    def bodies(self, path: str) -> list[Any]:
        """The JSON of every request to a path."""
        return [seen.body for seen in self._seen if seen.path == path]

    def behave(self, behavior: Behavior) -> None:
        """Behave so from now on; calls are counted anew."""
        self._routes.faults = Faults(behavior)

    def start(self) -> "StandIn":
        """Listen. Raises OSError if the port is taken."""
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer waits 40 ms for an acknowledgment
        self._port = self._socket.getsockname()[1]
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="ollama-stand-in", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End every connection and the server."""
        self._stopping.set()
        if self._server is not None and self._thread is not None and self._socket is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
            self._socket.close()

    def run(self) -> None:
        """Listen on this thread until interrupted."""
        uvicorn.Server(self._config()).run()

    def __enter__(self) -> "StandIn":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            Recording(self._app(), self._seen),
            host="127.0.0.1",
            port=self._port,
            http=ResettableProtocol,
            ws="none",
            lifespan="off",
            server_header=False,
            log_config=None,
            log_level="critical",
            timeout_graceful_shutdown=2,
        )

    def _app(self) -> Starlette:
        own = self._routes
        openai = OpenAIRoutes(own)
        gets = {"/": own.root, "/api/version": own.version, "/api/tags": own.tags, "/api/ps": own.ps, "/v1/models": openai.models}
        posts = {
            "/api/show": own.show,
            "/api/chat": own.chat,
            "/api/generate": own.generate,
            "/api/embed": own.embed,
            "/api/pull": own.pull,
            "/v1/chat/completions": openai.chat,
        }
        routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in gets.items()]
        routes += [Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()]
        routes += [Route("/api/delete", own.delete, methods=["DELETE"])]
        routes += [Route("/standin/behavior", self._behavior, methods=["GET", "POST"])]
        routes += [Route("/standin/requests", self._requests, methods=["GET", "DELETE"])]
        handlers: Any = {Refusal: self._refused, HTTPException: self._no_such}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def _refused(self, request: Request, refusal: Refusal) -> Response:
        return self._routes.delivery.json({"error": refusal.text}, refusal.status)

    async def _no_such(self, request: Request, error: HTTPException) -> Response:
        text = {404: "404 page not found", 405: "405 method not allowed"}.get(error.status_code, str(error.detail))
        return Response(text, error.status_code, headers={"content-type": TEXT})

    async def _behavior(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.behave(Behavior.model_validate_json(await request.body()))
            except ValidationError as error:
                raise Refusal(400, str(error)) from None
        return Response(self._routes.faults.behavior.model_dump_json(), media_type="application/json")

    async def _requests(self, request: Request) -> Response:
        found = [asdict(seen) for seen in self._seen]
        if request.method == "DELETE":
            self._seen.clear()
        return self._routes.delivery.json({"requests": found})


class BuiltinAnswer:
    """Answers with the workbench's built-in model, built when first asked: a test with an answer of its own need not wait for it.

    The built-in model refuses what is no task of the workbench. A language model would say something, so the stand-in does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._complete: Answer | None = None
        self._model = ""

    def __call__(self, request: ModelRequest) -> ModelAnswer:
        """The built-in model's answer to the same messages. Raises WorkbenchError."""
        with self._lock:
            if self._complete is None:
                provider = import_module("core.llm.providers.builtin").BuiltinProvider()
                self._complete, self._model = provider.complete, provider.models()[0].model
        try:
            return self._complete(request.model_copy(update={"model": self._model}))
        except ModelRefusedError:
            if request.response_schema is not None:
                raise
            return ModelAnswer(text="I only know the workbench's own tasks.")


class Recording:
    """Notes every request before it is answered."""

    def __init__(self, app: ASGIApp, seen: list[Seen]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, note it, hand it on."""
        if scope["type"] != "http" or scope["path"].startswith("/standin/"):
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._seen.append(Seen(scope["method"], scope["path"], headers, _json(body)))
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, again, send)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
