"""Every goal, its figure, and the machine it was measured on. `python -m benchmarks [PART ...]` runs some."""

import importlib
import platform
import sys
import time

import psutil

PARTS = (
    "builtin_floor",
    "semantic_scoring",
    "training_overhead",
    "store_events",
    "import_speed",
    "page_speed",
    "recognition",
    "recognition_speed",
    "extraction_speed",
)


def main(wanted: list[str]) -> int:
    """0 when every goal holds."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"error: there is no benchmark {unknown[0]!r}\nhint: known: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    memory = psutil.virtual_memory().total / 2**30
    print(f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}")
    print(f"load before: {psutil.getloadavg()[0]:.1f}")
    missed = 0
    for part in wanted or PARTS:
        began = time.monotonic()
        for name, value, goal, holds in importlib.import_module(f"benchmarks.{part}").run():
            missed += not holds
            print(f"{'holds ' if holds else 'MISSED'}  {value:10.3f}  {goal:>8}  {name}", flush=True)
        print(f"        {part}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{missed} goals missed" if missed else "every goal holds")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
