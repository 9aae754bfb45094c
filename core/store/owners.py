"""Who holds a lease: a process that can be told from a later one of the same number."""

import socket

import psutil

SAME_SECONDS = 0.5
"""Start times nearer than this are one: a number is not given again so soon."""


def me(part: str = "") -> str:
    """This process as an owner, `host:pid:seconds from boot to its start`; a `part` tells several holders in one process apart."""
    process = psutil.Process()
    owner = f"{socket.gethostname()}:{process.pid}:{_started(process):.2f}"
    return f"{owner}:{part}" if part else owner


def alive(owner: str) -> bool:
    """Whether the owner's process may still live. True where that cannot be known: another host, or no name of ours."""
    parts = owner.split(":")
    if len(parts) < 3 or parts[0] != socket.gethostname() or not parts[1].isdecimal():
        return True
    try:
        process = psutil.Process(int(parts[1]))
        return abs(_started(process) - float(parts[2])) < SAME_SECONDS and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except (psutil.AccessDenied, ValueError):
        return True


def _started(process: psutil.Process) -> float:
    """Seconds from boot to the process's start: unlike the time of day, it does not move when the clock is set."""
    return process.create_time() - psutil.boot_time()
