"""Who holds a lease: a process that can be told from a later one of the same number."""

import socket

import psutil


def me(part: str = "") -> str:
    """This process as an owner, `host:pid:create_time`; a `part` tells several holders in one process apart."""
    process = psutil.Process()
    owner = f"{socket.gethostname()}:{process.pid}:{process.create_time():.2f}"
    return f"{owner}:{part}" if part else owner


def alive(owner: str) -> bool:
    """Whether the owner's process may still live. True where that cannot be known: another host, or no name of ours."""
    parts = owner.split(":")
    if len(parts) < 3 or parts[0] != socket.gethostname() or not parts[1].isdecimal():
        return True
    try:
        process = psutil.Process(int(parts[1]))
        return f"{process.create_time():.2f}" == parts[2] and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
