"""Splits: quotas, strata, near-duplicates, locks."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.near_duplicates import NearDuplicates, likeness, shingles
from core.datasets.placing import place_all
from core.datasets.split import Quota, targets
from core.datasets.validate import read_sample
from core.records.datasets import SplitCounts
from core.records.samples import Split

WORDS = [f"w{number}" for number in range(5000)]


def unlike(number, kind="A"):
    """A text that shares no three words with any other."""
    return read_sample({"text": " ".join(WORDS[number * 7 : number * 7 + 7]), "entities": [{"text": WORDS[number * 7], "type": kind}]})


EMPTY = SplitCounts()


def placed(drafts, held=EMPTY, others=(), locks=None):
    pairs = [(draft, (locks or {}).get(draft.text)) for draft in drafts]
    return place_all(pairs, held, lambda: others)


@pytest.mark.parametrize(
    ("total", "wanted"),
    [
        (1, (1, 0, 0)),
        (2, (1, 1, 0)),
        (3, (1, 2, 0)),
        (5, (3, 2, 0)),
        (10, (8, 2, 0)),
        (14, (11, 3, 0)),
        (15, (9, 3, 3)),
        (60, (36, 12, 12)),
        (100, (60, 20, 20)),
    ],
)
def test_the_targets_are_those_of_the_documentation(total, wanted):
    assert tuple(targets(total).values()) == wanted


@pytest.mark.parametrize("count", [1, 3, 14, 15, 60, 200])
def test_a_file_is_split_exactly_as_the_targets_say(count):
    placements, near = placed([unlike(number) for number in range(count)])
    found = Counter(each.split for each in placements)
    assert {split: found[split] for split in Split} == targets(count)
    assert near == 0


def test_every_type_reaches_every_split_where_there_are_enough_of_it():
    drafts = [unlike(number, "rare" if number % 10 == 0 else "usual") for number in range(100)]
    placements, _ = placed(drafts)
    rare = Counter(each.split for each in placements if each.draft.entities[0].type == "rare")
    assert (rare[Split.TRAIN], rare[Split.VAL], rare[Split.TEST]) == (6, 2, 2)


def test_the_order_of_the_file_does_not_matter():
    drafts = [unlike(number) for number in range(40)]
    forward = {each.draft.text: each.split for each in placed(drafts)[0]}
    assert forward == {each.draft.text: each.split for each in placed(drafts[::-1])[0]}


def test_a_growing_dataset_gets_the_splits_that_it_lacks():
    placements, _ = placed([unlike(number) for number in range(20)], SplitCounts(train=10, val=2, test=0))
    found = Counter(each.split for each in placements)
    assert {split: found[split] for split in Split} == {Split.TRAIN: 10, Split.VAL: 4, Split.TEST: 6}


def test_locked_and_given_splits_hold():
    drafts = [unlike(number) for number in range(30)]
    drafts[3].split = Split.TEST
    placements, _ = placed(drafts, locks={drafts[0].text: Split.TEST, drafts[1].text: Split.VAL})
    assert [each.split for each in placements[:2]] == [Split.TEST, Split.VAL]
    assert placements[3].split == Split.TEST
    assert [each.locked for each in placements[:4]] == [True, True, False, False]


def near(text):
    return read_sample({"text": text + " indeed", "entities": []})


def test_near_duplicates_share_a_split():
    long = [" ".join(WORDS[number * 30 : number * 30 + 30]) for number in range(40)]
    drafts = [read_sample({"text": text, "entities": []}) for text in long]
    twins = [near(text) for text in long]
    placements, count = placed(drafts + twins)
    assert [each.split for each in placements[:40]] == [each.split for each in placements[40:]]
    assert count == 80
    assert {each.split for each in placements} == set(Split)


def test_a_text_that_resembles_samples_of_two_splits_goes_to_none_and_is_named():
    base = " ".join(WORDS[:30])
    others = [read_sample({"text": f"{base} one", "entities": []}).sample("d", 1, Split.TRAIN)]
    others.append(read_sample({"text": f"{base} two", "entities": []}).sample("d", 1, Split.TEST))
    (placement,), count = placed([near(base)], SplitCounts(train=1, test=1), others)
    assert placement.split is None and count == 1
    assert "test and train" in placement.note and others[0].id in placement.note


def test_a_text_that_resembles_a_test_sample_becomes_one():
    other = read_sample({"text": " ".join(WORDS[:30]), "entities": []}).sample("d", 1, Split.TEST)
    (placement,), _ = placed([near(other.text)], SplitCounts(test=1), [other])
    assert placement.split == Split.TEST


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=300))
def test_a_stream_stays_within_one_sample_of_its_quotas(stream):
    quota = Quota(SplitCounts())
    found = Counter(quota.choose(stratum) for stratum in stream)
    for split, ratio in ((Split.TRAIN, 0.6), (Split.VAL, 0.2), (Split.TEST, 0.2)):
        assert abs(found[split] - ratio * len(stream)) < 1.6


def test_likeness_is_the_share_of_common_shingles():
    assert shingles("One, two: THREE four!") == {"one two three", "two three four"}
    assert shingles("One two") == {"one two"}
    assert likeness(shingles("a b c d"), shingles("a b c e")) == pytest.approx(1 / 3)
    assert likeness(shingles("..."), shingles("...")) == 0


def test_the_index_names_what_is_like_and_nothing_else():
    index = NearDuplicates([("first", " ".join(WORDS[:30])), ("second", " ".join(WORDS[15:45])), ("empty", "!!!")])
    assert index.like(" ".join(WORDS[:30]).upper() + " more") == ["first"]
    assert index.like("something else entirely here") == []
    assert index.like("???") == []
