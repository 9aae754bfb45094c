"""The arguments of a training run, shared by `train` and `estimate`."""

import argparse

from pydantic import ValidationError

from core.cli.arguments import amount, whole
from core.errors import InvalidValueError
from core.records.domains import Matching, MetricConfig, Preset
from core.workbench import Workbench
from core.workflows.general import get_domain
from core.workflows.train import TrainRequest


def add_request(parser: argparse.ArgumentParser) -> None:
    """What is to be trained, and how."""
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument("--dataset", required=True, metavar="DATASET")
    parser.add_argument("--optimizer", default="mipro", metavar="NAME", help="default: mipro")
    parser.add_argument("--auto", choices=("light", "medium", "heavy"), help="how long mipro searches (default: DSPY_AUTO_MODE, light)")
    parser.add_argument("--model", metavar="PROVIDER/MODEL", help="default: the domain's, Ollama's default, the built-in one")
    parser.add_argument("--seed", type=whole(0), default=0, metavar="N")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument(
        "--metric", choices=[preset.value for preset in Preset if preset is not Preset.CUSTOM], help="default: the domain's"
    )
    weights.add_argument("--weights", nargs=2, type=float, metavar=("P", "R"), help="weights of precision and recall, together 1")
    parser.add_argument("--matching", choices=[matching.value for matching in Matching], help="default: the domain's")
    parser.add_argument("--max-calls", type=whole(1), metavar="N", help="end cleanly after so many calls")
    parser.add_argument("--max-usd", type=amount, metavar="X", help="end cleanly after so many dollars")
    parser.add_argument("--force", action="store_true", help="train even if a finished run had the same inputs")
    parser.add_argument(
        "--log", metavar="FILE.jsonl", help="also write the events to this file in the log folder; Auto = named like the run"
    )


def request_of(bench: Workbench, args: argparse.Namespace) -> TrainRequest:
    """The request that the arguments make. Raises UnknownNameError, InvalidValueError."""
    return TrainRequest(
        domain=args.domain, dataset=args.dataset, optimizer=args.optimizer, auto=args.auto, model=args.model, seed=args.seed,
        metric=_metric(bench, args), max_calls=args.max_calls, max_usd=args.max_usd, force=args.force, log_path=args.log,
    )  # fmt: skip


def _metric(bench: Workbench, args: argparse.Namespace) -> MetricConfig | None:
    """The domain's metric with what the arguments change of it; None = nothing."""
    if not (args.metric or args.weights or args.matching):
        return None
    changes: dict[str, object] = {}
    if args.metric:
        preset = MetricConfig.of(Preset(args.metric))
        changes = {"preset": preset.preset, "precision_weight": preset.precision_weight, "recall_weight": preset.recall_weight}
    if args.weights:
        precision, recall = args.weights
        changes = {"preset": Preset.CUSTOM, "precision_weight": precision, "recall_weight": recall}
    if args.matching:
        changes["matching"] = Matching(args.matching)
    try:
        return MetricConfig.model_validate(get_domain(bench, args.domain).metric.model_dump() | changes)
    except ValidationError as error:
        said = error.errors()[0]["msg"].lower().removeprefix("value error, ")
        raise InvalidValueError(
            f"the metric cannot be used: {said}", hint="two weights from 0 to 1 that sum to 1, such as --weights 0.3 0.7"
        ) from error
