"""`rollback`: the version that was in production before."""

import argparse

from core.cli.deploy import decision
from core.cli.output import Output
from core.workbench import Workbench
from core.workflows.deployments import rollback


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", metavar="DOMAIN")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Take it into use again."""
    return decision(rollback(bench, args.domain))
