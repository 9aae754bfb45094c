"""`domains`: kinds of documents."""

import argparse
from collections.abc import Callable

from core.cli.arguments import actions
from core.cli.output import Output, clipped, facts, table
from core.records.domains import Domain
from core.workbench import Workbench
from core.workflows.domains import (
    DomainView,
    create_domain,
    delete_domain,
    list_domains,
    set_ready,
    view_domain,
)
from core.workflows.general import get_domain

WIDTH = 60


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    action = actions(parser)
    action("list", "every domain and what it can do now")
    action("show", "one domain").add_argument("name", metavar="NAME")
    create = action("create", "a new domain")
    create.add_argument("name", metavar="NAME", help="a to z, 0 to 9 and _; never changed and never used again")
    create.add_argument("--description", required=True, metavar="TEXT", help="10 to 1,000 characters, used to recognize its documents")
    create.add_argument("--model", metavar="PROVIDER/MODEL", help="the model of its runs")
    action("ready", "say that domains can be used as they are").add_argument("names", nargs="+", metavar="NAME")
    action("delete", "take a domain out of use; its samples stay").add_argument("name", metavar="NAME")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Do what was asked of domains."""
    return _ACTIONS[args.action](bench, args)


def _list(bench: Workbench, args: argparse.Namespace) -> Output:
    return _table(list_domains(bench))


def _show(bench: Workbench, args: argparse.Namespace) -> Output:
    return _one(get_domain(bench, args.name), view_domain(bench, args.name))


def _create(bench: Workbench, args: argparse.Namespace) -> Output:
    made = create_domain(bench, args.name, args.description, model=args.model)
    return _one(made, view_domain(bench, made.name))


def _ready(bench: Workbench, args: argparse.Namespace) -> Output:
    for name in args.names:
        get_domain(bench, name)  # all of them are there, or none is changed
    for name in args.names:
        set_ready(bench, name)
    return _table([view_domain(bench, name) for name in args.names])


def _delete(bench: Workbench, args: argparse.Namespace) -> Output:
    effects = delete_domain(bench, args.name)
    return Output(document={"deleted": args.name} | effects.model_dump(), lines=[f"{args.name} deleted: {effects.sentence}"])


_ACTIONS: dict[str, Callable[[Workbench, argparse.Namespace], Output]] = {
    "list": _list, "show": _show, "create": _create, "ready": _ready, "delete": _delete,
}  # fmt: skip


def _table(views: list[DomainView]) -> Output:
    rows = [(each.name, each.status.value, each.samples, each.version, clipped(each.description, WIDTH)) for each in views]
    return Output(document=views, lines=table(("name", "status", "samples", "version", "description"), rows, right=(2,)))


def _one(domain: Domain, view: DomainView) -> Output:
    more = domain.model_dump(mode="json", include={"guidelines", "metric", "schema_", "set_ready", "created_at", "updated_at"})
    pairs = [
        ("name", view.name), ("description", view.description), ("status", view.status.value), ("version", view.version),
        ("samples", view.samples), ("model", view.model), ("last trained", view.trained_at),
        ("metric", f"{domain.metric.preset.value}, {domain.metric.matching.value}"),
        ("types", ", ".join(kind.name for kind in domain.schema_.entity_types) or "free"),
        ("predicates", ", ".join(predicate.name for predicate in domain.schema_.predicates) or "free"),
    ]  # fmt: skip
    return Output(document=view.model_dump(mode="json") | more, lines=facts(pairs))
