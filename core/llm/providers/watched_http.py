"""HTTP that can be stopped: a deadline over the whole call, a look at `cancelled()` while waiting, and a guard on where it connects.

Time limits of HTTP clients are per read: a peer that sends one byte a minute never hits them. And a model may be silent for minutes
before its first word, while a person has long pressed stop. So every wait for bytes is cut into slices, and between slices the call's
watch is asked. All in the caller's own thread: `cancelled()` may touch what belongs to it.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from core.errors import CallCancelledError
from core.llm.providers.base import Cancelled
from core.llm.providers.urls import literal_address, refusal

SLICE = 0.1
"""Seconds between two looks at the watch: how long a cancelled call may go on."""

Resolve = Callable[[str, int], list[str]]
"""Host and port to the addresses behind them, in order of preference."""


class Watch:
    """How long one call may take in all, and who may stop it."""

    def __init__(self, seconds: float, cancelled: Cancelled | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._cancelled = cancelled
        self._clock = clock
        self._end = clock() + seconds

    def look(self) -> float:
        """Seconds that are left.

        Raises:
            CallCancelledError: the caller wants no answer any more.
            httpcore.ReadTimeout: the time is over.
        """
        if self._cancelled is not None and self._cancelled():
            raise CallCancelledError("the call was cancelled", hint="nothing is wrong with the model; start again when you like")
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout(f"not done after {self.seconds:g} s")
        return left


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(watch: Watch) -> Iterator[Watch]:
    """Every wait for bytes inside this block, on this thread, obeys the watch."""
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system gives them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class WatchedStream(httpcore.NetworkStream):
    """A connection whose reads look at the watch."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they come; waits at most for the smaller of the read's own limit and the watch's."""
        watch = _watch.get()
        if watch is None:
            return self._stream.read(max_bytes, timeout)
        own = Watch(timeout) if timeout is not None else watch
        while True:
            left = min(watch.look(), own.look())
            try:
                return self._stream.read(max_bytes, min(SLICE, left))
            except httpcore.ReadTimeout:
                continue  # only this slice is over

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send; the write's own limit holds, as a request is small."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted; the certificate is checked against the host's name, not against the address."""
        return WatchedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about a connection."""
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the very addresses it has checked: a name that resolves differently a moment later gains nothing."""

    def __init__(self, resolver: Resolve = resolve) -> None:
        self._resolve = resolver
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The first address of the host that answers. Raises httpcore.ConnectError, also for a refused address."""
        try:
            found = self._resolve(host, port)
        except OSError:
            raise httpcore.ConnectError(f"the name {host} is not known") from None
        failure: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for text in found:
            address = literal_address(text)
            reason = "it is no address" if address is None else refusal(address)
            if reason:
                raise httpcore.ConnectError(f"{host} leads to {text}, and no model is asked there: {reason}")
            try:
                return WatchedStream(self._backend.connect_tcp(text, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class Body(httpx.SyncByteStream):
    """What httpcore streams, as httpx wants it."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        """Give the connection back, or close it if the body was not read to its end."""
        self._response.close()


class WatchedTransport(httpx.BaseTransport):
    """The transport of an `httpx.Client` that obeys `watching` and never connects to a refused address.

    Failures of the network come as `httpcore` exceptions (httpcore.NetworkError, TimeoutException, ProtocolError); see FAILURES.
    """

    def __init__(self, *, resolver: Resolve = resolve) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), max_connections=None, network_backend=GuardedBackend(resolver)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, its body still to be read."""
        url = httpcore.URL(scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path)
        response = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read(), extensions=request.extensions)
        )
        return httpx.Response(response.status, headers=response.headers, stream=Body(response), extensions=response.extensions)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpx.HTTPError)
"""What the network may raise through a client with this transport."""


def watched_client(base_url: str, *, connect_seconds: float, seconds: float, resolver: Resolve = resolve) -> httpx.Client:
    """A client for one provider: no proxies or keys from the environment, no redirects, no compressed answers (they may be bombs)."""
    return httpx.Client(
        base_url=base_url,
        transport=WatchedTransport(resolver=resolver),
        timeout=httpx.Timeout(seconds, connect=connect_seconds),
        trust_env=False,
        follow_redirects=False,
        headers={"accept-encoding": "identity", "user-agent": "domainsmith"},
    )
