"""The sealed samples of finished runs: text, gold, and what was said of each."""

from collections.abc import Sequence
from typing import Any

from core.datasets.versions import held_at, parse_version
from core.records.base import Record
from core.records.mentions import mentions
from core.records.runs import SampleOutcome, TrainingRun
from core.records.samples import Entity, Sample
from core.workbench import Workbench
from core.workflows.compare import outcomes_of


class BothSides(Record):
    """One sealed sample before and after training; None = that side has no outcome."""

    sample_id: str
    text_hash: str
    baseline: SampleOutcome | None
    result: SampleOutcome | None

    @property
    def change(self) -> float | None:
        """Result minus baseline, None where either has no score."""
        before, after = (side.score if side else None for side in (self.baseline, self.result))
        return None if before is None or after is None else after - before


class PlacedName(Record):
    """A name that a model found, where it stands in the text; no place = it does not."""

    text: str
    type: str | None = None
    start: int | None = None
    end: int | None = None


def both_sides(bench: Workbench, run: TrainingRun) -> list[BothSides]:
    """Every sealed sample of a run, largest change first; unscored ones at the end."""
    sides = [{each.text_hash: each for each in outcomes_of(bench, run, side)} for side in ("baseline", "result")]
    rows = [
        BothSides(
            sample_id=(sides[1].get(text) or sides[0][text]).sample_id,
            text_hash=text,
            baseline=sides[0].get(text),
            result=sides[1].get(text),
        )
        for text in sides[0].keys() | sides[1].keys()
    ]
    return sorted(rows, key=lambda row: (row.change is None, -abs(row.change or 0), row.sample_id))


def sealed_sample(bench: Workbench, run: TrainingRun, text_hash: str) -> Sample | None:
    """The sample as it was in the run's dataset version, None where it was deleted since."""
    where = held_at(*parse_version(run.dataset_version)) | {"text_hash": text_hash}
    found = bench.store.page(Sample, where, limit=1)
    return found[0] if found else None


def placed(text: str, found: Sequence[dict[str, Any]], gold: Sequence[Entity]) -> list[PlacedName]:
    """Found names at their places: where gold has the name, there; else at its first mention."""
    at_gold = {(entity.start, entity.end) for entity in gold if entity.start is not None}
    names: list[PlacedName] = []
    for item in found:
        spans = mentions(text, str(item.get("text", "")))
        chosen = [span for span in spans if span in at_gold] or spans[:1]
        told = {"text": str(item.get("text", "")), "type": item.get("type")}
        names += [PlacedName(**told, start=start, end=end) for start, end in chosen] or [PlacedName(**told)]
    return names


def count_runs(bench: Workbench, domain: str | None = None) -> int:
    """How many runs there are."""
    return bench.store.count(TrainingRun, {"domain": domain} if domain else None)
