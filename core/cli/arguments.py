"""Arguments as every verb takes them."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from core.cli.output import fail

WRONG_USAGE = 2


class Parser(argparse.ArgumentParser):
    """Says what is wrong in the workbench's own form. Long options must be written out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Wrong usage: exit status 2."""
        fail(message, f"{self.prog} --help says what is possible")
        raise SystemExit(WRONG_USAGE)


def common(parser: argparse.ArgumentParser) -> None:
    """The options of every verb. They leave no default, so that they may stand before or after the verb."""
    parser.add_argument("--store", metavar="URL", default=argparse.SUPPRESS, help="which store (default: the one in config/workbench.yml)")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document and nothing else")


def actions(parser: argparse.ArgumentParser) -> Callable[[str, str], argparse.ArgumentParser]:
    """For a verb with several acts: a function that adds one, by name and help; its name arrives as `args.action`."""
    group = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Parser)

    def add(name: str, said: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = group.add_parser(name, help=said, description=f"{said[0].upper()}{said[1:]}.")
        common(made)
        return made

    return add


def whole(least: int) -> Callable[[str], int]:
    """A type for whole numbers from `least` on."""

    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return value

    number.__name__ = "whole number"
    return number


def amount(text: str) -> float:
    """A finite number from 0 on."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no amount")
    return value
