"""A training run: what was asked, how far it is, what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from core.records.base import Record, Versioned, now
from core.records.domains import MetricConfig
from core.records.samples import Task


class RunStatus(StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


OPEN_STATES = (RunStatus.PENDING, RunStatus.RUNNING)


class Phase(StrEnum):
    """The steps of a run, in their order."""

    INITIALIZATION = "initialization"
    LOADING_DATA = "loading_data"
    ENTITIES = "entity_extraction_optimization"
    RELATIONS = "relation_extraction_optimization"
    PROMPT_EXTRACTION = "prompt_extraction"
    VALIDATION = "model_validation"
    SAVING = "saving_results"


class PhaseState(Record):
    """One phase and how far it is, 0 to 100."""

    name: Phase
    status: Literal["pending", "in_progress", "completed", "failed", "skipped"] = "pending"
    progress: float = 0


class OptimizerSettings(Record):
    """What an optimizer is told; None = its own default."""

    name: str = "mipro"
    auto: Literal["light", "medium", "heavy"] | None = None
    max_bootstrapped_demos: int | None = Field(None, ge=0, le=32)
    max_labeled_demos: int | None = Field(None, ge=0, le=32)


class Ceilings(Record):
    """Hard limits that end a run cleanly, keeping the best so far; None = no limit."""

    max_calls: int | None = Field(None, ge=1)
    max_usd: float | None = Field(None, ge=0)


class Estimate(Record):
    """What a run is likely to take, before it starts. Counts are expected values with upper bounds; None = unknown."""

    calls: int
    calls_at_most: int
    tokens: int | None = None
    usd: float | None = None
    minutes: float | None = None
    basis: str = ""
    """In a sentence: where the speed and the sizes come from."""


class Scores(Record):
    """Figures of one evaluation, 0 to 1; None = unknown. `score` is the weighted one."""

    score: float | None = None
    entity_f1: float | None = None
    relation_f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    grounding_rate: float | None = None
    relation_f1_gold_entities: float | None = None
    """The relation program alone, given the gold entities."""
    strict_f1: float | None = None
    exact_f1: float | None = None
    partial_f1: float | None = None
    type_f1: float | None = None
    relation_setup: str | None = None
    parse_failure_rate: float | None = None
    per_type: dict[str, dict[str, float | int | None]] = Field(default_factory=dict)
    samples: int = 0
    """Documents scored; those whose call or parse failed are not among them."""
    failed: int = 0


class Gain(Record):
    """What training won, on validation and on the sealed test, with a paired 95 % interval and the luck line."""

    validation: float | None = None
    test: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    by_luck: float | None = None
    verdict: str = ""
    needed: int | None = None
    """How many more test samples would show 5 points, where the interval spans zero."""
    metrics: dict[str, tuple[float | None, float | None, float | None]] = Field(default_factory=dict)
    """Per metric: gain, low, high."""
    verdicts: dict[str, str] = Field(default_factory=dict)
    """Per metric, in words."""


class CrossValidation(Record):
    """What annotated examples alone win on samples held out in turn, where there are too few to seal a test."""

    gain: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    rounds: int = 0
    folds: int = 0
    verdict: str = ""


class Failures(Record):
    """What did not work, counted apart from every score."""

    calls: int = 0
    parses: int = 0


class LlmCost(Record):
    """Tokens and money; None = unknown, never zero by guess."""

    total_tokens: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated_cost_usd: float | None = None
    model: str = ""
    provider: str = ""


class TrainingRun(Versioned):
    """One optimization of a domain. Written only by the attempt that holds its lease, and by the runner after it."""

    id: str
    domain: str
    dataset: str
    dataset_version: str
    content_hash: str
    optimizer: OptimizerSettings
    metric: MetricConfig
    model: str
    model_digest: str | None = None
    seed: int = 0
    tasks: tuple[Task, ...] = ("entities", "relations")
    ceilings: Ceilings = Ceilings()
    fingerprint: str = ""
    """Hash of all inputs: a finished run with the same one is returned instead of a repeat."""
    log_path: str | None = None
    estimate: Estimate | None = None

    status: RunStatus = RunStatus.PENDING
    attempts: int = 0
    phases: tuple[PhaseState, ...] = tuple(PhaseState(name=phase) for phase in Phase)
    progress_percent: float = 0
    elapsed_ms: int = 0
    remaining_ms: int | None = None
    calls: int = 0
    calls_planned: int | None = None
    cost: LlmCost = LlmCost()
    failures: Failures = Failures()
    current_step: str = ""

    baseline: Scores | None = None
    result: Scores | None = None
    baseline_validation: Scores | None = None
    result_validation: Scores | None = None
    gain: Gain | None = None
    cross_validation: CrossValidation | None = None
    """Beside the gain of a run with fewer than 25 samples."""
    version: str | None = None
    embedder: str | None = None
    """Which embedder matched names, where matching is semantic."""
    looks: int = 0
    error: str | None = None
    hint: str | None = None
    stopped_by: Literal["cancel", "calls", "usd"] | None = None

    created_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def phase(self) -> Phase | None:
        """The phase under way, or the last that was reached."""
        reached = [state.name for state in self.phases if state.status != "pending"]
        return reached[-1] if reached else None


class RunNote(Versioned):
    """What the analyst wrote to a run."""

    run_id: str
    note: str = ""
    tags: tuple[str, ...] = ()


class Signal(Record):
    """A wish to a running attempt, which looks for it between two calls."""

    run_id: str
    wish: Literal["cancel"] = "cancel"
    time: datetime = Field(default_factory=now)


class SampleOutcome(Record):
    """What one program said of one sample, and how it scored; `error` = it did not answer, and has no score."""

    key: str
    """`{run or version}/{side}/{split}/{sample id}`."""
    run_id: str
    side: Literal["baseline", "result"]
    split: str
    sample_id: str
    text_hash: str
    entities: tuple[dict[str, Any], ...] | None = None
    relations: tuple[dict[str, Any], ...] | None = None
    score: float | None = None
    entity_f1: float | None = None
    relation_f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    error: str | None = None


class Look(Record):
    """One evaluation on the sealed test split: every look spends some of its worth, so it is counted."""

    id: str
    content_hash: str
    domain: str
    dataset: str
    run_id: str | None = None
    version: str | None = None
    why: str
    time: datetime = Field(default_factory=now)
