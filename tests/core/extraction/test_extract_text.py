"""A document read in chunks: several at once, each failure on its own, nothing cut, every call known."""

import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.chunking import tiling_problems
from core.documents.tokens import BuiltinTokens
from core.errors import AnswerError, CallCancelledError, ContextOverflowError, ModelUnavailableError, StoreUnavailableError
from core.extraction.extract import Found
from core.extraction.repair import CLIPPED
from core.llm.providers.base import Cancelled
from core.records.models import Call, ModelAnswer, ModelRequest
from tests.standins.extraction import (
    Calls,
    builtin_line,
    entity,
    extract,
    fake_line,
    finding,
    line_to,
    proven,
    relation,
    said,
    task_of,
    text_of,
)
from tests.standins.training import FakeModel

SENTENCE = "In hall {0} the pump {0} fills the tank {0} whenever its level sinks below {0} liters. "
TEXT = "".join(SENTENCE.format(number) for number in range(1, 13))
FILLS = [relation(f"pump {number}", "fills", f"tank {number}") for number in range(1, 13)]
KINDS = {f"pump {number}": "pump" for number in range(1, 13)} | {f"tank {number}": "vessel" for number in range(1, 13)}
machines = finding(KINDS, FILLS)


def names(found: Found) -> set[str]:
    return {each.text for each in found.entities}


def triples(found: Found) -> set[tuple[str, str, str]]:
    return {(each.subject, each.predicate, each.object) for each in found.relations}


@pytest.mark.parametrize("schema", [False, True])
def test_the_whole_document_is_read(schema: bool) -> None:
    found = extract(TEXT, fake_line(machines, schema=schema))
    assert len(found.chunks) > 3 and not tiling_problems(TEXT, found.chunks)
    assert names(found) == set(KINDS)
    assert triples(found) == {(each["subject"], "fills", each["object"]) for each in FILLS}
    assert proven(TEXT, found) and not found.ungrounded
    assert [each.start for each in found.entities] == sorted(each.start for each in found.entities)


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_the_result_does_not_depend_on_how_many_chunks_are_read_at_once(threads: int) -> None:
    assert extract(TEXT, builtin_line(), threads=threads) == extract(TEXT, builtin_line(), threads=3)


def test_the_calls_of_a_chunk_are_known_in_their_order() -> None:
    calls = Calls()
    found = extract(TEXT, fake_line(machines, calls=calls))
    for chunk in found.chunks:
        entities, relations = (calls.made[id] for id in chunk.calls)
        assert TEXT[chunk.start : chunk.end].rstrip() in entities[1] and "1. `entities`" in entities[1]
        assert "1. `relations`" in relations[1]
    assert len(calls.made) == 2 * len(found.chunks)


def test_what_is_not_in_a_chunk_is_kept_out_and_counted_there() -> None:
    def dreaming(request: ModelRequest) -> str:
        if task_of(request) == "entities":
            return said(request, [entity("the pump"), entity("the tank"), entity("Atlantis")])
        return said(request, [relation("the pump", "fills", "Atlantis"), relation("the pump", "fills", "the tank")])

    found = extract(TEXT, fake_line(dreaming))
    assert names(found) == {"the pump", "the tank"} and triples(found) == {("the pump", "fills", "the tank")}
    assert {(each.kind, each.said) for each in found.ungrounded} == {("entity", "Atlantis"), ("relation", "the pump | fills | Atlantis")}
    assert [each.ungrounded for each in found.chunks] == [2] * len(found.chunks)
    assert {each.chunk for each in found.ungrounded} == set(range(len(found.chunks)))


def test_an_empty_or_blank_document_asks_nobody() -> None:
    calls = Calls()
    assert extract("", fake_line(machines, calls=calls)).chunks == ()
    assert extract(" \n\t", fake_line(machines, calls=calls)).entities == ()
    assert not calls.made


