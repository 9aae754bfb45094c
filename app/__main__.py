"""`python -m app [--port N] [--store URL]`: the runner and the server, until Ctrl-C."""

import argparse
import ipaddress
import signal
import socket
import sys
from importlib import import_module
from types import FrameType

import uvicorn

from app import background, chosen
from core.errors import RequestError, SettingsError, WorkbenchError
from core.settings import Settings, load_settings


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends it; 1 for a refused start, with message and hint on standard error."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        settings = load_settings({"port": asked.port, "store": asked.store})
        check_address(settings, anywhere=asked.listen_anywhere)
        listener = _bind(settings)
    except WorkbenchError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
        return 1
    chosen.choose(settings)
    with listener:
        _serve(settings, listener)
    return 0


def check_address(settings: Settings, *, anywhere: bool) -> None:
    """Refuse an address that others can reach, unless that was said.

    Raises:
        SettingsError: the host is not loopback and `anywhere` is not set.
    """
    if anywhere or is_loopback(settings.host):
        return
    raise SettingsError(
        f"the workbench has no login and would be open to everyone who can reach {settings.host}",
        hint="set host to 127.0.0.1, or start with --listen-anywhere and list the names it may be called by in allowed_hosts",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Serve the workbench's pages and run its work.")
    parser.add_argument("--port", type=int, help="port of the pages (default: the one in config/workbench.yml)")
    parser.add_argument("--store", help="where everything is kept, such as sqlite:///data/workbench.db")
    parser.add_argument("--listen-anywhere", action="store_true", help="allow a host other than loopback; there is no login")
    return parser


def _bind(settings: Settings) -> socket.socket:
    """The listening socket, taken first: a port in use is said at once and in words."""
    host = settings.host.strip("[]")
    try:
        return socket.create_server((host, settings.port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RequestError(
            f"cannot listen on {host}:{settings.port}: {reason.lower()}", hint="choose another port with --port N"
        ) from error


def _serve(settings: Settings, listener: socket.socket) -> None:
    application = import_module("app.server").app  # after the settings are chosen: it reads them when it is built
    config = uvicorn.Config(application, log_level="warning", access_log=False, timeout_graceful_shutdown=1, ws="websockets-sansio")
    background.start_runner()
    sys.stderr.write(f"Domainsmith on http://{settings.host}:{settings.port}\n")
    uvicorn.Server(config).run(sockets=[listener])


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """What uvicorn hands on after its clean stop; `sys.exit` lets the store close, which the default would not."""
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
