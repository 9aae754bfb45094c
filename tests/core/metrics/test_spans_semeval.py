from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate.evaluator import Evaluator

from core.metrics.spans import NOWHERE, SCHEMES, Counts, Span, count_spans, gold_spans, ground, score_spans
from core.records.samples import Annotation, Entity

SPANS = st.lists(
    st.builds(
        lambda start, length, kind: Span(start, start + length, kind), st.integers(0, 30), st.integers(1, 12), st.sampled_from("ABC")
    ),
    max_size=9,
)
DOCUMENTS = st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4)


def as_theirs(spans: list[Span]) -> list[dict[str, Any]]:
    """Their ends are inclusive."""
    return [{"label": span.type, "start": span.start, "end": span.end - 1} for span in spans]


def theirs(documents: list[tuple[list[Span], list[Span]]]) -> dict[str, Any]:
    return Evaluator(
        [as_theirs(gold) for _, gold in documents], [as_theirs(said) for said, _ in documents], tags=list("ABC"), loader="dict"
    ).evaluate()


def same(ours: dict[str, Counts], other: dict[str, Any]) -> None:
    for scheme in SCHEMES:
        mine, their = ours[scheme], other[scheme]
        assert (mine.cor, mine.inc, mine.par, mine.mis, mine.spu) == (
            their.correct,
            their.incorrect,
            their.partial,
            their.missed,
            their.spurious,
        )
        if mine.actual and mine.possible:
            assert (mine.precision, mine.recall, mine.f1) == pytest.approx((their.precision, their.recall, their.f1))


@settings(max_examples=400)
@given(DOCUMENTS)
def test_counts_are_those_of_nervaluate_overall_and_by_type(documents: list[tuple[list[Span], list[Span]]]) -> None:
    ours, other = score_spans(documents), theirs(documents)
    same(ours.overall, other["overall"])
    assert ours.per_type.keys() == other["entities"].keys()
    for name, counts in ours.per_type.items():
        same(counts, other["entities"][name])


def test_the_schemes_differ_as_the_task_says() -> None:
    gold = [Span(0, 10, "PER"), Span(20, 25, "ORG")]
    said = [Span(0, 5, "PER"), Span(20, 25, "LOC"), Span(40, 45, "PER")]
    counts = count_spans(said, gold)
    assert counts["strict"] == Counts(inc=2, spu=1)
    assert counts["exact"] == Counts(cor=1, inc=1, spu=1) and counts["exact"].f1 == pytest.approx(0.4)
    assert counts["partial"] == Counts(cor=1, par=1, spu=1)
    assert (counts["partial"].precision, counts["partial"].recall, counts["partial"].f1) == pytest.approx((0.5, 0.75, 0.6))
    assert counts["ent_type"] == Counts(cor=1, inc=1, spu=1)


def test_nothing_said_where_gold_has_nothing_is_one() -> None:
    assert count_spans([], [])["strict"].f1 == 1
    assert count_spans([Span(0, 1, "A")], [])["strict"].f1 == count_spans([], [Span(0, 1, "A")])["strict"].f1 == 0


@given(DOCUMENTS)
def test_counts_add_up_to_the_spans(documents: list[tuple[list[Span], list[Span]]]) -> None:
    for counts in score_spans(documents).overall.values():
        assert counts.actual == sum(len(said) for said, _ in documents) and counts.possible == sum(len(gold) for _, gold in documents)


def test_every_mention_of_a_predicted_name_is_a_span() -> None:
    spans = ground("Ada met ada in Adana.", [{"text": "Ada", "type": "PER"}, {"text": "adana", "type": "LOC"}])
    assert spans == [Span(0, 3, "per"), Span(15, 20, "loc")]


def test_a_mention_inside_a_longer_name_is_not_the_shorter_one_unless_it_has_no_other() -> None:
    items = [{"text": "New York", "type": "LOC"}, {"text": "New York Times", "type": "ORG"}]
    assert ground("The New York Times of New York", items) == [Span(4, 18, "org"), Span(22, 30, "loc")]
    assert ground("The New York Times", items) == [Span(4, 12, "loc"), Span(4, 18, "org")]


def test_a_name_that_is_not_in_the_text_is_spurious() -> None:
    spans = ground("Ada", [{"text": "Ada", "type": "PER"}, {"text": "Atlantis", "type": "LOC"}])
    assert spans[0] == Span(*NOWHERE, "loc")
    assert all(counts == Counts(cor=1, spu=1) for counts in count_spans(spans, [Span(0, 3, "per")]).values())


def test_gold_without_a_place_or_a_type_has_no_spans() -> None:
    placed = Entity(id="1", text="Ada", type="PER", start=0, end=3)
    assert gold_spans(Annotation(entities=(placed, placed))) == [Span(0, 3, "per")]
    assert gold_spans(Annotation(entities=())) == []
    assert gold_spans(Annotation(entities=(placed, Entity(id="2", text="Bob", type="PER")))) is None
    assert gold_spans(Annotation(entities=(Entity(id="2", text="Bob", start=0, end=3),))) is None
    assert gold_spans(Annotation()) is None
