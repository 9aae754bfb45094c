"""A fresh workbench, no network, and REQUIRE_ALL, which turns every skip into a failure."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from core.bootstrap import open_workbench
from core.jobs.attempt import attempt
from core.settings import Settings, load_settings
from core.training.attempt import Means
from core.training.similarity import semantics_with
from core.workbench import Workbench

NO_OLLAMA = "http://127.0.0.1:9"
SHARED_MISSING = "is not beside this checkout"
"""What is never installed: the shared corpora. Nothing can be done about them on a machine that lacks them."""
SHARED = Path(__file__).parents[2] / "shared" / "data"

hypothesis_settings.register_profile("workbench", deadline=None, max_examples=60, print_blob=True)
hypothesis_settings.load_profile("workbench")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: Any = yield
    may_skip = item.get_closest_marker("may_skip") is not None or SHARED_MISSING in str(report.longrepr)
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1" and not may_skip and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 forbids the skip: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"tests may not connect to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def workbench_settings(tmp_path: Path) -> Settings:
    """Settings of a store of its own, without any Ollama."""
    return load_settings(
        {"store": f"sqlite:///{tmp_path}/workbench.db", "ollama_base_url": NO_OLLAMA, "log_folder": tmp_path / "logs"}, environ={}
    )


@pytest.fixture
def bench(workbench_settings: Settings) -> Iterator[Workbench]:
    """A fresh workbench that starts no process of its own."""
    opened = open_workbench(workbench_settings)
    yield replace(opened, ensure_runner=lambda: None)
    opened.close()


@pytest.fixture
def run_attempt_here() -> Callable[[Workbench, str], Any]:
    """Does a queued run in this process."""

    def do(bench: Workbench, run_id: str) -> Any:
        means = Means(
            store=bench.store, gateway=bench.gateway, semantics=lambda: semantics_with(bench.embedder), threads=4,
            failure_limit=bench.settings.failure_limit, log_folder=bench.settings.log_folder,
        )  # fmt: skip
        return attempt(means, run_id)

    return do


@pytest.fixture
def conll04() -> Path:
    """The shared corpus; a clone without it skips."""
    folder = SHARED / "conll04"
    if not folder.exists():
        pytest.skip(f"the shared corpus {SHARED_MISSING}")
    return folder
