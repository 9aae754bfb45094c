from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.records.domains import EntityType, Preset, Schema
from core.workbench import Workbench
from core.workflows.domains import DomainChange, create_domain, list_domains, update_domain
from core.workflows.general import get_domain

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]
ABOUT = "Contracts and clauses between two parties."


def legal(bench: Workbench) -> None:
    schema = Schema(entity_types=(EntityType(name="party", key="p", definition="who signs"),))
    create_domain(bench, "legal", ABOUT, schema=schema)


def type_into(at: AppTest, label: str, words: str) -> None:
    next(area for area in at.text_area if area.label.startswith(label)).set_value(words)


def save(at: AppTest) -> AppTest:
    """Two runs: one takes what was typed, one the click."""
    at.run()
    next(button for button in at.button if button.label == "Save").click()
    at.run()
    assert not at.exception
    return at


def test_an_empty_store_offers_to_make_the_first_domain(open_page: Open, said: Said) -> None:
    at = open_page("domains")
    at.button(key="domains.first.button").click().run()
    assert at.query_params["view"] == "new"
    assert "A new domain" in said(at)


def test_a_bad_name_says_what_is_allowed_and_keeps_what_was_typed(open_page: Open, said: Said) -> None:
    at = open_page("domains", view="new")
    at.text_input(key="domains.new.name").set_value("Legal Contracts")
    at.text_area(key="domains.new.description").set_value(ABOUT)
    at.button(key="domains.new.create").click().run()
    assert "The name cannot be used" in said(at)
    assert "2 to 100 of a to z" in said(at)
    assert at.text_input(key="domains.new.name").value == "Legal Contracts"
    assert at.text_area(key="domains.new.description").value == ABOUT


def test_a_made_domain_is_selected_and_its_link_survives(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = open_page("domains", view="new")
    at.text_input(key="domains.new.name").set_value("legal")
    at.text_area(key="domains.new.description").set_value(ABOUT)
    at.button(key="domains.new.create").click().run()
    assert "Domain legal is made" in said(at)
    assert at.query_params["domain"] == "legal"
    assert [view.name for view in list_domains(pages_bench)] == ["general", "legal"]


def test_a_description_is_changed_in_place(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal")
    type_into(at, "Description", "Leases of offices and the clauses in them.")
    assert "Saved." in said(save(at))
    assert get_domain(pages_bench, "legal").description == "Leases of offices and the clauses in them."


def test_a_stale_save_shows_both_and_loses_neither(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal")
    update_domain(pages_bench, "legal", DomainChange(description="What the other person wrote."))
    type_into(at, "Description", "What I wrote meanwhile.")
    shown = said(save(at))
    assert "What the other person wrote." in shown
    assert "What I wrote meanwhile." in shown
    assert get_domain(pages_bench, "legal").description == "What the other person wrote."
    at.button(key="domains.keep.legal").click().run()
    assert get_domain(pages_bench, "legal").description == "What I wrote meanwhile."


def test_somebody_elses_change_of_another_field_is_no_conflict(pages_bench: Workbench, open_page: Open) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal")
    update_domain(pages_bench, "legal", DomainChange(model="builtin/in-context"))
    type_into(at, "Guidelines", "Mark the whole name.")
    save(at)
    domain = get_domain(pages_bench, "legal")
    assert (domain.guidelines, domain.model) == ("Mark the whole name.", "builtin/in-context")


def test_a_refused_description_keeps_the_words(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal")
    type_into(at, "Description", "short")
    assert "at least 10 characters" in said(save(at))
    assert next(area for area in at.text_area if area.label.startswith("Description")).value == "short"


def test_rows_of_the_schema_are_edited_and_added(pages_bench: Workbench, open_page: Open) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal", view="schema")
    types, predicates = (editor.key or "" for editor in at.data_editor)
    at.session_state[types] = {
        "edited_rows": {0: {"definition": "who signs it"}},
        "added_rows": [{"name": "date", "key": "d"}, {"key": "x"}],
        "deleted_rows": [],
    }
    at.session_state[predicates] = {"edited_rows": {}, "added_rows": [{"name": "signed", "subject types": ["party"]}], "deleted_rows": []}
    save(at)
    schema = get_domain(pages_bench, "legal").schema_
    assert [(each.name, each.key, each.definition) for each in schema.entity_types] == [("party", "p", "who signs it"), ("date", "d", "")]
    assert [(each.name, each.subject_types, each.object_types) for each in schema.predicates] == [("signed", ("party",), ())]


def test_a_preset_sets_the_weights(pages_bench: Workbench, open_page: Open) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal", view="scoring")
    next(box for box in at.selectbox if box.label == "Preset").set_value(Preset.RECALL)
    save(at)
    metric = get_domain(pages_bench, "legal").metric
    assert (metric.precision_weight, metric.recall_weight) == (0.3, 0.7)


def test_deleting_says_what_goes_and_wants_the_name(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    legal(pages_bench)
    at = open_page("domains", domain="legal")
    assert "With it go 0 runs, 0 prompt versions; 0 samples stay" in said(at).replace("\n", "")
    confirm = at.button(key="domains.delete.legal.confirm")
    assert confirm.disabled
    at.text_input(key="domains.delete.legal.typed").set_value("legal").run()
    at.button(key="domains.delete.legal.confirm").click().run()
    assert [view.name for view in list_domains(pages_bench)] == ["general"]


def test_the_fallback_domain_cannot_be_deleted(pages_bench: Workbench, open_page: Open) -> None:
    at = open_page("domains", domain="general")
    assert not [button for button in at.button if button.label == "Delete it"]


def test_an_unknown_domain_in_the_address_selects_nothing(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    legal(pages_bench)
    assert "Select a row" in said(open_page("domains", domain="nobody"))
