"""Questions to a server of Ollama over HTTP, and every way in which they fail, as errors of ours."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from core.errors import AnswerError, ModelUnavailableError
from core.llm.providers.ollama_errors import error_text, failed_stream, network_failure, no_ollama_answer, refused_call
from core.llm.providers.ollama_wire import Wire
from core.llm.providers.watched_http import FAILURES, Watch, watched_client, watching

CONNECT_SECONDS = 2.0
MAX_BODY = 4_000_000
"""Bytes of one line of a streamed answer, or of a whole one that is not streamed."""

Shape = TypeVar("Shape", bound=Wire)


class OllamaClient:
    """One server. Thread-safe; no retries. Raises ModelErrors only."""

    def __init__(self, base_url: str, *, seconds: float) -> None:
        self.base_url = base_url
        self._client = watched_client(base_url, connect_seconds=min(CONNECT_SECONDS, seconds), seconds=seconds)

    def ask(self, method: str, path: str, shape: type[Shape], watch: Watch, body: dict[str, Any] | None = None) -> Shape:
        """One question with one JSON object as its answer."""
        with self._response(method, path, body, watch) as response:
            return self._shaped(_read(response, watch), shape)

    def lines(self, path: str, body: dict[str, Any], shape: type[Shape], watch: Watch) -> Generator[Shape, None, None]:
        """The lines of a streamed answer, each checked; ends where the stream ends, be it torn or not."""
        with self._response("POST", path, body, watch) as response:
            rest = b""
            for piece in _pieces(response, watch):
                *lines, rest = (rest + piece).split(b"\n")
                yield from (self._line(line, shape) for line in lines if line.strip())
                if len(rest) > MAX_BODY:
                    raise AnswerError(f"a line of the answer is longer than {MAX_BODY:,} bytes", hint="set max_tokens")
            if rest.lstrip()[:1] not in (b"", b"{"):
                raise no_ollama_answer(self.base_url)  # a page in place of an answer; a torn line of JSON is a stream that broke off

    def broke_off(self) -> ModelUnavailableError:
        """For a stream that ended without its last line."""
        return ModelUnavailableError(
            f"Ollama at {self.base_url} broke off in the middle of its answer", hint="try again, or look at its log"
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    @contextmanager
    def _response(self, method: str, path: str, body: dict[str, Any] | None, watch: Watch) -> Iterator[httpx.Response]:
        """An answer with status 200, its body still to be read."""
        request = self._client.build_request(method, path, json=body)
        try:
            with watching(watch):
                response = self._client.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise refused_call(response.status_code, response.headers, _read(response, watch), self.base_url)
                yield response
            finally:
                response.close()
        except FAILURES as error:
            raise network_failure(error, self.base_url, watch.seconds) from None

    def _line(self, line: bytes, shape: type[Shape]) -> Shape:
        said = error_text(line)
        if said is not None:
            raise failed_stream(said)
        return self._shaped(line, shape)

    def _shaped(self, content: bytes, shape: type[Shape]) -> Shape:
        try:
            return shape.model_validate_json(content)
        except ValidationError:
            raise no_ollama_answer(self.base_url) from None


def _pieces(response: httpx.Response, watch: Watch) -> Iterator[bytes]:
    """The body as it comes. The watch holds while waiting only, not while whoever iterates does something else."""
    pieces = response.iter_raw()
    while True:
        with watching(watch):
            watch.look()
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _read(response: httpx.Response, watch: Watch) -> bytes:
    """The body, cut off at MAX_BODY: a peer may send without end."""
    content = b""
    for piece in _pieces(response, watch):
        content += piece
        if len(content) > MAX_BODY:
            break
    return content[:MAX_BODY]
