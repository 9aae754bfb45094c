"""What can be chosen when a run is set up."""

from core.records.base import Record
from core.training.optimizers import optimizers


class OptimizerChoice(Record):
    """An optimizer in words; `efforts` are its sizes of search, empty where it has one only."""

    name: str
    title: str
    short: str
    needs: int
    efforts: tuple[str, ...] = ()


def optimizer_choices() -> dict[str, OptimizerChoice]:
    """Every optimizer by name, the default first."""
    found = [
        OptimizerChoice(
            name=each.name, title=each.title, short=each.title.partition(":")[0], needs=each.needs,
            efforts=("light", "medium", "heavy") if each.name == "mipro" else (),
        )
        for each in optimizers.values()
    ]  # fmt: skip
    return {each.name: each for each in sorted(found, key=lambda each: (not each.efforts, each.needs))}


def optimizer_title(name: str, effort: str | None = None) -> str:
    """An optimizer's name in words, such as "MIPROv2 light"; its own name where it is no longer there."""
    found = optimizer_choices().get(name)
    return " ".join(part for part in (found.short if found else name, effort) if part)
