from datetime import UTC, datetime

from app.components import event_log, figures, run_table, sample_scatter, table, trial_chart
from app.components.sample_scatter import Pair
from app.components.trial_chart import Band, Trial
from core.records.domains import MetricConfig
from core.records.events import Event, EventType
from core.records.runs import OptimizerSettings, TrainingRun


def test_a_label_in_a_chart_cannot_be_markup() -> None:
    assert figures.plain('<a href="javascript:x">a & b</a>\n') == '&lt;a href="javascript:x"&gt;a &amp; b&lt;/a&gt; '


def test_the_axis_stays_while_trials_come_in_between_what_is_shown() -> None:
    few = trial_chart._range([Trial(1, 0.54)], 0.54, None)
    more = trial_chart._range([Trial(1, 0.54), Trial(2, 0.61), Trial(3, 0.66)], 0.54, None)
    assert few == more
    assert trial_chart._range([Trial(1, 0.54)], 0.54, Band(0.8, 0.86, ""))[1] >= 0.86


def test_the_axis_never_leaves_what_a_score_can_be() -> None:
    low, high = trial_chart._range([Trial(1, 0.0), Trial(2, 1.0)], None, None)
    assert low == 0
    assert 1 < high < 1.1


def test_samples_fall_into_better_worse_and_same() -> None:
    pairs = [Pair("b", 0.2, 0.4), Pair("w", 0.4, 0.2), Pair("s", 0.5, 0.501)]
    assert [[pair.sample_id for pair in group] for group in sample_scatter.split(pairs)] == [["b"], ["w"], ["s"]]


def test_a_run_without_figures_shows_them_as_unknown() -> None:
    run = TrainingRun(
        id="r",
        domain="d1",
        dataset="d",
        dataset_version="d@1",
        content_hash="",
        optimizer=OptimizerSettings(name="bootstrap"),
        metric=MetricConfig(),
        model="m",
    )
    row = run_table.row(run)
    assert (row["score"], row["gain"], row["interval"], row["cost"]) == (None, None, "–", "–")
    assert row["optimizer"] == "bootstrap"


def an_event(number: int) -> Event:
    return Event(
        seq=number,
        key=str(number),
        event_type=EventType.PROGRESS_UPDATE,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        training_run_id="r",
        domain="d",
        progress_percent=0,
        phase=None,
        message="",
    )


def test_the_log_reads_only_what_is_new_and_keeps_the_last() -> None:
    known = [an_event(number) for number in range(1, 701)]
    asked: list[int] = []

    def fetch(after: int) -> list[Event]:
        asked.append(after)
        return [event for event in known if event.seq > after][:300]

    first = event_log.newest("run-of-this-test", fetch)
    assert [first[0].seq, first[-1].seq, len(first)] == [201, 700, event_log.KEPT]
    known.append(an_event(701))
    assert event_log.newest("run-of-this-test", fetch)[-1].seq == 701
    assert asked == [0, 300, 600, 700, 700, 701]


def test_a_control_character_in_a_cell_is_seen_and_turns_nothing_around() -> None:
    assert table.visible("a\u202eb\x07c\x1b[0m") == "a\u2426b\u2407c\u241b[0m"
    assert table.visible("Zürich → café 日本") == "Zürich → café 日本"