def test_relations_are_not_asked_for_where_fewer_than_two_names_stand() -> None:
    calls = Calls()
    extract("The pump leaks.", fake_line(finding({"pump": "part"}), calls=calls))
    assert len(calls.made) == 1


def broken(task: str, number: int, *bad: str | Exception) -> Any:
    """A model whose first answers about one hall, for one task, are bad."""
    left = list(bad)
    lock = threading.Lock()

    def answer(request: ModelRequest) -> str:
        if task_of(request) == task and f"hall {number} " in text_of(request):
            with lock:
                if left:
                    wrong = left.pop(0)
                    if isinstance(wrong, Exception):
                        raise wrong
                    return wrong
        return machines(request)

    return answer


ONE_HALL: dict[str, Any] = {"wanted": 24, "overlap": 0}


@pytest.mark.parametrize("task", ["entities", "relations"])
@pytest.mark.parametrize("bad", ["sorry, no", "<html>502</html>", '{"entities": 7, "relations": 7}', "", '[[ ## relations ## ]]\n["a"]'])
@pytest.mark.parametrize("schema", [False, True])
def test_a_bad_answer_is_repaired(task: str, bad: str, schema: bool) -> None:
    calls = Calls()
    found = extract(TEXT, fake_line(broken(task, 3, bad), schema=schema, calls=calls), **ONE_HALL)
    assert not [chunk for chunk in found.chunks if chunk.error]
    assert names(found) == set(KINDS) and len(triples(found)) == 12
    assert sorted({len(chunk.calls) for chunk in found.chunks}) == [2, 3]


@pytest.mark.parametrize("schema", [False, True])
def test_the_repair_shows_the_bad_answer_and_says_what_was_wrong(schema: bool) -> None:
    long = "I think not. " * 1000
    calls = Calls()
    found = extract(TEXT, fake_line(broken("entities", 3, long), schema=schema, calls=calls), **ONE_HALL)
    (chunk,) = [chunk for chunk in found.chunks if len(chunk.calls) == 3]
    first, second = (calls.made[id][1] for id in chunk.calls[:2])
    assert second.startswith(first)
    added = second.removeprefix(first)
    assert "assistant:\nI think not." in added and len(added) < CLIPPED + 1000
    assert "the answer" in added and "`entities`" in added.replace("[[ ## entities ## ]]", "entities")


def test_a_chunk_that_fails_twice_fails_alone_and_is_listed() -> None:
    calls = Calls()
    found = extract(TEXT, fake_line(broken("entities", 3, "no", "no again", "never"), calls=calls), **ONE_HALL)
    (failed,) = [chunk for chunk in found.chunks if chunk.error]
    assert "hall 3" in TEXT[failed.start : failed.end]
    assert failed.error is not None and failed.error.startswith("entities could not be read")
    assert [calls.made[id][2] for id in failed.calls] == ["no", "no again"]
    assert names(found) == set(KINDS) - {"pump 3", "tank 3"} and len(triples(found)) == 11


def test_entities_stay_where_only_the_relations_failed() -> None:
    found = extract(TEXT, fake_line(broken("relations", 3, "no", "no again")), **ONE_HALL)
    (failed,) = [chunk for chunk in found.chunks if chunk.error]
    assert failed.error is not None and failed.error.startswith("relations could not be read")
    assert names(found) == set(KINDS) and len(triples(found)) == 11
    assert (failed.entities, failed.relations) == (2, 0)


def test_a_call_that_fails_is_listed_with_what_to_do_and_known_by_its_id() -> None:
    calls = Calls()
    away = ModelUnavailableError("the server is away", hint="start it")
    found = extract(TEXT, fake_line(broken("entities", 5, away), calls=calls), **ONE_HALL)
    (failed,) = [chunk for chunk in found.chunks if chunk.error]
    assert "the server is away" in (failed.error or "") and failed.hint == "start it"
    assert calls.made[failed.calls[0]][0].error_kind == "ModelUnavailableError"


