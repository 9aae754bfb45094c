"""How everything of a run is scored."""

from collections.abc import Callable, Sequence

from core.errors import TooFewSamplesError
from core.metrics.document import Scorer, matcher
from core.metrics.gold import is_typed
from core.records.domains import Matching
from core.records.runs import TrainingRun
from core.records.samples import Sample
from core.training.similarity import Semantics


def scorer_of(
    run: TrainingRun, train: Sequence[Sample], val: Sequence[Sample], semantics: Callable[[], Semantics]
) -> tuple[Scorer, TrainingRun]:
    """The scorer, and the run with what it found out: which embedder matches, from which similarity on.

    Types count where every annotated entity has one.

    Raises:
        TooFewSamplesError: nothing to train or to validate with.
    """
    if not train or not val:
        raise TooFewSamplesError(
            f"dataset version {run.dataset_version} has {len(train)} train and {len(val)} validation samples with annotated entities",
            hint="annotate or import more samples",
        )
    annotated = [sample for sample in (*train, *val) if sample.entities]
    typed = bool(annotated) and all(is_typed(sample) for sample in annotated)
    if run.metric.matching is Matching.EXACT:
        return Scorer(how=matcher(run.metric, typed=typed, similarity=None), config=run.metric, typed=typed), run
    chosen = semantics()
    metric = chosen.applied(run.metric)
    how = matcher(metric, typed=typed, similarity=chosen.similarity)
    return Scorer(how=how, config=metric, typed=typed), run.model_copy(update={"embedder": chosen.similarity.name, "metric": metric})
