"""Every documented cue changes what is found."""

import pytest

from core.llm.providers.builtin import cues
from core.llm.providers.builtin.cues import Cues, classes_of, read_cues
from core.llm.providers.builtin.entities import EntityModel
from core.llm.providers.builtin.relations import RelationModel

CASES = [
    ("Be thorough.", Cues(shift=-0.5)),
    ("Arbeite gründlich.", Cues(shift=-0.5)),
    ("Find every entity.", Cues(shift=-0.5)),
    ("Answer only clear cases.", Cues(shift=0.5)),
    ("Nenne nur eindeutige Fälle.", Cues(shift=0.5)),
    ("Be thorough but precise.", Cues()),
    ("Prefer the complete phrase.", Cues(length=0.4)),
    ("Prefer short names.", Cues(length=-0.4)),
    ("Lower-case terms count.", Cues(technical=True)),
    ("Fachbegriffe zählen.", Cues(technical=True)),
    ("Only what stands in the same sentence.", Cues(one_sentence=True)),
    ("Verbinde die nächsten Nennungen.", Cues(nearest=True)),
    ("Leave out: dates, party and names.", Cues(left_out=frozenset({"date", "party", "name"}))),
    ("Weglassen: Daten und Zahlen.", Cues(left_out=frozenset({"date", "number"}))),
    ("Include: measures.", Cues(included=frozenset({"measure"}))),
    ("Only: amount, party.", Cues(only=frozenset({"amount", "party"}))),
    ("List parts; nur: Daten.", Cues(only=frozenset({"date"}))),
    ("A complement belongs to fixed terms only: a right of way.", Cues()),
    ("Extract the parts of a machine.", Cues()),
]


@pytest.mark.parametrize(("instructions", "read"), CASES)
def test_a_cue_is_read_in_either_language(instructions, read):
    assert read_cues(instructions) == read


def test_every_cue_stands_in_the_documented_table():
    table = cues.__doc__ or ""
    for word in (
        "thorough",
        "precise",
        "complete phrase",
        "short name",
        "lower-case",
        "same sentence",
        "nearest",
        "leave out:",
        "include:",
        *cues.CLASSES,
    ):
        assert word.casefold() in table.casefold()


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("June 30", {"date", "number"}),
        ("34 percent", {"measure"}),
        ("Ada Lovelace", {"name"}),
        ("NATO", {"acronym", "single"}),
        ("max_connections", {"identifier", "single"}),
        ("mash tun", set()),
    ],
)
def test_spans_have_classes(text, classes):
    assert classes_of(text) == classes


def test_thorough_finds_no_less_and_precise_no_more(brewery):
    examples = [(one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"])) for one in brewery[:4]]
    text = "The copper coil drips. Yesterday the big rinse basin of the mash tun showed rusting, and the valve moved."
    model = EntityModel(examples)
    counts = [len(model.find(text, Cues(shift=shift))) for shift in (-1.0, 0.0, 4.0)]
    assert counts[0] >= counts[1] >= counts[2]
    assert counts[0] > counts[2]


def test_lists_drop_classes_and_types(ask, brewery):
    text = brewery[-1]["source_text"]
    assert {one["type"] for one in ask("typed", {"source_text": text}, brewery[:8], instructions="List. Leave out: fault.")} == {"part"}
    assert {one["type"] for one in ask("typed", {"source_text": text}, brewery[:8], instructions="List. Only: fault.")} == {"fault"}
    news = {"source_text": "On June 30 they met Ada Lovelace."}
    assert ask("untyped", news, instructions="List. Leave out: dates.") == ["Ada Lovelace"]


def test_lower_case_terms_are_proposed_without_demos_only_when_asked_for(ask):
    text = {"source_text": "the drive motor has a worn bearing cover and needs replacement"}
    assert ask("untyped", text) == []
    assert "drive motor" in ask("untyped", text, instructions="List lower-case technical terms.")


def test_one_sentence_drops_links_across_sentences():
    demos = [
        (f"The {a} runs. The {b} drips.", ((a, "p"), (b, "p")), ((a, "near", b),))
        for a, b in (("tun", "tank"), ("pump", "coil"), ("keg", "tap"))
    ]
    model, entities = RelationModel(demos), (("press", "p"), ("valve", "p"))
    text = "The press runs. The valve drips."
    assert len(model.find(text, entities)) == 1
    assert model.find(text, entities, Cues(one_sentence=True)) == []
    assert model.find(text, entities, Cues(left_out=frozenset({"near"}))) == []
