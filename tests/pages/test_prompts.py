from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.views.prompt_versions import plain_text
from core.records.runs import TrainingRun
from core.workbench import Workbench
from core.workflows.deployments import deployed
from core.workflows.prompts import get_version

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]
Train = Callable[..., TrainingRun]


def test_a_domain_without_versions_offers_to_train(open_page: Open, said: Said) -> None:
    at = open_page("prompts", domain="general")
    assert "This domain has no prompt of its own yet" in said(at)


def test_one_version_shows_its_messages_as_text(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here()
    at = open_page("prompts", domain="notes", version=run.version or "")
    assert "is in production since" in said(at)
    shown = [block.value for block in at.code]
    version = get_version(pages_bench, "notes", run.version)
    assert version.tasks["entities"].messages[0].content in shown


def test_the_newest_version_is_set_against_its_parent(train_here: Train, open_page: Open, said: Said) -> None:
    first, second = train_here(seed=1), train_here(seed=2)
    at = open_page("prompts", domain="notes")
    assert at.query_params["version"] == second.version
    assert at.query_params["a"] == first.version
    words = said(at)
    assert "Entities: instructions" in words
    assert "Entities: demos" in words
    assert "seed" in words


def test_a_link_to_two_versions_shows_both(train_here: Train, open_page: Open) -> None:
    first, second = train_here(seed=1), train_here(seed=2)
    at = open_page("prompts", domain="notes", a=second.version or "", b=first.version or "")
    assert (at.query_params["version"], at.query_params["a"]) == (first.version, second.version)


def test_deploying_and_rolling_back_are_decisions_on_record(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    first, second = train_here(seed=1), train_here(seed=2)
    at = open_page("prompts", domain="notes", version=second.version or "")
    at.text_input(key="prompts.deploy.by").set_value("Ada")
    at.text_input(key="prompts.deploy.why").set_value("reads doses")
    at.button(key="prompts.deploy.go").click().run()
    current = deployed(pages_bench, "notes")
    assert current is not None
    assert (current.version, current.by) == (second.version, "Ada")
    at.button(key="prompts.rollback").click().run()
    back = deployed(pages_bench, "notes")
    assert back is not None
    assert back.version == first.version
    words = said(open_page("prompts", domain="notes", view="Decisions"))
    assert "reads doses" in words
    assert "rollback from" in words


def test_demos_are_shown_in_full(train_here: Train, open_page: Open, said: Said) -> None:
    train_here()
    at = open_page("prompts", domain="notes", view="Demos")
    assert "as annotated" in said(at)
    assert any("source_text: " in block.value for block in at.code)


def test_the_plain_text_holds_every_task_and_message(pages_bench: Workbench, train_here: Train) -> None:
    run = train_here()
    version = get_version(pages_bench, "notes", run.version)
    text = plain_text(version)
    assert "# entities" in text
    assert all(message.content in text for prompt in version.tasks.values() for message in prompt.messages)
    assert "{source_text}" in text
