from hypothesis import given
from hypothesis import strategies as st

from core.records.models import Message
from core.records.prompts import Demo, PromptPart, PromptVersion, TaskPrompt
from core.workflows.prompt_diff import diff_demos, diff_versions, diff_words


def demo(text: str, *names: str) -> Demo:
    return Demo(inputs={"source_text": text}, outputs={"entities": list(names)}, sample_id=f"id of {text}")


def version(name: str, instructions: str, *demos: Demo, seed: int = 0) -> PromptVersion:
    prompt = TaskPrompt(
        instructions=instructions, demos=demos, messages=(Message(role="system", content=instructions),),
        last=(PromptPart(field="source_text"),), output_field="entities", adapter="chat", typed=False,
    )  # fmt: skip
    return PromptVersion(id=name, domain="machines", tasks={"entities": prompt}, model="builtin/in-context", seed=seed)


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_put_together_again(first: str, second: str) -> None:
    segments = diff_words(first, second)
    assert "".join(segment.text for segment in segments if segment.op != "insert") == first
    assert "".join(segment.text for segment in segments if segment.op != "delete") == second


def test_only_the_changed_word_differs() -> None:
    segments = diff_words("List every  name.", "List each  name.")
    assert [(segment.op, segment.text) for segment in segments] == [
        ("equal", "List "), ("delete", "every"), ("insert", "each"), ("equal", "  name."),
    ]  # fmt: skip


def test_demos_are_paired_by_their_document_whatever_their_order() -> None:
    found = diff_demos([demo("a", "x"), demo("b", "y"), demo("c", "z")], [demo("c", "z"), demo("a", "x", "w"), demo("d")])
    assert [(each.op, each.text, each.sample_id) for each in found] == [
        ("same", "c", "id of c"), ("changed", "a", "id of a"), ("added", "d", "id of d"), ("removed", "b", "id of b"),
    ]  # fmt: skip
    assert [segment.text for segment in found[1].segments if segment.op == "insert"] == [', "w"']


def test_a_demo_that_stands_twice_is_paired_twice() -> None:
    assert [each.op for each in diff_demos([demo("a"), demo("a")], [demo("a")])] == ["same", "removed"]


def test_a_version_against_itself_has_no_difference() -> None:
    one = version("machines-v1", "List names.", demo("a", "x"))
    found = diff_versions(one, one)
    assert found.tasks["entities"].same
    assert found.settings == {}


def test_a_task_that_one_version_lacks_is_all_new() -> None:
    one = version("machines-v1", "List names.")
    two = version("machines-v2", "List names.", demo("a"), seed=4)
    both = two.model_copy(update={"tasks": {**two.tasks, "relations": two.tasks["entities"]}})
    found = diff_versions(one, both)
    assert [segment.op for segment in found.tasks["relations"].instructions] == ["insert"]
    assert found.settings == {"seed": (0, 4)}
