"""How answers leave the stand-in: whole or in pieces, slowly, torn, or not at all."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.standins.ollama.behavior import Fault

JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"
STATUSES = {
    Fault.SERVER_ERROR: (500, "llama runner process has terminated: exit status 2"),
    Fault.BUSY: (503, "server busy, please try again.  maximum pending requests exceeded"),
    Fault.RATE_LIMITED: (429, "too many requests"),
    Fault.UNAUTHORIZED: (401, "unauthorized"),
    Fault.EVICTED: (404, "model '{model}' not found"),
}
"""Status and text of the faults that are error answers."""
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
TICK = 0.02

Connection = tuple[tuple[str, int] | None, tuple[str, int | None] | None]
_transports: dict[Connection, asyncio.Transport] = {}


class ResettableProtocol(H11Protocol):
    """Uvicorn's own HTTP, with its connections at hand so that one can be reset."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection begins."""
        super().connection_made(transport)
        _transports[(self.client, self.server)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection ends."""
        _transports.pop((self.client, self.server), None)
        super().connection_lost(exc)


class Delivery:
    """Sends answers, until `stopping` is set."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def json(self, found: Any, status: int = 200, *, content_type: str = JSON, headers: dict[str, str] | None = None) -> Response:
        """A JSON body."""
        content = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
        return Response(content, status, headers={"content-type": content_type, **(headers or {})})

    async def instead(self, request: Request, fault: Fault | None, *, model: str, retry_after: str | None) -> Response | None:
        """What a fault sends in place of any answer; None if there is an answer to come."""
        later = {"retry-after": retry_after} if retry_after is not None else {}
        refused = STATUSES.get(fault) if fault is not None else None
        if refused is not None:
            return self.json({"error": refused[1].format(model=model)}, refused[0], headers=later)
        match fault:
            case Fault.REDIRECT:
                return Response(status_code=302, headers={"location": "http://169.254.169.254/latest/meta-data/"})
            case Fault.HTML:
                return Response(PAGE, headers={"content-type": "text/html; charset=utf-8"})
            case Fault.ENDLESS_LINE:
                return StreamingResponse(self._endless(), headers={"content-type": NDJSON})
            case Fault.RESET:
                self._reset(request)
                await asyncio.sleep(TICK)
                return Response(status_code=500)
            case Fault.HANG:
                await self.wait(request, float("inf"))
                return Response(status_code=499)
        return None

    def whole(self, request: Request, found: dict[str, Any], fault: Fault | None, *, content_type: str = JSON) -> Response:
        """An answer in one piece. Faults of the middle of a stream apply to the middle of its bytes."""
        response = self.json(wrong(found) if fault is Fault.WRONG_TYPES else found, content_type=content_type)
        if fault in (Fault.CUT_BODY, Fault.RESET_MIDWAY, Fault.HANG_MIDWAY):
            content = bytes(response.body)
            return StreamingResponse(self._torn(request, [content[: len(content) // 2]], fault), headers={"content-type": content_type})
        if fault is Fault.ERROR_IN_STREAM:
            return self.json({"error": "an error was encountered while running the model"}, 500)
        return response

    def stream(self, request: Request, lines: list[dict[str, Any]], fault: Fault | None = None, *, drip: float = 0) -> Response:
        """An answer line by line."""
        shown = [wrong(line) for line in lines] if fault is Fault.WRONG_TYPES else lines
        contents = [json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for line in shown]
        if fault is Fault.CUT_BODY:
            contents[-1] = contents[-1][: len(contents[-1]) // 2]
        if fault in (Fault.RESET_MIDWAY, Fault.HANG_MIDWAY):
            contents = contents[: len(contents) // 2]
        if fault is Fault.ERROR_IN_STREAM:
            contents = [*contents[: len(contents) // 2], b'{"error":"an error was encountered while running the model"}\n']
        return StreamingResponse(self._torn(request, contents, fault, drip=drip), headers={"content-type": NDJSON})

    async def wait(self, request: Request, seconds: float) -> None:
        """Let time pass, at most until the caller or the server goes away."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not self._stopping.is_set() and not await request.is_disconnected():
            await asyncio.sleep(min(TICK, max(0.0, end - loop.time())))

    async def _torn(self, request: Request, contents: list[bytes], fault: Fault | None, *, drip: float = 0) -> AsyncIterator[bytes]:
        for content in contents:
            if drip:
                await self._sleep(drip)
            yield content
        if fault is Fault.RESET_MIDWAY:
            await asyncio.sleep(TICK)  # so that what was sent arrives before the reset
            self._reset(request)
            await asyncio.sleep(TICK)
        if fault is Fault.HANG_MIDWAY:
            await self._sleep(float("inf"))

    async def _sleep(self, seconds: float) -> None:
        """Within a stream Starlette itself notices that the caller is gone, and cancels."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not self._stopping.is_set():
            await asyncio.sleep(min(TICK, max(0.0, end - loop.time())))

    async def _endless(self) -> AsyncIterator[bytes]:
        for _ in range(200):
            if not self._stopping.is_set():
                yield b'{"x":"' + b"x" * 1_000_000
                await asyncio.sleep(0)

    def _reset(self, request: Request) -> None:
        server = request.scope.get("server")
        client = request.scope.get("client")
        transport = _transports.get((tuple(client) if client else None, tuple(server) if server else None))
        if transport is not None:
            peer: socket.socket = transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an orderly end
            transport.abort()


def wrong(found: dict[str, Any]) -> dict[str, Any]:
    """The same keys with values of other types."""

    def swapped(value: Any) -> Any:
        return 7 if isinstance(value, str | dict | list) else "seven"

    return {key: swapped(value) for key, value in found.items()}
