from collections.abc import Callable
from typing import Any

Command = Callable[..., Any]
LISTED = {"name", "description", "status", "version", "samples"}


def create(command: Command, name: str = "machines") -> Any:
    return command("domains", "create", name, "--description", f"Reports about {name} in a hall.", "--json")


def test_a_created_domain_can_be_shown_and_listed(command: Command) -> None:
    assert create(command).document["status"] == "pending"
    listed = command("domains", "list", "--json").document
    assert [each["name"] for each in listed] == ["general", "machines"]
    assert set(listed[0]) >= LISTED
    shown = command("domains", "show", "machines", "--json").document
    assert set(shown) >= LISTED | {"guidelines", "metric", "schema"}
    text = command("domains", "list").out.splitlines()
    assert text[0].split() == ["name", "status", "samples", "version", "description"]
    assert text[2].startswith("machines  pending")


def test_a_model_that_cannot_be_is_kept_until_it_is_asked(command: Command) -> None:
    made = command("domains", "create", "machines", "--description", "Reports about machines.", "--model", "ollama/qwen3:32b", "--json")
    assert made.document["model"] == "ollama/qwen3:32b"


def test_several_can_be_set_ready_but_all_or_none(command: Command) -> None:
    create(command)
    create(command, "halls")
    assert command("domains", "ready", "machines", "nothing").status == 1
    assert command("domains", "show", "machines", "--json").document["status"] == "pending"
    done = command("domains", "ready", "machines", "halls", "--json")
    assert [each["status"] for each in done.document] == ["ready", "ready"]


def test_deleting_says_what_went(command: Command) -> None:
    create(command)
    done = command("domains", "delete", "machines", "--json")
    assert (done.document["deleted"], done.document["runs"], done.document["samples"]) == ("machines", 0, 0)
    refused = create(command)
    assert refused.status == 1
    assert "never used again" in refused.err
    assert command("domains", "delete", "general").status == 1


def test_a_name_that_is_taken_or_impossible_is_refused(command: Command) -> None:
    create(command)
    assert "is taken" in create(command).err
    assert "2 to 100" in command("domains", "create", "../x", "--description", "Reports about machines.").err
