"""Recognition as people use it: real files, the packaged embedder, their own word above the recognizer's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from core.embeddings.cache import CachedEmbedder
from core.embeddings.embedders import open_embedder
from core.errors import InvalidValueError, UnknownNameError
from core.records.documents import Classification, Document
from core.records.models import Text
from core.store.stores import open_store
from core.workbench import Workbench
from core.workflows.classify import Classified, classify, override, override_count
from core.workflows.documents import Upload, document_text
from core.workflows.domains import DomainChange, create_domain, set_ready, update_domain
from core.workflows.recognition import recognition_state
from core.workflows.samples import FOLDER, sample_documents

FIELDS = {
    "cooking": "Recipes: ingredients with amounts, and the steps by which a dish is cooked or baked.",
    "football": "Match reports of football games: teams, goals, players, referees and results.",
    "astronomy": "Texts about stars, planets, galaxies, telescopes and what they observed.",
}
TEXTS = {
    "cooking": "Whisk the eggs with sugar, fold in the flour and the melted butter, and bake the batter for forty minutes until golden.",
    "football": "The visitors led after a corner in the tenth minute; the keeper saved a penalty, and the home side lost two to one.",
    "astronomy": "The telescope followed the comet past Jupiter and measured the faint light of the galaxy behind its tail.",
}
FOREIGN = (
    "Line 14 asks for your taxable income after deductions. Enclose the statement of your employer and sign the form before "
    "it is returned to the revenue office; late returns are charged a fee of two percent a month."
)


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CachedEmbedder]:
    """The packaged embedder, with one memory for all tests here: the background is encoded once."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('vectors')}/vectors.db")
    yield CachedEmbedder(open_embedder("minilm"), store)
    store.close()


@pytest.fixture
def fields(bench: Workbench, minilm: CachedEmbedder) -> Workbench:
    """Three fields described in a sentence each, set ready by hand."""
    for name, description in FIELDS.items():
        create_domain(bench, name, description)
        set_ready(bench, name)
    return replace(bench, embedder=minilm)


def uploads(**texts: str) -> list[Upload]:
    return [Upload(name=f"{name}.txt", content=text.encode()) for name, text in texts.items()]


def one(bench: Workbench, text: str, **how: float) -> Classification:
    (found,) = classify(bench, uploads(document=text), threshold=how.get("threshold"))
    assert found.classification is not None
    return found.classification


def test_a_sentence_of_description_is_enough_to_tell_fields_apart(fields: Workbench) -> None:
    found = list(classify(fields, uploads(**TEXTS)))
    assert [each.file for each in found] == [f"{name}.txt" for name in TEXTS]
    assert [each.classification.domain for each in found if each.classification] == list(TEXTS)
    for each in found:
        assert each.classification and each.classification.alternatives[0].domain == each.classification.domain
        assert len(each.classification.alternatives) == 3


def test_a_document_of_none_of_them_is_general(fields: Workbench) -> None:
    said = one(fields, FOREIGN)
    assert said.domain == "general"
    assert said.none is not None and said.none > 0.5


def test_a_lone_domain_does_not_win_what_is_not_its_own(bench: Workbench, minilm: CachedEmbedder) -> None:
    create_domain(bench, "cooking", FIELDS["cooking"])
    set_ready(bench, "cooking")
    alone = replace(bench, embedder=minilm)
    assert one(alone, TEXTS["cooking"]).domain == "cooking"
    assert one(alone, FOREIGN).domain == "general"


def test_only_domains_that_are_ready_are_candidates_and_never_the_general_one(fields: Workbench) -> None:
    create_domain(fields, "knitting", "Patterns for knitting scarves, socks and pullovers.")
    assert recognition_state(fields).candidates == tuple(sorted(FIELDS))


def test_without_any_candidate_every_document_is_general_and_the_confidence_is_unknown(bench: Workbench) -> None:
    (found,) = classify(bench, uploads(a="Any text."))
    assert found.classification is not None
    assert (found.classification.domain, found.classification.confidence, found.classification.none) == ("general", None, None)


