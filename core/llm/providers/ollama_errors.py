"""What Ollama and the network say when a call fails, as errors of ours. Bodies that are not Ollama's own errors are never quoted."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from core.errors import AnswerError, ContextOverflowError, ModelError, ModelNotFoundError, ModelRefusedError, ModelUnavailableError

MAX_QUOTED = 300
"""Characters of an error text of Ollama that are passed on."""

OVERFLOW = re.compile(r"(exceeds?|longer than|larger than).{0,40}context", re.IGNORECASE)
MISSING = re.compile(r"model is required|model .{0,200}not found", re.IGNORECASE)
BAD_REQUEST = re.compile(r"must be of type|must be of an array|invalid format|invalid JSON schema|does not support", re.IGNORECASE)
"""Texts that Ollama sends with status 500 though the request is at fault: another try would fail alike."""

START = "start it with `ollama serve`, or set OLLAMA_BASE_URL to where it runs"


def network_failure(error: Exception, url: str, seconds: float) -> ModelUnavailableError:
    """A connection that failed, broke off or took too long."""
    name = type(error).__name__
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return ModelUnavailableError(f"Ollama at {url} cannot be reached: {_plain(str(error)) or name}", hint=START)
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return ModelUnavailableError(
            f"Ollama at {url} was not done after {seconds:g} s",
            hint="the model may be too large for this machine, or still loading; allow more time or choose a smaller one",
        )
    return ModelUnavailableError(f"the connection to Ollama at {url} broke off ({name})", hint=START)


def refused_call(status: int, headers: httpx.Headers, body: bytes, url: str) -> ModelError:
    """An answer with a status other than 200."""
    said = error_text(body)
    if 300 <= status < 400:
        return ModelUnavailableError(
            f"{url} answers with a redirect, which is not followed", hint="set OLLAMA_BASE_URL to Ollama's own address"
        )
    if said is None and status in (404, 405):
        return ModelUnavailableError(f"{url} answers, but not as Ollama does (status {status})", hint=START)
    known = by_text(said or "")
    if known is not None:
        return known
    message = f"Ollama answers with status {status}" + (f": {said}" if said else "")
    if status == 404:
        return ModelNotFoundError(message)
    if status in (408, 429, 499) or status >= 500:
        return ModelUnavailableError(message, hint="it may be busy; try again, or look at Ollama's log", retry_after=retry_after(headers))
    return ModelRefusedError(message, hint="the request itself is at fault; look at the model's parameters")


def failed_stream(said: str) -> ModelError:
    """An error in the middle of an answer that began with status 200: known by its text alone."""
    said = _plain(said)
    return by_text(said) or ModelUnavailableError(f"Ollama broke off: {said}", hint="try again, or look at Ollama's log")


def by_text(said: str) -> ModelError | None:
    """The error that a text of Ollama's stands for, whatever its status; None if it says nothing special."""
    if OVERFLOW.search(said):
        return ContextOverflowError(
            f"the prompt does not fit the context: {said}", hint="raise the context size, or shorten the prompt or document"
        )
    if MISSING.search(said):
        return ModelNotFoundError(f"Ollama: {said}")
    if BAD_REQUEST.search(said):
        return ModelRefusedError(f"Ollama refuses the request: {said}", hint="choose another model or other parameters")
    return None


def no_ollama_answer(url: str) -> AnswerError:
    """Status 200 with something that is no answer of Ollama's: a proxy's or another server's page."""
    return AnswerError(
        f"{url} answers, but not with Ollama's JSON", hint="check that OLLAMA_BASE_URL leads to Ollama and not to a proxy or a web page"
    )


def error_text(body: bytes) -> str | None:
    """The text of Ollama's `{"error": ...}`, short and in one line; None if the body is something else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    said = found.get("error") if isinstance(found, dict) else None
    return _plain(said) if isinstance(said, str) else None


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that a `Retry-After` header asks for, whether it gives seconds or a date; None if absent or unreadable."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _plain(text: str) -> str:
    """One short line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MAX_QUOTED]).split())[:MAX_QUOTED]
