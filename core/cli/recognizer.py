"""`recognizer`: the trained head that tells the domains apart."""

import argparse
from collections.abc import Callable, Iterable

from core.cli.arguments import actions, whole
from core.cli.output import Output, cell, facts, table, tell
from core.records.recognizer import DomainFigures, GateResult, RecognizerVersion
from core.workbench import Workbench
from core.workflows.recognizer import (
    deploy_recognizer,
    get_recognizer,
    override_counts,
    recognizer_versions,
    rollback_recognizer,
    train_recognizer,
)

EPOCHS = 10
"""Lines of losses that are printed; of more epochs every second, third and so on."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    action = actions(parser)
    train = action("train", "train a head on the samples and overrides of every domain that is ready")
    train.add_argument("--seed", type=whole(0), default=1, metavar="N", help="default: 1; the same seed and texts give the same head")
    action("list", "every version, newest first")
    show = action("show", "losses, accuracy, confusion matrix and gates of a version")
    show.add_argument("version", nargs="?", metavar="VERSION", help="default: the one in production, else the newest")
    deploy = action("deploy", "take a version into production, whatever its gates say")
    deploy.add_argument("version", metavar="VERSION")
    deploy.add_argument("--why", default="", metavar="TEXT", help="kept with the decision")
    action("rollback", "go back to the version that was in production before")


def run(bench: Workbench, args: argparse.Namespace) -> Output:
    """Do what was asked of the recognizer."""
    return _ACTIONS[args.action](bench, args)


def _train(bench: Workbench, args: argparse.Namespace) -> Output:
    last = ""

    def told(step: str, done: int, total: int) -> None:
        nonlocal last
        if step != last:
            tell(f"{step}: {total:,}" if total > 1 else step)
        last = step

    made = train_recognizer(bench, seed=args.seed, progress=told)
    return _one(made, notes=override_counts(bench).left_out)


def _list(bench: Workbench, args: argparse.Namespace) -> Output:
    found = recognizer_versions(bench)
    rows = [(each.id, each.stage.value, each.accuracy, each.validation_loss, each.passed, each.created_at) for each in found]
    lines = table(("version", "stage", "accuracy", "validation loss", "gates passed", "created"), rows, right=(2, 3))
    return Output(document=[_document(each) for each in found], lines=lines if found else ["no recognizer was trained yet"])


def _show(bench: Workbench, args: argparse.Namespace) -> Output:
    return _one(get_recognizer(bench, args.version))


def _deploy(bench: Workbench, args: argparse.Namespace) -> Output:
    return _decision(deploy_recognizer(bench, args.version, why=args.why))


def _rollback(bench: Workbench, args: argparse.Namespace) -> Output:
    return _decision(rollback_recognizer(bench))


_ACTIONS: dict[str, Callable[[Workbench, argparse.Namespace], Output]] = {
    "train": _train, "list": _list, "show": _show, "deploy": _deploy, "rollback": _rollback,
}  # fmt: skip


def _decision(version: RecognizerVersion) -> Output:
    return Output(document=_document(version), lines=[f"{version.id} is at stage {version.stage.value}"])


def _one(version: RecognizerVersion, *, notes: tuple[str, ...] = ()) -> Output:
    return Output(document=_document(version), lines=_lines(version), notes=notes)


def _document(version: RecognizerVersion) -> dict[str, object]:
    """The record without the weights, which nobody reads."""
    return version.model_dump(mode="json", exclude={"weights"}) | {"passed": version.passed}


def _lines(version: RecognizerVersion) -> Iterable[str]:
    yield from facts(
        [
            ("version", version.id), ("stage", version.stage.value), ("since", version.since), ("by", version.by), ("why", version.why),
            ("embedder", f"{version.embedder} ({version.digest[:12]})"), ("seed", str(version.seed)),
            ("temperature", version.temperature), ("accuracy", version.accuracy), ("training loss", version.training_loss),
            ("validation loss", version.validation_loss), ("calibration error", version.calibration_error),
        ]
    )  # fmt: skip
    yield ""
    each = -(-len(version.epochs) // EPOCHS) or 1
    shown = [epoch for epoch in version.epochs if epoch.epoch % each == 0 or epoch.epoch in (1, len(version.epochs))]
    rows = [(epoch.epoch, epoch.training, epoch.validation) for epoch in shown]
    yield from table(("epoch", "training loss", "validation loss"), rows, right=(0, 1, 2))
    yield ""
    heads = ("domain", "training", "held out", "overrides", "accuracy", "training loss", "validation loss", "ms a document")
    yield from table(heads, [_figures(one) for one in version.figures], right=tuple(range(1, len(heads))))
    yield ""
    counts = [(domain, *row) for domain, row in zip(version.domains, version.confusion, strict=True)]
    yield from table(("held out, is \\ answered", *version.domains), counts, right=tuple(range(1, len(version.domains) + 1)))
    yield ""
    yield from table(("domain", "gate", "measured", "asked", "passed"), [_gate(gate) for gate in version.gates], right=(2, 3))
    yield ""
    failed = sum(not gate.passed for gate in version.gates)
    yield f"{len(version.gates)} gates, {failed} failed" if failed else f"all {len(version.gates)} gates passed"


def _figures(one: DomainFigures) -> tuple[object, ...]:
    latency = None if one.latency_ms is None else round(one.latency_ms)
    return one.domain, one.training, one.validation, one.overrides, one.accuracy, one.training_loss, one.validation_loss, latency


def _gate(gate: GateResult) -> tuple[str, ...]:
    bound, name = gate.gate.split("_", 1)
    sign = ">=" if bound == "min" else "<="
    return gate.domain, name.replace("_", " "), cell(gate.value), f"{sign} {cell(gate.threshold)}", cell(gate.passed)
