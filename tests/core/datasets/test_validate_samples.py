"""One line at a time: what is refused and in which words, what is kept and how it is aligned."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.entities import read_entities
from core.datasets.formats.lines import decode_line
from core.datasets.formats.native import full_form
from core.datasets.links import Linked, link
from core.datasets.quick import quick
from core.datasets.validate import Draft, read_sample
from core.datasets.versions import Tally, draft_signature, signature
from core.errors import InvalidValueError
from core.records.base import text_hash
from core.records.samples import Sample, Split
from core.store.sqlite_tables import table_of

GOLDEN = Path(__file__).parents[2] / "golden" / "datasets"
BAD = json.loads((GOLDEN / "bad_lines.json").read_text())
GOOD = json.loads((GOLDEN / "good_samples.json").read_text())


def line_of(case: dict) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    return (case["line"] if "line" in case else case["before"] + case["repeat"] * case["times"] + case["after"]).encode()


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["name"])
def test_a_bad_line_is_refused_and_the_message_says_what_was_found(case):
    with pytest.raises(InvalidValueError) as refused:
        read_sample(decode_line(line_of(case)))
    assert case["says"] in refused.value.message
    assert refused.value.hint
    assert len(refused.value.message) < 300


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_a_good_sample_is_aligned_as_documented(case):
    draft = read_sample(case["sample"])
    found = None if draft.entities is None else [[each.text, each.type, each.start, each.end] for each in draft.entities]
    assert found == case["entities"]
    places = {each.id: place for place, each in enumerate(draft.entities or ())}
    links = draft.relations
    assert (None if links is None else [[places[x.subject_id], x.predicate, places[x.object_id]] for x in links]) == case["relations"]
    assert case["score"] in {None, *(each.score for each in draft.entities or ())}


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_an_unchecked_record_equals_the_checked_one_and_survives_the_full_form(case):
    sample = read_sample(case["sample"]).sample("d", 3, Split.VAL)
    assert Sample.model_validate(sample.model_dump()) == sample
    assert Sample.model_validate_json(sample.model_dump_json()) == sample
    again = read_sample(decode_line(json.dumps(full_form(sample)).encode()))
    assert again.sample("d", 3, again.split) == sample


def test_unknown_keys_and_large_integers_are_kept():
    value = {"text": "x", "entities": [{"text": "x", "color": "red"}], "metadata": {"n": 2**70}, "origin": [1, {"a": None}]}
    sample = read_sample(decode_line(json.dumps(value).encode())).sample("d", 1, None)
    assert sample.metadata == {"n": 2**70, "extra": {"entities": {"e1": {"color": "red"}}, "origin": [1, {"a": None}]}}
    assert Sample.model_validate_json(sample.model_dump_json()) == sample


def test_provenance_and_given_names_are_kept():
    value = {"id": 7, "text": "Ann", "split": "test", "source": "augmented", "author": "kim"}
    value["entities"] = [{"id": "p", "text": "Ann", "type": "P", "start": 0, "end": 3, "source": "human", "description": "a person"}]
    draft = read_sample(value)
    assert (draft.id, draft.split, draft.source, draft.author) == ("7", Split.TEST, "augmented", "kim")
    assert draft.entities[0].model_dump(exclude_none=True) == {**value["entities"][0]}


def test_a_name_that_was_found_by_likeness_can_still_be_related():
    draft = read_sample(
        {
            "text": "PostgreSQL runs on Linux",
            "entities": ["Postgre SQL", "linux"],
            "relations": [{"subject": "Postgre SQL", "predicate": "runs on", "object": "LINUX"}],
        }
    )
    assert [entity.text for entity in draft.entities] == ["PostgreSQL", "Linux"]
    assert len(draft.relations) == 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1), st.data())
def test_any_span_of_any_text_is_taken_with_exact_offsets_and_comes_back_the_same(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    name = text[start:end]
    if text.isspace() or name.isspace():
        return
    value = {"text": text, "entities": [{"text": name, "start": start, "end": end}, name]}
    draft = read_sample(decode_line(json.dumps(value).encode()))
    assert draft.text == text and draft.text_hash == text_hash(text)
    assert (draft.entities[0].start, draft.entities[0].end) == (start, end)
    assert all(text[each.start : each.end] == each.text for each in draft.entities)
    sample = draft.sample("d", 1, None)
    again = read_sample(json.loads(json.dumps(full_form(sample), ensure_ascii=False)))
    assert again.sample("d", 1, None) == sample


words = st.sampled_from(["Ann", "Bob", "an", "new york", "new", "x", "ANN", " ", ""])


@given(st.lists(words, max_size=8).map(" ".join), st.lists(words, max_size=4), st.data())
def test_the_fast_way_gives_what_the_general_way_gives(text, names, data):
    ends = st.sampled_from([*names, "Ann"])
    links = data.draw(
        st.none() | st.lists(st.fixed_dictionaries({"subject": ends, "predicate": st.sampled_from(["r", "s"]), "object": ends}), max_size=3)
    )
    fast = quick(text, names, links)
    if fast is not None:
        found = read_entities(text, names)
        gold = found.records, None if links is None else link(links, Linked(found))
        assert fast.records() == gold
        plain, made = Draft(text, text_hash(text), plain=fast), Draft(text, text_hash(text), gold=gold)
        assert draft_signature(plain) == signature(made)
        *fields, body = plain.written("d", 3, Split.VAL)
        assert Sample.model_validate_json(body) == made.sample("d", 3, Split.VAL)
        assert tuple(fields) == table_of(Sample).lift(made.sample("d", 3, Split.VAL))
        tallies = Tally(), Tally()
        tallies[0].take(plain, Split.VAL)
        tallies[1].add(made.sample("d", 3, Split.VAL))
        assert tallies[0].version("d", 1).model_dump(exclude={"created_at"}) == tallies[1].version("d", 1).model_dump(
            exclude={"created_at"}
        )


def test_the_usual_line_goes_the_fast_way():
    assert quick("Ann met Bob", ["Ann", "Bob"], [{"subject": "Ann", "predicate": "met", "object": "Bob"}]) is not None
    assert quick("Ann met Ann", ["Ann", "Zoe"], None) is None
