"""The clock of leases: time since this machine started, never the wall clock, which people and daemons set."""

import sys
import time
from pathlib import Path
from typing import Protocol

from core.records.base import Record

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Reading(Record):
    """One look at the clock: which start of the machine, and how many nanoseconds since."""

    boot: str
    ns: int


class Clock(Protocol):
    """Anything that can be read; tests bring one they can turn."""

    def read(self) -> Reading:
        """The time now."""


class BootClock:
    """Linux: CLOCK_BOOTTIME, which also counts while the machine sleeps, beside the kernel's own name of this boot.

    Elsewhere the monotonic clock stands in and the boot has no name; a restart shows then by a clock that went back.
    """

    def __init__(self) -> None:
        self._boot = BOOT_ID.read_text("ascii").strip() if BOOT_ID.exists() else "unnamed"

    def read(self) -> Reading:
        """The time now."""
        ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic_ns()
        return Reading(boot=self._boot, ns=ns)
