"""A real browser, and the real server on a store of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"no browser: {CHROMIUM} does not exist; install Debian's chromium"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """A page and everything that should not have happened on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector(SETTLED, timeout=30_000)
        self.page.wait_for_timeout(400)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open pages that note console errors and requests to any other host; `watched(scheme="dark", width=820)`."""
    pages: list[Page] = []

    def opened(*, scheme: str = "light", width: int = 1360, height: int = 900) -> Watched:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        pages.append(page)
        seen = Watched(page)

        def note_console(message: ConsoleMessage) -> None:
            # on a deep link Streamlit itself asks for /page/_stcore/... first and gets a 404
            if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
                seen.errors.append(message.text)

        def note_request(url: str) -> None:
            host = urlsplit(url).hostname
            if host not in ("127.0.0.1", None):
                seen.foreign.add(host)

        page.on("console", note_console)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: note_request(request.url))
        return seen

    yield opened
    for page in pages:
        page.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A process that answers on a port."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).read()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()[-2000:]
                assert time.monotonic() < end, "it does not answer"
                time.sleep(0.05)

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)


Start = Callable[..., Served]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a server process: `serve("-m", "app", "--port", "{port}")`, on a store, logs and settings of its own."""
    started: list[Served] = []

    def start(*arguments: str, store: str | None = None) -> Served:
        folder = tmp_path_factory.mktemp("server")
        port = free_port()
        environment = {
            **os.environ, "WORKBENCH_STORE": store or f"sqlite:///{folder}/workbench.db", "LOG_FOLDER": str(folder), "OLLAMA_BASE_URL": "http://127.0.0.1:9",
            "EMBEDDING_MODEL": "fake",
        }  # fmt: skip
        log = folder / "server.log"
        with log.open("wb") as out:
            command = [sys.executable, *(argument.format(port=port) for argument in arguments)]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True)
        served = Served(process, port, log)
        started.append(served)
        served.wait()
        return served

    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop()


@pytest.fixture(scope="session")
def server(serve: Start) -> Served:
    """The workbench as `python -m app` serves it."""
    return serve("-m", "app", "--port", "{port}")
