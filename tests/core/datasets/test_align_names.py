"""Names against texts."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.datasets import align

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(texts, texts.filter(bool), texts)
def test_a_name_that_is_in_the_text_is_found_exactly_and_mentions_do_not_overlap(before, name, after):
    text = before + name + after
    found = align.exact(text, name)
    assert found
    assert all(text[start:end] == name for start, end in found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))


@given(texts, texts)
def test_whatever_is_found_lies_inside_the_text(text, name):
    mentions = align.find(text, name)
    assert all(0 <= start < end <= len(text) for start, end in mentions.spans)
    assert mentions.score is None or align.FUZZY_THRESHOLD <= mentions.score <= 1


@given(st.lists(texts.filter(bool), min_size=1, max_size=4), texts)
def test_searching_several_names_loses_none_that_was_found_alone(names, text):
    together = align.find_all(text, names)
    assert len(together) == len(names)
    for name, mentions in zip(names, together, strict=True):
        alone = align.find(text, name)
        assert set(mentions.spans) <= set(alone.spans)
        assert bool(mentions.spans) == bool(alone.spans)


def test_characters_whose_lower_case_is_longer_do_not_shift_offsets():
    text = "\u0130\u0130\u0130 Postgre-SQL"
    (span,) = align.find(text, "PostgreSQL").spans
    assert text[slice(*span)] == "Postgre-SQL"


def test_short_or_unlike_names_are_not_guessed():
    assert align.find("abx", "aby").spans == ()
    assert align.find("The server restarts.", "Kubernetes").spans == ()


def test_the_closest_pair_is_chosen_and_the_earliest_among_equals():
    assert align.nearest([(0, 3), (40, 43)], [(20, 23), (45, 48)]) == (1, 1)
    assert align.nearest([(0, 3), (10, 13)], [(5, 8)]) == (0, 0)
    assert align.nearest([(0, 3), (50, 53)], [(0, 3), (50, 53)]) == (0, 1)
