"""`deploy`: take a prompt version into use."""

import argparse

from core.cli.output import Output
from core.records.prompts import Deployment, Stage
from core.workbench import Workbench
from core.workflows.deployments import deploy

STAGES = [stage.value for stage in Stage if stage is not Stage.RETIRED]


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument("version", metavar="VERSION")
    parser.add_argument("--stage", choices=STAGES, default=Stage.PRODUCTION.value, help="default: production")
    parser.add_argument("--why", default="", metavar="TEXT", help="kept with the decision")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Deploy it; what was at that stage is retired."""
    return decision(deploy(bench, args.domain, args.version, stage=Stage(args.stage), why=args.why))


def decision(made: Deployment) -> Output:
    """A decision, as both `deploy` and `rollback` tell it."""
    document = made.model_dump(mode="json", include={"domain", "version", "stage", "since", "by", "why"})
    return Output(document=document, lines=[f"{made.domain}: {made.version} is at stage {made.stage.value}"])
