"""A store as it looks after a year: many samples, runs and events."""

import json
from pathlib import Path

from core.records.base import now
from core.records.domains import Domain
from core.records.events import EventType, NewEvent
from core.records.runs import OptimizerSettings, RunStatus, Scores, TrainingRun
from core.store.base import Put, Store

RUN = "plant_20260101_000000"
BATCH = 5_000


def native_lines(path: Path, count: int) -> None:
    """Native JSONL of about 220 bytes a line, all texts different."""
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            module, unit = f"module {number}", f"controller C{number % 13}"
            text = f"The {module} of plant {number % 97} uses {unit} and reports to server {number % 7}."
            relation = {"subject": module, "predicate": "uses", "object": unit}
            out.write(json.dumps({"text": text, "entities": [module, unit], "relations": [relation]}) + "\n")


def fill_runs(store: Store, dataset: str, version: str, content_hash: str, count: int) -> None:
    """Completed runs of one domain, the first of which carries the events."""
    store.write([Put(record=Domain(name="plant", description="Notes on modules, controllers and servers of a plant."))])
    runs = [
        TrainingRun(
            id=RUN if number == 0 else f"plant_20260101_{number:06d}",
            domain="plant",
            dataset=dataset,
            dataset_version=version,
            content_hash=content_hash,
            optimizer=OptimizerSettings(),
            metric={},
            model="builtin/in-context",
            status=RunStatus.COMPLETED,
            progress_percent=100,
            result=Scores(score=0.5, entity_f1=0.5),
            started_at=now(),
            completed_at=now(),
        )
        for number in range(count)
    ]
    store.write([Put(record=run) for run in runs])


def events(start: int, count: int) -> list[NewEvent]:
    """Events as a run makes them, naturally keyed."""
    stamp = now()
    return [
        NewEvent(
            key=f"entities/trial-{number // 100}/{number}/sample_result",
            event_type=EventType.SAMPLE_RESULT,
            timestamp=stamp,
            training_run_id=RUN,
            domain="plant",
            progress_percent=50.0,
            phase="entity_extraction_optimization",
            message=f"sample {number}: 0.50",
            data={"sample_index": str(number), "score": 0.5, "trial": number // 100, "task": "entities"},
        )
        for number in range(start, start + count)
    ]


def fill_events(store: Store, start: int, count: int) -> None:
    """Append in batches."""
    for at in range(start, start + count, BATCH):
        store.append(RUN, events(at, min(BATCH, start + count - at)))
