"""One sealed sample: gold and what either side found in it."""

from collections.abc import Mapping, Sequence

from app import resources
from app.components import heading, notice, numbers, spans, table
from core.records.runs import SampleOutcome, TrainingRun
from core.records.samples import Sample
from core.workflows.general import get_domain
from core.workflows.run_samples import placed, sealed_sample

_YES, _NO = "✓", "–"


def show(run: TrainingRun, text_hash: str, sides: Mapping[str, SampleOutcome | None]) -> None:
    """Draw the text once for gold and once for each side, then the relations; says what is not in the text or failed."""
    sample = sealed_sample(resources.workbench(), run, text_hash)
    if sample is None:
        notice.show("The text of this sample is no longer kept.", "Its dataset was deleted; the scores stay.")
        return
    gold = spans.of(sample.entities or ())
    drawn: dict[str, Sequence[spans.Span]] = {"gold": gold}
    missing: dict[str, list[str]] = {}
    for name, outcome in sides.items():
        found = placed(sample.text, outcome.entities or (), sample.entities or ()) if outcome else []
        drawn[name] = spans.against(gold, spans.of([each.model_dump() for each in found]))
        missing[name] = [each.text for each in found if each.start is None]
    colors = _colors(run, sample, sides)
    spans.compare(sample.text, drawn, colors=colors)
    used = {span.type for side in drawn.values() for span in side}
    spans.type_names(list(colors), shown=used)
    for name, outcome in sides.items():
        _say(name, outcome, missing[name])
    _relations(sample, sides)


def _colors(run: TrainingRun, sample: Sample, sides: Mapping[str, SampleOutcome | None]) -> dict[str, int]:
    """The schema's types in its order, then those that somebody used besides."""
    known = [each.name for each in get_domain(resources.workbench(), run.domain).schema_.entity_types]
    used = [entity.type or "" for entity in sample.entities or ()]
    said = [str(item.get("type") or "") for outcome in sides.values() if outcome for item in outcome.entities or ()]
    return spans.type_colors([*known, *used, *sorted(set(said))])


def _say(name: str, outcome: SampleOutcome | None, missing: Sequence[str]) -> None:
    if outcome is None:
        heading.note(f"{name}: not tested on this sample")
    elif outcome.error:
        notice.show(f"{name} gave no answer that can be used: {outcome.error}", level="error")
    elif missing:
        heading.note(f"{name}, not in the text: {numbers.listed(missing, 12)}")


def _relations(sample: Sample, sides: Mapping[str, SampleOutcome | None]) -> None:
    names = {entity.id: entity.text for entity in sample.entities or ()}
    gold = {(names[each.subject_id], each.predicate, names[each.object_id]) for each in sample.relations or ()}
    said = {
        name: {(str(item.get("subject")), str(item.get("predicate")), str(item.get("object"))) for item in outcome.relations or ()}
        for name, outcome in sides.items()
        if outcome
    }
    every = sorted(gold.union(*said.values()), key=lambda link: (link not in gold, link))
    if not every:
        return
    marks = {"gold": gold, **said}
    rows = [[*(_YES if link in found else _NO for found in marks.values()), " · ".join(link)] for link in every]
    table.show((*marks, "relation"), rows, height=min(28 * (len(rows) + 1) + 4, 232))
