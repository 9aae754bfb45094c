"""Appending the millionth event costs what the first did."""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks import filled
from core.store.base import Store
from core.store.stores import open_store

Row = tuple[str, float, str, bool]
FEW, MANY, BATCH, ROUNDS = 1_000, 1_000_000, 20, 60


def _append_seconds(store: Store, start: int) -> float:
    """Median seconds of committing a small batch, as a running attempt does."""
    took = []
    for round_ in range(ROUNDS):
        batch = filled.events(start + round_ * BATCH, BATCH)
        began = time.perf_counter()
        store.append(filled.RUN, batch)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def run() -> list[Row]:
    """Append at both sizes, then the tail."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'events.db'}")
        filled.fill_events(store, 0, FEW)
        first = _append_seconds(store, FEW)
        start = FEW + ROUNDS * BATCH
        filled.fill_events(store, start, MANY - start)
        last = _append_seconds(store, MANY)
        tails = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert len(store.tail(filled.RUN, after=MANY - 100, limit=100)) == 100
            tails.append((time.perf_counter() - began) * 1000)
        store.close()
    ratio, tail = last / first, statistics.median(tails)
    return [
        (f"append of {BATCH} events at {MANY:,} stored / at {FEW:,} ({first * 1000:.1f} ms)", ratio, "<= 1.2", ratio <= 1.2),
        (f"tail of 100 at {MANY:,} stored, ms", tail, "< 10", tail < 10),
    ]