def test_where_nothing_came_the_same_is_asked_again() -> None:
    calls = Calls()
    found = extract(TEXT, fake_line(broken("entities", 3, " "), calls=calls), **ONE_HALL)
    (chunk,) = [chunk for chunk in found.chunks if len(chunk.calls) == 3]
    first, second = (calls.made[id] for id in chunk.calls[:2])
    assert first[1] == second[1] and chunk.error is None


def test_a_cut_off_answer_is_an_answer_error_and_repaired() -> None:
    cut = AnswerError("the answer was cut off", answer="[[ ## entities ## ]]\n[")
    assert names(extract(TEXT, fake_line(broken("entities", 3, cut)), **ONE_HALL)) == set(KINDS)


def narrow(limit: int) -> Any:
    """A model that takes texts of so many tokens and no more."""

    def answer(request: ModelRequest) -> str:
        if BuiltinTokens().count(text_of(request)) > limit:
            raise ContextOverflowError("too long", hint="cut it")
        return machines(request)

    return answer


@pytest.mark.parametrize(("wanted", "overlap"), [(100, 0), (160, 40), (400, 40), (200, 100)])
def test_a_chunk_that_does_not_fit_is_read_in_halves_and_nothing_is_lost(wanted: int, overlap: int) -> None:
    found = extract(TEXT, fake_line(narrow(70)), wanted=wanted, overlap=overlap)
    assert not [chunk for chunk in found.chunks if chunk.error]
    assert not tiling_problems(TEXT, found.chunks)
    assert [chunk.index for chunk in found.chunks] == list(range(len(found.chunks)))
    assert names(found) == set(KINDS) and len(triples(found)) == 12 and proven(TEXT, found)


@pytest.mark.parametrize("hall", range(1, 13))
def test_halves_of_one_chunk_among_whole_ones_tile_the_document_too(hall: int) -> None:
    def answer(request: ModelRequest) -> str:
        return narrow(63)(request) if f"hall {hall} " in text_of(request) else machines(request)

    found = extract(TEXT, fake_line(answer), wanted=130, overlap=65)
    assert not tiling_problems(TEXT, found.chunks)
    assert names(found) == set(KINDS) and len(triples(found)) == 12


def test_the_halves_of_a_chunk_know_the_call_that_did_not_fit() -> None:
    calls = Calls()
    found = extract(TEXT, fake_line(narrow(70), calls=calls), wanted=400)
    first = {chunk.calls[0] for chunk in found.chunks}
    assert len(first) == 1 and calls.made[first.pop()][0].error_kind == "ContextOverflowError"
    assert all(calls.made[chunk.calls[-1]][2] for chunk in found.chunks)


def test_what_does_not_fit_however_small_is_listed_and_nothing_is_cut() -> None:
    found = extract(TEXT, fake_line(narrow(3)), wanted=400)
    assert found.chunks and all("too long" in (chunk.error or "") and chunk.hint == "cut it" for chunk in found.chunks)
    assert not tiling_problems(TEXT, found.chunks)


def test_progress_is_told_by_the_asking_thread_once_a_chunk() -> None:
    told: list[tuple[int, int, int]] = []

    def tell(done: int, of: int) -> None:
        told.append((done, of, threading.get_ident()))

    from_here = threading.get_ident()
    found = extract(TEXT, fake_line(machines), progress=tell)
    assert [(done, of) for done, of, _ in told] == [(number, len(found.chunks)) for number in range(1, len(found.chunks) + 1)]
    assert {thread for *_, thread in told} == {from_here}


@pytest.mark.parametrize("threads", [1, 4])
def test_a_cancelled_extraction_ends_with_no_further_call(threads: int) -> None:
    calls = Calls()
    found = fake_line(machines, calls=calls)
    stopped = threading.Event()

    def stopping(done: int, of: int) -> None:
        stopped.set()

    with pytest.raises(CallCancelledError):
        extract(TEXT * 20, found, cancelled=stopped.is_set, progress=stopping, threads=threads)
    made = len(calls.made)
    assert made < 100
    assert len(calls.made) == made


