"""The optimizers that can be chosen, by name. Adding one is a file here and a line in this table."""

from core.errors import UnknownNameError
from core.training.optimizers.base import Optimizer
from core.training.optimizers.bootstrap import Bootstrap
from core.training.optimizers.labeled_few_shot import LabeledFewShot
from core.training.optimizers.mipro import Mipro

optimizers: dict[str, Optimizer] = {optimizer.name: optimizer for optimizer in (LabeledFewShot(), Bootstrap(), Mipro())}


def optimizer_named(name: str) -> Optimizer:
    """The optimizer of that name. Raises UnknownNameError, whose hint lists those that exist."""
    if name not in optimizers:
        raise UnknownNameError.of("optimizer", name, list(optimizers))
    return optimizers[name]
