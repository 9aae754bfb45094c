"""The real server process: who may ask it, what its answers carry, how it stops."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Server:
    def __init__(self, folder: Path, *arguments: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {
            **os.environ,
            "WORKBENCH_STORE": f"sqlite:///{folder}/w.db",
            "LOG_FOLDER": str(folder),
            "OLLAMA_BASE_URL": "http://127.0.0.1:9",
        }
        command = [sys.executable, *(argument.format(port=self.port) for argument in arguments)]
        self.log = folder / "server.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env={**environment, "EMBEDDING_MODEL": "fake"}, stdout=out, stderr=out)
        end = time.monotonic() + 60
        while self.status("/_stcore/health") is None:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, "it does not answer"
            time.sleep(0.05)

    def ask(self, path: str, host: str | None = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{self.port}", **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def status(self, path: str) -> int | None:
        try:
            return self.ask(path).status
        except OSError:
            return None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("answers"), "-m", "app", "--port", "{port}")
    yield started
    started.process.send_signal(signal.SIGTERM)
    assert started.process.wait(15) == 0


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost@evil.example", ""])
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/runs"])
def test_a_foreign_host_name_is_refused(server: Server, host: str, path: str) -> None:
    assert server.ask(path, host or " ").status == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_served(server: Server, host: str) -> None:
    assert server.ask("/", f"{host}:{server.port}").status == 200


@pytest.mark.parametrize("path", ["/", "/runs", "/_stcore/health", "/static/none.js"])
def test_every_answer_carries_the_headers(server: Server, path: str) -> None:
    headers = server.ask(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_refusal_carries_the_headers_too(server: Server) -> None:
    assert server.ask("/", "evil.example").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "origin"),
    [("evil.example", "http://evil.example"), (None, "http://evil.example"), ("evil.example", None)],
    ids=["rebound", "cross-origin", "no origin"],
)
def test_the_live_connection_refuses_foreign_pages(server: Server, host: str | None, origin: str | None) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    headers = {**upgrade, **({"Origin": origin} if origin else {})}
    assert server.ask("/_stcore/stream", host, **headers).status in (400, 403)


def test_the_second_experimental_way_in_is_shut(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(
        "POST", "/_stcore/agent/interact", body="{}", headers={"Host": f"127.0.0.1:{server.port}", "Content-Type": "application/json"}
    )
    assert connection.getresponse().status in (403, 404, 405, 501)
    connection.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "streamlit", "run", "app/main.py", "--server.port", "{port}"),
        (str(Path(sys.executable).with_name("streamlit")), "run", "app/main.py", "--server.port", "{port}"),
    ],
    ids=["module", "script"],
)
def test_streamlit_run_serves_the_pages_too(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    started = Server(tmp_path, *arguments)
    try:
        assert started.status("/") == 200
    finally:
        started.process.terminate()
        started.process.wait(15)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_cleanly(tmp_path: Path, sent: signal.Signals) -> None:
    started = Server(tmp_path, "-m", "app", "--port", "{port}")
    started.process.send_signal(sent)
    assert started.process.wait(15) == 0
    assert "Traceback" not in started.log.read_text()
