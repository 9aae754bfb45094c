"""What a server process does beside its pages, in a thread that never holds up the first one."""

import importlib
import logging
from threading import Thread

from core.errors import WorkbenchError

_log = logging.getLogger(__name__)


def start_runner() -> Thread:
    """Open the workbench and see to it that a runner lives for its store; returns at once.

    A run that was interrupted goes on with it; one that is queued later makes sure of a runner again.
    """
    thread = Thread(target=_open_and_start, name="runner start", daemon=True)
    thread.start()
    return thread


def _open_and_start() -> None:
    try:
        # imported here, in the thread: it takes a second that the server's first answer must not wait for
        importlib.import_module("app.resources").workbench().ensure_runner()
    except (WorkbenchError, OSError) as error:
        _log.warning("no runner was started: %s", error)
