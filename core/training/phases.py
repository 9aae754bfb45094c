"""How far a run is: phases with their share of the whole, and what remains by work done."""

import time
from collections.abc import Callable
from threading import Lock

from core.records.runs import Phase, PhaseState

SHARES: dict[Phase, tuple[float, float]] = {
    Phase.INITIALIZATION: (0, 5),
    Phase.LOADING_DATA: (5, 10),
    Phase.ENTITIES: (10, 45),
    Phase.RELATIONS: (45, 80),
    Phase.PROMPT_EXTRACTION: (80, 85),
    Phase.VALIDATION: (85, 95),
    Phase.SAVING: (95, 100),
}
"""From and to which overall percentage each phase runs."""

ENOUGH_TO_TELL = 5
"""Units of work before a rate is worth showing."""


class Progress:
    """Counts work done against work planned. Thread-safe; never goes back."""

    def __init__(self, planned: dict[Phase, int], *, floor: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._planned = planned
        self._done = dict.fromkeys(Phase, 0)
        self._states = {phase: PhaseState(name=phase) for phase in Phase}
        self._now: Phase | None = None
        self._percent = floor
        self._clock = clock
        self._began: float | None = None
        self._worked = 0
        self._lock = Lock()

    @property
    def phase(self) -> Phase | None:
        """The phase under way."""
        return self._now

    @property
    def percent(self) -> float:
        """Overall, 0 to 100."""
        return self._percent

    @property
    def states(self) -> tuple[PhaseState, ...]:
        """Every phase as it stands."""
        return tuple(self._states.values())

    def enter(self, phase: Phase) -> None:
        """Begin a phase; the one before it is completed."""
        with self._lock:
            self._leave("completed")
            self._now = phase
            self._states[phase] = PhaseState(name=phase, status="in_progress")
            self._percent = max(self._percent, SHARES[phase][0])

    def skip(self, phase: Phase) -> None:
        """A phase that this run does not have."""
        self._states[phase] = PhaseState(name=phase, status="skipped", progress=0)

    def end(self, *, failed: bool = False) -> None:
        """The last phase is over."""
        with self._lock:
            self._leave("failed" if failed else "completed")
            if not failed:
                self._percent = 100.0

    def step(self, units: int = 1) -> None:
        """So much of the phase's planned work is done."""
        with self._lock:
            if self._now is None:
                return
            self._began = self._began if self._began is not None else self._clock()
            self._done[self._now] += units
            self._worked += units
            share = self._share(self._now)
            self._states[self._now] = PhaseState(name=self._now, status="in_progress", progress=round(share * 100, 1))
            low, high = SHARES[self._now]
            self._percent = max(self._percent, round(low + (high - low) * share, 2))

    def remaining_ms(self) -> int | None:
        """Planned work that is left at the measured rate; None while nothing is known or after the end."""
        with self._lock:
            if self._now is None or self._began is None or self._worked < ENOUGH_TO_TELL:
                return None
            left = sum(max(0, planned - self._done[phase]) for phase, planned in self._planned.items() if self._open(phase))
            return int((self._clock() - self._began) * 1000 / self._worked * left)

    def _share(self, phase: Phase) -> float:
        planned = self._planned.get(phase, 0)
        return min(0.99, self._done[phase] / planned) if planned else 0.0

    def _open(self, phase: Phase) -> bool:
        return self._states[phase].status in ("pending", "in_progress")

    def _leave(self, status: str) -> None:
        if self._now is not None and self._states[self._now].status == "in_progress":
            progress = 100.0 if status == "completed" else self._states[self._now].progress
            self._states[self._now] = PhaseState.model_validate({"name": self._now, "status": status, "progress": progress})
            if status == "completed":
                self._percent = max(self._percent, SHARES[self._now][1])
        self._now = None
