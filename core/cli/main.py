"""The frame of the command line: finds the verb, runs it, prints what it says, translates what goes wrong."""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module

from core.cli.arguments import WRONG_USAGE, Parser, common
from core.cli.late import late_workbench
from core.cli.output import Output, fail, show
from core.cli.verbs import VERBS
from core.errors import WorkbenchError
from core.workbench import Workbench

REFUSED = 1
INTERRUPTED = 130


def main(argv: Sequence[str]) -> int:
    """Run one command; gives its exit status: 0 done, 1 refused, 2 wrong usage."""
    try:
        return _command(argv)
    except SystemExit as left:  # argparse: 0 for --help, 2 for wrong usage
        return left.code if isinstance(left.code, int) else REFUSED


def _command(argv: Sequence[str]) -> int:
    first = _first_words(argv)
    if not first.words:
        fail("no verb was given", "python -m core --help lists them")
        return WRONG_USAGE
    name, *rest = first.words
    if name not in VERBS:
        fail(f"there is no verb {name!r}", f"known: {', '.join(verb for verb, entry in VERBS.items() if not entry.internal)}")
        return WRONG_USAGE
    verb = import_module(f"core.cli.{VERBS[name].module}")
    parser = Parser(prog=f"python -m core {name}", description=f"{VERBS[name].help[0].upper()}{VERBS[name].help[1:]}.")
    common(parser)
    verb.add(parser)
    args = parser.parse_args(rest, namespace=argparse.Namespace(**{"store": None, "json": False} | vars(first)))
    bench = late_workbench({"store": args.store})
    try:
        return _run(bench, verb.run, args)
    finally:
        bench.close()


def _first_words(argv: Sequence[str]) -> argparse.Namespace:
    listed = "\n".join(f"  {name:13} {verb.help}" for name, verb in VERBS.items() if not verb.internal)
    parser = Parser(
        prog="python -m core", usage="python -m core [--store URL] [--json] VERB ...", epilog=f"verbs:\n{listed}",
        description="Domainsmith: teach language models to read one kind of document well.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    common(parser)
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser.parse_args(list(argv))


def _run(bench: Workbench, run: Callable[[Workbench, argparse.Namespace], Output], args: argparse.Namespace) -> int:
    try:
        show(run(bench, args), as_json=args.json)
    except WorkbenchError as error:
        fail(error.message, error.hint)
        return REFUSED
    except KeyboardInterrupt:
        fail("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, which is no error. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        fail(f"internal error: {type(error).__name__}", _kept(error))
        return REFUSED
    return 0


def _kept(error: Exception) -> str:
    """Where the traceback went: an owner-only file, frames without their locals, which may hold documents or keys."""
    text = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__))) + f"{type(error).__name__}\n"
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="domainsmith-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        return f"this is a bug; where it happened is in {name}"
    return "this is a bug; its traceback could not be written"
