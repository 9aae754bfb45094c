"""Embedders that an Ollama server runs: `POST /api/embed`."""

import re
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.embeddings.base import LazyEmbedder, Vectors, encodable, normalized
from core.errors import AnswerError, ContextOverflowError, ModelError, ModelNotFoundError, ModelRefusedError, ModelUnavailableError

BATCH = 64
CONNECT_SECONDS = 2.0
MAX_BODY = 64_000_000
"""Bytes of one answer; 64 vectors of 4,096 numbers are about 6 MB."""

START = "start it with `ollama serve`, or set OLLAMA_BASE_URL to where it runs"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Embedded(_Wire):
    embeddings: list[list[float]]


class _Listed(_Wire):
    name: str
    digest: str


class _Tags(_Wire):
    models: list[_Listed]


class _Said(_Wire):
    error: str


Shape = TypeVar("Shape", bound=_Wire)


class OllamaEmbedder(LazyEmbedder):
    """One model of one server, under the address `base_url`, which is checked already. Texts are never cut off: one too long is refused."""

    def __init__(self, name: str, *, model: str, base_url: str, timeout_seconds: float = 120.0, keep_alive: str = "5m") -> None:
        super().__init__(name)
        self.model = model
        self.base_url = base_url
        self._seconds = timeout_seconds
        self._keep_alive = keep_alive
        self._dimensions = 0
        self._client = httpx.Client(
            base_url=base_url, trust_env=False, follow_redirects=False,
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
        )  # fmt: skip

    @property
    def digest(self) -> str:
        """The digest that the server lists now, asked each time: another model may have been pulled under the name."""
        wanted = self.model if ":" in self.model.rpartition("/")[2] else f"{self.model}:latest"
        listed = self._ask("GET", "/api/tags", _Tags).models
        found = next((model.digest for model in listed if model.name.lower() == wanted.lower()), None)
        if found is None:
            raise self._no_model(f"it has {', '.join(model.name for model in listed[:20]) or 'none'}")
        return found

    @property
    def dimensions(self) -> int:
        """Length of a vector. Loads."""
        self.load()
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, asked in batches of 64. Raises as `Embedder.encode`."""
        self.load()
        rows = [self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self._dimensions), dtype=np.float32)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _open(self) -> None:
        self._dimensions = self._batch(["one"]).shape[1]

    def _batch(self, texts: Sequence[str]) -> Vectors:
        body = {"model": self.model, "input": [encodable(text) for text in texts], "truncate": False, "keep_alive": self._keep_alive}
        rows = self._ask("POST", "/api/embed", _Embedded, body).embeddings
        lengths = {len(row) for row in rows}
        if len(rows) != len(texts) or len(lengths) != 1 or 0 in lengths or (self._dimensions and lengths != {self._dimensions}):
            raise AnswerError(
                f"Ollama gave {len(rows)} vectors of length {sorted(lengths)} for {len(texts)} texts",
                hint=f"check that {self.model} is a model for embeddings, and open the page again if it was replaced",
            )
        return normalized(np.array(rows), self.name)

    def _ask(self, method: str, path: str, shape: type[Shape], body: dict[str, Any] | None = None) -> Shape:
        """One question with one JSON object as its answer. Raises ModelErrors only."""
        try:
            with self._client.stream(method, path, json=body) as response:
                status, content = response.status_code, self._read(response)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise self._unreachable(error) from None
            raise self._too_slow() from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._unreachable(error) from None
        if status != 200:
            raise self._failure(status, content)
        try:
            return shape.model_validate_json(content)
        except ValidationError:
            raise AnswerError(
                f"{self.base_url} answers, but not with Ollama's JSON", hint="check that OLLAMA_BASE_URL leads to Ollama itself"
            ) from None

    def _read(self, response: httpx.Response) -> bytes:
        """The body; a peer may send without end, or a byte now and then."""
        deadline = time.monotonic() + self._seconds
        content = b""
        for piece in response.iter_bytes():
            content += piece
            if len(content) > MAX_BODY:
                raise AnswerError(f"the answer is longer than {MAX_BODY:,} bytes", hint="check that OLLAMA_BASE_URL leads to Ollama itself")
            if time.monotonic() > deadline:
                raise self._too_slow()
        return content

    def _failure(self, status: int, content: bytes) -> ModelError:
        """What a status other than 200 means, with Ollama's own words where there are any."""
        try:
            said = " ".join(_Said.model_validate_json(content).error.split())[:300]
        except ValidationError:
            said = ""
        if 300 <= status < 400 or (not said and status in (404, 405)):
            return ModelUnavailableError(f"{self.base_url} answers, but not as Ollama does (status {status})", hint=START)
        if re.search(r"(exceeds?|longer than|larger than).{0,40}context", said, re.IGNORECASE):
            return ContextOverflowError(
                f"a text is longer than {self.name} reads: {said}", hint="split the text, or choose another embedder"
            )
        if status == 404 or "not found" in said:
            return self._no_model(said)
        message = f"Ollama answers with status {status}" + (f": {said}" if said else "")
        if "does not support" in said or (status < 500 and status not in (408, 429, 499)):
            return ModelRefusedError(message, hint=f"check that {self.model} is a model for embeddings")
        return ModelUnavailableError(message, hint="it may be busy; try again, or look at Ollama's log")

    def _no_model(self, said: str) -> ModelNotFoundError:
        return ModelNotFoundError(
            f"Ollama at {self.base_url} has no model {self.model!r}: {said}", hint=f"fetch it with `ollama pull {self.model}`"
        )

    def _unreachable(self, error: Exception) -> ModelUnavailableError:
        return ModelUnavailableError(f"Ollama at {self.base_url} cannot be reached: {str(error) or type(error).__name__}", hint=START)

    def _too_slow(self) -> ModelUnavailableError:
        return ModelUnavailableError(
            f"Ollama at {self.base_url} was not done after {self._seconds:g} s",
            hint="the model may still be loading; try again, or allow more time",
        )
