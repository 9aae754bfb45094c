"""What the instructions' definitions of types tell."""

from core.llm.providers.builtin.definitions import definitions, guess_kind, listed_names
from core.llm.providers.builtin.entities import EntityModel

TOLD = "List names.\nThe types are:\n- party: A role such as tenant or guarantor.\n- amount: A sum of money.\n"
TOLD += "- must pay (party to amount): Owes."


def test_names_with_a_definition_are_listed():
    assert listed_names(TOLD) == ("party", "amount", "must pay")


def test_a_word_of_a_definition_tells_the_type_and_a_measure_goes_to_amounts():
    kinds = ("party", "amount")
    assert guess_kind("guarantors", kinds, TOLD) == "party"
    assert guess_kind("EUR 500", kinds, TOLD) == "amount"
    assert guess_kind("unheard word", kinds, TOLD) == "party"
    assert guess_kind("anything", (), TOLD) is None


def test_a_defined_head_is_typed_against_the_more_frequent_type(ask, brewery):
    demos = [(one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"])) for one in brewery[:8]]
    model = EntityModel(demos)
    text = "The copper coil feeds the mash tun at noon. During the shift the copper coil showed seepage again."
    plain = {one.text: one.kind for one in model.find(text)}
    hinted = {one.text: one.kind for one in model.find(text, defined=definitions("- fault: Damage of a coil.", ("fault",)))}
    assert plain["copper coil"] == "part"
    assert set(hinted) >= set(plain)


def test_an_untrained_typed_answer_uses_the_definitions(ask):
    found = ask("typed", {"source_text": "They met Ada Lovelace."}, instructions="List.\n- part: A thing.\n- fault: What Lovelace says.")
    assert found == [{"text": "Ada Lovelace", "type": "fault"}]
