"""Script time of every page on a full store, and how soon a server shows its first one."""

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from socket import create_server

from streamlit.testing.v1 import AppTest

from app import chosen, resources
from benchmarks import filled
from core.bootstrap import open_workbench
from core.settings import load_settings
from core.workflows.imports import import_samples

Row = tuple[str, float, str, bool]
ROOT = Path(__file__).parents[1]
SAMPLES, RUNS, EVENTS, RERUNS = 10_000, 1_000, 1_000_000, 15
PAGES = {
    "overview": {}, "domains": {"domain": "plant"}, "datasets": {"dataset": "plant"}, "train": {"run": filled.RUN},
    "runs": {"domain": "plant"}, "prompts": {"domain": "plant"},
}  # fmt: skip


def run() -> list[Row]:
    """Medians and 95th percentiles in ms; seconds to the first page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {"store": f"sqlite:///{folder}/w.db", "log_folder": Path(folder) / "logs", "ollama_base_url": "http://127.0.0.1:9"}, environ={}
        )
        bench = open_workbench(settings)
        path = Path(folder) / "plant.jsonl"
        filled.native_lines(path, SAMPLES)
        report = import_samples(bench, dataset="plant", source=path)
        filled.fill_runs(bench.store, "plant", report.version or "", "0", RUNS)
        filled.fill_events(bench.store, 0, EVENTS)
        bench.close()
        chosen.choose(settings)
        rows = [row for page, query in PAGES.items() for row in _page(page, query)]
        resources.close()
        return [*rows, _first_page(settings.store)]


def _page(page: str, query: dict[str, str]) -> list[Row]:
    test = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    test.switch_page(f"../pages/{page}.py")
    test.run()
    took = []
    for _ in range(RERUNS):
        began = time.perf_counter()
        test.run()
        took.append((time.perf_counter() - began) * 1000)
    assert not test.exception, f"{page}: {test.exception}"
    median, late = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    return [
        (f"page {page}, median ms", median, "<= 20", median <= 20),
        (f"page {page}, p95 ms", late, "<= 50", late <= 50),
    ]


def _first_page(store: str) -> Row:
    """The second start of two: what the disk had to give once is warm."""
    seconds = [_start(store) for _ in range(3)]
    best = min(seconds[1:])
    return ("first page after start, s", best, "<= 3", best <= 3)


def _start(store: str) -> float:
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    began = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "app", "--port", str(port), "--store", store], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < 60:
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).read()
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                return time.perf_counter() - began
            time.sleep(0.02)
        raise TimeoutError("the server did not answer within a minute")
    finally:
        server.terminate()
        server.wait(15)
