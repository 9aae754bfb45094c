"""Relations of the built-in model."""

from core.llm.providers.builtin.relations import RelationModel


def test_predicates_are_learned_from_the_demos(ask, brewery):
    sample = brewery[-1]
    found = ask("related", {"source_text": sample["source_text"], "entities": sample["entities"]}, brewery[:8])
    assert sorted(found, key=str) == sorted(sample["relations"], key=str)


def test_only_listed_entities_may_be_ends(ask, brewery):
    sample = brewery[-1]
    listed = sample["entities"][:1] + sample["entities"][2:]
    found = ask("related", {"source_text": sample["source_text"], "entities": listed}, brewery[:8])
    names = {one["text"] for one in listed}
    assert found == [{"subject": listed[0]["text"], "predicate": "shows", "object": listed[1]["text"]}]
    assert all({one["subject"], one["object"]} <= names for one in found)


def test_a_predicate_links_only_types_that_a_demo_linked(ask, brewery):
    text = "The scorching feeds the clogging at noon."
    entities = [{"text": "scorching", "type": "fault"}, {"text": "clogging", "type": "fault"}]
    assert ask("related", {"source_text": text, "entities": entities}, brewery[:8]) == []


def test_without_demos_the_verb_between_two_neighbors_is_the_predicate(ask):
    entities = [{"text": "mash tun", "type": "part"}, {"text": "yeast tank", "type": "part"}]
    found = ask("related", {"source_text": "The mash tun feeds the yeast tank.", "entities": entities})
    assert found == [{"subject": "mash tun", "predicate": "feeds", "object": "yeast tank"}]


def test_the_passive_turns_the_direction():
    demos = [
        (f"The {a} {middle} {b}.", ((a, "part"), (b, "part")), ((a, "feeds", b) if middle == "feeds the" else (b, "feeds", a),))
        for a, b in (("tun", "tank"), ("pump", "press"), ("coil", "kettle"), ("basin", "jacket"))
        for middle in ("feeds the", "is fed by the")
    ]
    model = RelationModel(demos)
    entities = (("valve", "part"), ("chiller", "part"))
    active = [(one.subject, one.object) for one in model.find("The valve feeds the chiller.", entities)]
    passive = [(one.subject, one.object) for one in model.find("The valve is fed by the chiller.", entities)]
    assert active == [("valve", "chiller")]
    assert passive == [("chiller", "valve")]


def test_demos_without_relations_teach_to_find_none():
    demos = [("The tun feeds the tank.", (("tun", "part"), ("tank", "part")), ())] * 3
    assert RelationModel(demos).find("The pump feeds the press.", (("pump", "part"), ("press", "part"))) == []


def test_no_text_and_no_entities_give_no_relations(brewery):
    demos = [
        (one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"]), tuple(tuple(r.values()) for r in one["relations"]))
        for one in brewery
    ]
    model = RelationModel(demos)
    assert model.find("", ()) == []
    assert model.find("The pump.", ()) == []
    assert model.find("The pump.", (("absent", "part"), ("pump", None))) == []