class Waiting(FakeModel):
    """A model that thinks about one hall until nobody wants its answer any more."""

    given_up = False

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        if "hall 1 " in text_of(request):
            until = time.monotonic() + 20
            while time.monotonic() < until and not (cancelled and cancelled()):
                time.sleep(0.01)
            self.given_up = time.monotonic() < until
            raise CallCancelledError("no longer wanted")
        return super().complete(request, cancelled=cancelled)


def test_what_ends_an_extraction_ends_the_calls_that_go_on() -> None:
    model = Waiting(machines)

    def refuse(done: int, of: int) -> None:
        raise StoreUnavailableError("the disk is full")

    with pytest.raises(StoreUnavailableError):
        extract(TEXT, line_to(model), threads=2, progress=refuse)
    assert model.given_up


def test_a_store_that_fails_ends_the_extraction() -> None:
    class Full(Calls):
        def record(self, call: Call, prompt: str, answer: str | None) -> None:
            raise StoreUnavailableError("the disk is full")

    with pytest.raises(StoreUnavailableError):
        extract(TEXT, fake_line(machines, calls=Full()))


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.sampled_from(["pump 1", "tank 2", "PUMP  3", "\ud800"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["text", "type", "subject", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)
spoken = st.fixed_dictionaries({"text": junk, "type": junk}, optional={"description": junk})
linked = st.fixed_dictionaries({"subject": junk, "predicate": junk, "object": junk}, optional={"description": junk})


@settings(max_examples=120)
@given(
    answers=st.lists(
        st.one_of(st.text(max_size=40), st.lists(spoken, max_size=4), st.lists(linked, max_size=4), st.lists(junk, max_size=3)),
        min_size=1, max_size=6,
    ),
    schema=st.booleans(),
    text=st.one_of(st.just(TEXT[:300]), st.text(max_size=80)),
)  # fmt: skip
def test_whatever_a_model_answers_every_span_is_proven_and_every_chunk_accounted_for(answers: list[Any], schema: bool, text: str) -> None:
    place = iter(range(10_000))

    def answer(request: ModelRequest) -> str:
        chosen = answers[next(place) % len(answers)]
        return chosen if isinstance(chosen, str) else said(request, chosen)

    calls = Calls()
    found = extract(text, fake_line(answer, schema=schema, calls=calls), threads=1)
    assert proven(text, found) and not tiling_problems(text, found.chunks)
    assert all(len(chunk.calls) <= 4 for chunk in found.chunks)
    assert sum(chunk.ungrounded for chunk in found.chunks) == len(found.ungrounded)
    for each in (*found.entities, *found.relations, *found.ungrounded):
        each.model_dump_json().encode("utf-8")


def test_documents_are_read_where_dspy_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['dspy'] = None\n"
        "from core.documents.tokens import BuiltinTokens\n"
        "from core.extraction import exports\n"
        "from core.extraction.extract import Plan, extract_text\n"
        "from core.extraction.read import Line\n"
        "from core.llm.gateway import Gateway\n"
        "from core.llm.providers.builtin import BuiltinProvider\n"
        "from core.llm.recorder import StoreRecorder\n"
        "from core.programs.generic import generic_prompts\n"
        "from core.store.stores import open_store\n"
        "gateway = Gateway({'builtin': BuiltinProvider()}, retries=0)\n"
        "recorder = StoreRecorder(open_store(sys.argv[1]))\n"
        "line = Line(generic_prompts(takes_schema=False), 'builtin/in-context', gateway, recorder)\n"
        "found = extract_text('Ada Lovelace met Charles Babbage.', line, Plan(tokens=BuiltinTokens()))\n"
        "print([each.text for each in found.entities])"
    )
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-c", code, f"sqlite:///{folder}/bench.db"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-400:]
    assert done.stdout.strip() == "['Ada Lovelace', 'Charles Babbage']"
