"""Import of native JSONL against `json.loads` alone on the same lines."""

import json
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import filled
from core.bootstrap import open_workbench
from core.settings import load_settings
from core.workflows.imports import import_samples

Row = tuple[str, float, str, bool]
LINES = 200_000


def run() -> list[Row]:
    """Seconds of both, and the memory that the import added."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.jsonl"
        filled.native_lines(path, LINES)
        began = time.perf_counter()
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                json.loads(line)
        bare = time.perf_counter() - began
        bench = open_workbench(load_settings({"store": f"sqlite:///{folder}/w.db"}, environ={}))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        report = import_samples(replace(bench, ensure_runner=lambda: None), dataset="big", source=path)
        took = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        bench.close()
    assert report.added == LINES
    ratio = took / bare
    return [
        (f"import of {LINES:,} lines / json.loads ({bare:.2f} s)", ratio, "<= 12", ratio <= 12),
        ("memory that the import added, MB", grown, "<= 100", grown <= 100),
    ]
