from app.components import certainty, loss_chart


def test_a_level_is_a_word_with_a_mark_of_its_own() -> None:
    assert [certainty.word(level) for level in ("High", "Medium", "Low")] == ["● High", "◐ Medium", "○ Low"]


def test_a_bar_says_its_figure() -> None:
    drawn = certainty.bar(0.974)
    assert drawn["in"][1]["in"] == ["0.97"]
    assert drawn["in"][0]["in"][0]["share"] == 0.974


def test_an_unknown_bar_is_empty_and_says_why() -> None:
    drawn = certainty.bar(None, "nothing to be alike to")
    assert drawn["in"][0]["in"] == []
    assert drawn["in"][1]["in"] == ["–"]
    assert drawn["title"] == "nothing to be alike to"


def test_losses_are_two_lines_that_differ_without_color() -> None:
    figure = loss_chart._figure(((1, 0.7, 0.9), (2, 0.2, 0.5)))
    training, held_out = figure.data
    assert (list(training.y), list(held_out.y)) == ([0.7, 0.2], [0.9, 0.5])
    assert training.line.dash != held_out.line.dash
    assert figure.layout.yaxis.range[1] >= 0.9


def test_a_head_without_epochs_draws_empty_axes() -> None:
    assert [list(trace.y) for trace in loss_chart._figure(()).data] == [[None], [None]]
