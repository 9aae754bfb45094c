"""`versions`: a domain's prompt versions, newest first."""

import argparse

from core.cli.output import Output, table
from core.workbench import Workbench
from core.workflows.prompts import versions_of
from core.workflows.runs import figures


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("domain", metavar="DOMAIN")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """List them with their scores on the sealed test."""
    found = versions_of(bench, args.domain)
    document = [each.model_dump(mode="json") | {"scores": figures(each.scores)} for each in found]
    rows = [
        (
            each.version,
            each.stage,
            each.scores.entity_f1 if each.scores else None,
            each.scores.relation_f1 if each.scores else None,
            each.model,
            each.created_at,
        )
        for each in found
    ]
    lines = table(("version", "stage", "entity F1", "relation F1", "model", "created"), rows, right=(2, 3))
    return Output(document=document, lines=lines if found else [f"{args.domain} has no prompt versions yet"])
