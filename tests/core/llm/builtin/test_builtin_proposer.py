"""What the built-in model answers to optimizers' proposers."""

import dspy
import pytest
from dspy.propose.grounded_proposer import DescribeModule, DescribeProgram, generate_instruction_class
from dspy.teleprompt.gepa.instruction_proposal import CompressInstruction, ProposeInstruction

from core.llm.providers.builtin import BuiltinProvider
from core.llm.providers.builtin.cues import Cues, read_cues
from core.records.models import Message, ModelRequest, Parameters

BASIS = "List every part that the text names."


def complete(signature, inputs, adapter=None, **parameters):
    adapter = adapter or dspy.ChatAdapter()
    messages = tuple(Message(**one) for one in adapter.format(signature, [], inputs))
    answer = BuiltinProvider().complete(ModelRequest(model="in-context", messages=messages, parameters=Parameters(**parameters)))
    return adapter.parse(signature, answer.text)


def proposal(tip, **parameters):
    signature = generate_instruction_class(program_aware=False).signature
    inputs = {name: "none" for name in signature.input_fields} | {"basic_instruction": BASIS, "tip": tip}
    return complete(signature, inputs, **parameters)["proposed_instruction"]


def test_proposals_keep_the_basic_instruction_and_differ_by_prompt():
    made = [proposal(f"tip number {number}") for number in range(24)]
    assert all(one.startswith(BASIS) for one in made)
    assert len(set(made)) >= 6
    assert len({read_cues(one) for one in made}) >= 5
    assert any(read_cues(one) != Cues() for one in made)


def test_the_same_prompt_gets_the_same_proposal_unless_the_parameters_differ():
    assert proposal("a tip") == proposal("a tip")
    assert len({proposal("a tip", seed=seed) for seed in range(12)}) > 1


def test_feedback_on_missed_names_asks_for_more_and_on_wrong_names_for_less():
    def after(feedback):
        examples = [{"Inputs": {"n": number}, "Feedback": feedback} for number in range(3)]
        adapter = dspy.JSONAdapter()
        made = [
            complete(ProposeInstruction, {"current_instruction": f"{BASIS} {number}", "examples_with_feedback": examples}, adapter)[
                "new_instruction"
            ]
            for number in range(12)
        ]
        return sum(read_cues(one).shift for one in made)

    assert after("You missed: drain valve.") < 0 < after("Spurious: noon.")


def test_a_proposal_replaces_the_cues_of_an_earlier_one():
    text = BASIS
    for number in range(6):
        text = complete(ProposeInstruction, {"current_instruction": text, "examples_with_feedback": [{"n": number}]})["new_instruction"]
    assert len(text) < len(BASIS) + 160


def test_a_free_prompt_with_a_fenced_instruction_is_answered_in_fences():
    content = f"I gave these instructions:\n```\n{BASIS}\n```\nThe feedback:\n```\n# Example 1\nmissed: keg\n```\nWrite better ones."
    answer = BuiltinProvider().complete(ModelRequest(model="in-context", messages=(Message(role="user", content=content),)))
    assert answer.text.startswith("```\n" + BASIS)
    assert answer.text.endswith("\n```")


def test_an_instruction_is_shortened_to_whole_sentences():
    made = complete(
        CompressInstruction, {"instruction": "First sentence. Second sentence. Third one.", "length_limit": "At most 32 characters"}
    )
    assert made["shortened_instruction"] == "First sentence. Second sentence."


@pytest.mark.parametrize("signature", [DescribeProgram, DescribeModule])
def test_descriptions_are_made_from_counts(signature):
    inputs = dict.fromkeys(signature.input_fields, "the pump feeds the tank while the pump runs")
    (text,) = complete(signature, inputs).values()
    assert "pump" in text


def test_unknown_fields_of_simple_types_get_a_plain_answer():
    signature = dspy.Signature("text -> verdict: bool, note: str, kinds: list[str], count: int")
    made = complete(signature, {"text": "some words"})
    assert made["verdict"] is False
    assert made["kinds"] == []
    assert made["count"] == 0
    assert made["note"]
