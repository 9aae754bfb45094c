"""Processes that work on their own: started here, in sessions of their own, so that no Ctrl-C elsewhere ends them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from core.store.base import Store
from core.store.owners import alive

IDLE_SECONDS = 60

started: list[subprocess.Popen[bytes]] = []
"""Runners that this process started and that may still live."""


def runner_lease() -> str:
    """The name under which a host's one runner holds its place in a store."""
    return f"runner:{socket.gethostname()}"


def runner_lives(store: Store) -> bool:
    """Whether this host has a runner on the store."""
    holder = store.lease(runner_lease())
    return holder is not None and holder.live and alive(holder.owner)


def ensure_runner(store: Store, log_folder: Path, *, idle_seconds: float | None = IDLE_SECONDS) -> None:
    """Start a runner for the store unless one lives; two that start at once agree by its lease, and one ends."""
    if runner_lives(store):
        return
    arguments = ["runner"] + (["--idle-exit", str(idle_seconds)] if idle_seconds is not None else [])
    started[:] = [process for process in started if process.poll() is None]  # an ended child that nobody waits for stays a zombie
    started.append(spawn(arguments, store.url, log_folder / "runner.log"))


def spawn(arguments: list[str], store_url: str, log: Path) -> subprocess.Popen[bytes]:
    """A `python -m core` process in its own session; what it prints goes to an owner-only file."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "core", *arguments, "--store", store_url],
            env={**os.environ, "TQDM_DISABLE": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(handle)