def test_an_edited_description_is_seen_by_the_next_call(fields: Workbench) -> None:
    assert one(fields, TEXTS["astronomy"]).domain == "astronomy"
    for one_of_them, other in (("astronomy", "football"), ("football", "astronomy")):
        update_domain(fields, one_of_them, DomainChange(description=FIELDS[other]))
    assert one(fields, TEXTS["astronomy"]).domain == "football"


def test_the_threshold_decides_who_becomes_general(fields: Workbench) -> None:
    sure = one(fields, TEXTS["cooking"], threshold=0.0)
    assert sure.recognized == "cooking"
    assert one(fields, TEXTS["cooking"], threshold=1.0).domain == "general"
    with pytest.raises(InvalidValueError, match="threshold"):
        classify(fields, [], threshold=1.5)


def test_a_bad_file_is_named_and_stops_no_other(fields: Workbench, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXTS["cooking"])
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    (tmp_path / "c.txt").write_text(TEXTS["football"])
    found = list(classify(fields, [tmp_path / "a.txt", tmp_path / "b.pdf", tmp_path / "c.txt", tmp_path / "gone.txt"]))
    assert [each.error is None for each in found] == [True, False, True, False]
    assert all(each.hint for each in found if each.error)


def test_documents_are_kept_with_their_text_once_whatever_they_are_called(fields: Workbench) -> None:
    first, again = classify(fields, [Upload("a.txt", TEXTS["cooking"].encode()), Upload("b.txt", TEXTS["cooking"].encode())])
    assert first.document and again.document and first.document.id == again.document.id
    assert document_text(fields, first.document.id) == TEXTS["cooking"]
    assert fields.store.count(Document) == fields.store.count(Text) == fields.store.count(Classification) == 1


def test_a_persons_word_stands_above_the_recognizers_and_stays_when_the_document_comes_again(fields: Workbench) -> None:
    found = [each for each in classify(fields, uploads(**TEXTS)) if each.document]
    ids = [each.document.id for each in found[:2] if each.document]
    changed = override(fields, ids, "general")
    assert [(each.domain, each.overridden, each.recognized) for each in changed] == [
        ("general", True, "cooking"), ("general", True, "football"),
    ]  # fmt: skip
    assert override_count(fields) == 2
    again = one(fields, TEXTS["cooking"])
    assert (again.domain, again.recognized, again.overridden) == ("general", "cooking", True)
    override(fields, ids[:1], None)
    assert one(fields, TEXTS["cooking"]).domain == "cooking"
    assert override_count(fields) == 1


def test_an_override_names_what_does_not_exist_and_then_changes_nothing(fields: Workbench) -> None:
    found = one(fields, TEXTS["cooking"])
    with pytest.raises(UnknownNameError, match="nowhere"):
        override(fields, [found.document], "nowhere")
    with pytest.raises(UnknownNameError, match="document"):
        override(fields, [found.document, "f" * 64], "football")
    assert override_count(fields) == 0


def test_the_shipped_documents_are_recognized(bench: Workbench, minilm: CachedEmbedder) -> None:
    names = sorted(path.parent.name for path in FOLDER.glob("*/domain.yml"))
    for name in names:
        described = yaml.safe_load((FOLDER / name / "domain.yml").read_text(encoding="utf-8"))["description"]
        create_domain(bench, name, " ".join(described.split()))
        set_ready(bench, name)
    ready = replace(bench, embedder=minilm)
    wanted = [(name, path) for name in names for path in sample_documents(name)]
    found: list[Classified] = list(classify(ready, [path for _, path in wanted]))
    right = sum(
        each.classification is not None and each.classification.domain == name for (name, _), each in zip(wanted, found, strict=True)
    )
    assert right >= 0.8 * len(wanted)  # from the descriptions alone; with samples the benchmark asks for 0.95
