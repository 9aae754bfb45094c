from hypothesis import given
from hypothesis import strategies as st

from app.components.prompt_diff import Segment, demo_changes, segments
from core.records.prompts import Demo

WORDS = st.text(alphabet="ab \n.é😀", max_size=40)


def a_demo(sample: str | None, answer: str, text: str = "t") -> Demo:
    return Demo(inputs={"text": text}, outputs={"entities": [answer]}, sample_id=sample)


def test_a_changed_word_is_one_removal_and_one_insertion() -> None:
    assert segments("find all drugs", "find every drugs") == [
        Segment("same", "find "), Segment("removed", "all"), Segment("inserted", "every"), Segment("same", " drugs")
    ]  # fmt: skip


def test_equal_texts_have_no_difference() -> None:
    assert segments("a\nb", "a\nb") == [Segment("same", "a\nb")]


def test_lines_that_stay_are_not_torn_apart() -> None:
    assert segments("one\nstays\n", "two\nstays\n")[-1] == Segment("same", "\nstays\n")


@given(WORDS, WORDS)
def test_the_segments_hold_both_texts(before: str, after: str) -> None:
    parts = segments(before, after)
    assert "".join(part.text for part in parts if part.kind != "inserted") == before
    assert "".join(part.text for part in parts if part.kind != "removed") == after


def test_examples_are_told_apart_by_their_sample() -> None:
    changes = demo_changes([a_demo("1", "x"), a_demo("2", "y"), a_demo("3", "z")], [a_demo("2", "y"), a_demo("3", "new"), a_demo("4", "w")])
    assert [demo.sample_id for demo in changes.added] == ["4"]
    assert [demo.sample_id for demo in changes.removed] == ["1"]
    assert [(old.outputs, new.outputs) for old, new in changes.changed] == [({"entities": ["z"]}, {"entities": ["new"]})]
    assert changes.same == 1


def test_examples_without_a_sample_are_told_apart_by_their_inputs() -> None:
    changes = demo_changes([a_demo(None, "x", "t1")], [a_demo(None, "x", "t2")])
    assert (len(changes.added), len(changes.removed), len(changes.changed)) == (1, 1, 0)
