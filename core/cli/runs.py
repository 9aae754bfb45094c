"""`runs`: training runs, newest first."""

import argparse

from core.cli.arguments import whole
from core.cli.output import Output
from core.cli.run_text import run_table
from core.workbench import Workbench
from core.workflows.general import get_domain
from core.workflows.runs import list_runs, run_document


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", nargs="?", metavar="DOMAIN", help="only of this domain")
    parser.add_argument("--limit", type=whole(1), default=100, metavar="N", help="how many (default: 100)")
    parser.add_argument("--offset", type=whole(0), default=0, metavar="N", help="leave out the newest N")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """List them."""
    if args.domain is not None:
        get_domain(bench, args.domain)
    found = list_runs(bench, args.domain, limit=args.limit, offset=args.offset)
    return Output(document=[run_document(each) for each in found], lines=run_table(found))
