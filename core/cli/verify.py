"""`verify`: what of the installation works."""

import argparse

from core.cli.output import Output, table
from core.workbench import Workbench
from core.workflows.verify import verify


def add(parser: argparse.ArgumentParser) -> None:
    """It has no arguments."""


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Look at every part and every setting."""
    found = verify(bench)
    parts = table(("part", "state", "what", "what it adds"), [(part.name, part.state, part.detail, part.adds) for part in found.parts])
    hints = [f"{part.name}: {part.hint}" for part in found.parts if part.hint and part.state != "works"]
    settings = table(("setting", "value", "from"), [(each.name, each.value, each.origin) for each in found.settings])
    said = "every needed part works" if found.ok else "a needed part is missing or broken"
    return Output(document=found, lines=[*parts, "", *(f"hint: {hint}" for hint in hints), *([""] if hints else []), *settings, "", said])
