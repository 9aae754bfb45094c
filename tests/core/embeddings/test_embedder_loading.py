import subprocess
import sys
import threading

import pytest

from core.embeddings.embedders import open_embedder
from core.embeddings.fake import FakeEmbedder
from core.embeddings.ollama import OllamaEmbedder
from core.embeddings.sentence_transformers import SentenceTransformerEmbedder
from core.embeddings.thresholds import thresholds_of
from core.embeddings.warm_up import warm_up
from core.errors import InvalidValueError, ModelNotFoundError, ModelUnavailableError


class Slow(FakeEmbedder):
    """Loads when it is let; fails as often as told, with the given error."""

    def __init__(self, *failures):
        super().__init__("slow")
        self._loaded = False
        self.failures = list(failures)
        self.opened = 0
        self.go = threading.Event()
        self.go.set()

    def _open(self):
        self.go.wait(30)
        self.opened += 1
        if self.failures:
            raise self.failures.pop(0)


def test_importing_the_registry_imports_nothing_heavy():
    code = (
        "import sys, core.embeddings.embedders, core.embeddings.cache, core.embeddings.similarity, core.embeddings.warm_up;"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'scipy', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def test_the_name_decides_what_kind_of_embedder_it_is():
    assert isinstance(open_embedder("fake"), FakeEmbedder)
    assert open_embedder("minilm").languages == "English"
    ollama = open_embedder("ollama/bge-m3", ollama_base_url="http://127.0.0.1:1")
    assert isinstance(ollama, OllamaEmbedder)
    assert (ollama.model, ollama.base_url) == ("bge-m3", "http://127.0.0.1:1")
    ollama.close()
    named = open_embedder("BAAI/bge-m3")
    assert isinstance(named, SentenceTransformerEmbedder)
    assert not named.loaded


@pytest.mark.parametrize("name", ["", "  ", "ollama/"])
def test_a_missing_name_is_refused_with_the_names_there_are(name):
    with pytest.raises(InvalidValueError) as caught:
        open_embedder(name)
    assert "minilm" in caught.value.hint


@pytest.mark.parametrize("name", ["BAAI/bge-m3", "ollama/bge-m3:latest", "/models/bge-m3"])
def test_bge_m3_has_its_thresholds_wherever_it_runs(name):
    assert (thresholds_of(name).entity, thresholds_of(name).relation) == (0.75, 0.70)


def test_an_unknown_embedder_takes_those_of_minilm_and_says_so():
    unknown, minilm = thresholds_of("acme/other"), thresholds_of("minilm")
    assert (unknown.entity, unknown.relation) == (minilm.entity, minilm.relation)
    assert "acme/other" in unknown.note


def test_many_threads_load_it_once():
    embedder = Slow()
    threads = [threading.Thread(target=embedder.load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert embedder.opened == 1
    assert embedder.loaded


def test_a_failure_is_remembered_and_not_tried_again_unasked():
    embedder = Slow(ModelNotFoundError("gone", hint="look"))
    for _ in range(3):
        with pytest.raises(ModelNotFoundError, match="gone"):
            embedder.load()
    assert embedder.opened == 1
    assert embedder.problem.hint == "look"
    embedder.load(again=True)
    assert embedder.loaded
    assert embedder.problem is None


def test_a_passing_failure_is_tried_again_after_a_while():
    embedder = Slow(ModelUnavailableError("down"))
    for _ in range(2):
        with pytest.raises(ModelUnavailableError):
            embedder.load()
    embedder._retry_at = 0.0
    embedder.load()
    assert embedder.opened == 2


def test_a_page_that_waits_sees_loading_then_ready():
    embedder = Slow()
    embedder.go.clear()
    warming = warm_up(embedder)
    state = warming.state()
    assert state.phase == "loading"
    assert state.text.startswith("loading the embedder slow, ")
    assert state.text.endswith(" s so far")
    embedder.go.set()
    ended = warming.wait(30)
    assert ended.phase == "ready"
    assert warming.state().seconds == ended.seconds


def test_a_page_that_waits_sees_why_loading_failed():
    ended = warm_up(Slow(ModelUnavailableError("no weights", hint="fetch them"))).wait(30)
    assert (ended.phase, ended.problem, ended.hint) == ("failed", "no weights", "fetch them")
    assert "no weights" in ended.text
