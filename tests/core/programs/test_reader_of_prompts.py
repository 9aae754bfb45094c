"""A reader asks, understands what came, and asks once more only where it was told how."""

from typing import Any

import pytest

from core.errors import AnswerError, ModelUnavailableError
from core.programs.generic import generic_prompts
from core.programs.reader import Reader
from core.records.models import Message, ModelRequest
from core.records.prompts import TaskPrompt

CHAT = '[[ ## entities ## ]]\n[{"text": "pump", "type": "part", "description": "It leaks."}]\n\n[[ ## completed ## ]]'
JSON = '{"entities": [{"text": "pump", "type": "part", "description": "It leaks."}]}'
PUMP = [{"text": "pump", "type": "part", "description": "It leaks."}]


def again(prompt: TaskPrompt, request: ModelRequest, error: AnswerError) -> ModelRequest:
    return request.model_copy(update={"messages": (*request.messages, Message(role="user", content=error.message))})


def reader(*answers: str | Exception, takes_schema: bool = False, **options: Any) -> tuple[Reader, list[ModelRequest]]:
    asked: list[ModelRequest] = []

    def ask(request: ModelRequest) -> str:
        asked.append(request)
        answer = answers[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Reader(prompts=generic_prompts(takes_schema=takes_schema), model="fake/one", ask=ask, **options), asked


@pytest.mark.parametrize(("takes_schema", "answer"), [(False, CHAT), (True, JSON)])
@pytest.mark.parametrize("around", ["{}", "<think>Is [1] right? {no}</think>\n{}", "so it is</think>{}"])
def test_a_description_comes_with_the_entity_and_thoughts_do_not(takes_schema: bool, answer: str, around: str) -> None:
    read, _ = reader(around.replace("{}", answer), takes_schema=takes_schema)
    assert read.entities("The pump leaks.") == PUMP


@pytest.mark.parametrize("takes_schema", [False, True])
def test_thoughts_that_hold_a_draft_of_the_answer_are_not_the_answer(takes_schema: bool) -> None:
    draft, final = (JSON, JSON.replace("pump", "tank")) if takes_schema else (CHAT, CHAT.replace("pump", "tank"))
    read, _ = reader(f"<think>{draft}</think>\n{final}", takes_schema=takes_schema)
    assert [entity["text"] for entity in read.entities("The tank leaks.")] == ["tank"]


@pytest.mark.parametrize("takes_schema", [False, True])
def test_a_name_that_quotes_a_think_tag_is_kept_whole(takes_schema: bool) -> None:
    answer = (JSON if takes_schema else CHAT).replace("pump", "<think>x</think> mode")
    read, _ = reader(answer, takes_schema=takes_schema)
    assert read.entities("In <think>x</think> mode it halts.")[0]["text"] == "<think>x</think> mode"


@pytest.mark.parametrize("description", ["7", "null", '""', "[1]", '{"a": 1}'])
def test_a_description_that_is_no_sentence_is_left_out_and_spoils_nothing(description: str) -> None:
    read, _ = reader(CHAT.replace('"It leaks."', description))
    assert read.entities("The pump leaks.") == [{"text": "pump", "type": "part"}]


def test_without_a_repair_a_bad_answer_is_final_and_told_once() -> None:
    told: list[int] = []
    read, asked = reader("no idea", CHAT, unreadable=lambda: told.append(1))
    with pytest.raises(AnswerError):
        read.entities("The pump leaks.")
    assert (len(asked), len(told)) == (1, 1)


def test_a_repair_is_asked_for_once_and_its_answer_counts() -> None:
    read, asked = reader("no idea", CHAT, repair=again)
    assert read.entities("The pump leaks.") == PUMP
    assert len(asked) == 2 and asked[1].messages[:-1] == asked[0].messages


def test_an_answer_error_of_the_provider_is_repaired_too() -> None:
    read, _ = reader(AnswerError("cut off", answer="[[ ## ent"), CHAT, repair=again)
    assert read.entities("The pump leaks.") == PUMP


def test_a_second_bad_answer_is_final() -> None:
    read, asked = reader("no idea", "still none", CHAT, repair=again)
    with pytest.raises(AnswerError):
        read.entities("The pump leaks.")
    assert len(asked) == 2


def test_a_model_that_is_away_is_not_asked_to_repair() -> None:
    read, asked = reader(ModelUnavailableError("away"), CHAT, repair=again)
    with pytest.raises(ModelUnavailableError):
        read.entities("The pump leaks.")
    assert len(asked) == 1


def test_relations_are_asked_for_with_the_entities_and_their_types() -> None:
    answer = '[[ ## relations ## ]]\n[{"subject": "pump", "predicate": "fills", "object": "tank", "description": "Daily."}]'
    read, asked = reader(answer)
    found = read.relations("The pump fills the tank.", [{"text": "pump", "type": None}, {"text": "tank", "type": "vessel"}])
    assert found == [{"subject": "pump", "predicate": "fills", "object": "tank", "description": "Daily."}]
    assert '[{"text": "pump", "type": ""}, {"text": "tank", "type": "vessel"}]' in asked[0].messages[-1].content
