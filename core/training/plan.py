"""How much work a run is, by its optimizer's own arithmetic: before it starts and while it goes on."""

from core.records.base import Record
from core.records.runs import Ceilings, OptimizerSettings, Phase
from core.records.samples import Task
from core.training.optimizers import optimizer_named

FEW = 25
"""With fewer samples a test split proves little, and what can be held out in turn is shown beside it."""
FOLDS, ROUNDS = 5, 2
PHASE_OF: dict[Task, Phase] = {"entities": Phase.ENTITIES, "relations": Phase.RELATIONS}


class RunSizes(Record):
    """What a run works on, in samples."""

    tasks: tuple[Task, ...]
    train: int
    val: int
    test: int

    @property
    def held_out(self) -> int:
        """Samples that are cross-validated: all that are not sealed, where there are few."""
        return self.train + self.val if self.train + self.val + self.test < FEW else 0


class PlannedCalls(Record):
    """Model calls of a run: expected, and at most."""

    expected: int
    at_most: int
    proposals: int


def planned_units(settings: OptimizerSettings, sizes: RunSizes) -> dict[Phase, int]:
    """Program runs per phase: validation twice around each search, the search, and the proof."""
    work = optimizer_named(settings.name).work(sizes.train, sizes.val, settings)
    units = {PHASE_OF[task]: 2 * sizes.val + work.runs for task in sizes.tasks}
    return units | {Phase.VALIDATION: 2 * sizes.test + (1 + ROUNDS) * sizes.held_out}


def planned_calls(settings: OptimizerSettings, sizes: RunSizes) -> PlannedCalls:
    """Calls of a whole run. Repeated identical requests are answered from memory, so fewer may be made."""
    work = optimizer_named(settings.name).work(sizes.train, sizes.val, settings)
    tasks = len(sizes.tasks)
    proof = proof_calls(sizes) + held_out_calls(sizes)
    return PlannedCalls(
        expected=tasks * (2 * sizes.val + work.runs + work.proposals) + proof,
        at_most=tasks * (2 * sizes.val + work.runs_at_most + 2 * work.proposals) + proof,
        proposals=tasks * work.proposals,
    )


def proof_calls(sizes: RunSizes) -> int:
    """Baseline and result on test: entities, relations after them, relations on gold entities."""
    return 2 * sizes.test * (3 if "relations" in sizes.tasks else 1)


def held_out_calls(sizes: RunSizes) -> int:
    """Cross-validation where there are few samples: untrained once, and every round."""
    return (1 + ROUNDS) * sizes.held_out * len(sizes.tasks)


def reserved_calls(ceilings: Ceilings, sizes: RunSizes) -> int:
    """Calls kept back for the proof, where the ceiling leaves at least as many for the search."""
    proof = proof_calls(sizes) + held_out_calls(sizes)
    return proof if ceilings.max_calls is not None and ceilings.max_calls >= 2 * proof else 0
