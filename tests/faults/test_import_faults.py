"""Imports that die, in a process of their own, at any moment."""

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import BusyError, UnreadableFileError
from core.records.datasets import Dataset
from core.records.samples import Sample
from core.store.owners import alive, me
from core.store.stores import open_store
from core.workflows.datasets import freeze_version, list_datasets
from core.workflows.exports import write_samples
from core.workflows.imports import import_samples

ROOT = Path(__file__).parents[2]
CHILD = """
import sys, pathlib
from types import SimpleNamespace
from core.datasets import intake
from core.store.stores import open_store
from core.workflows.imports import import_samples
intake.BATCH, intake.BUFFER = 100, 300
print("began", flush=True)
import_samples(SimpleNamespace(store=open_store(sys.argv[1])), dataset="d", source=pathlib.Path(sys.argv[2]))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("import") / "many.jsonl"
    with path.open("w") as out:
        for number in range(6000):
            out.write(f'{{"text": "Unit {number} drives pump {number % 7}.", "entities": ["Unit {number}"], "relations": []}}\n')
            if number % 500 == 3:
                out.write('{"text": "cut\n')
    return path


def exported(url):
    store = open_store(url)
    bench = SimpleNamespace(store=store)
    out = io.BytesIO()
    write_samples(bench, dataset="d", file=out)
    version = freeze_version(bench, "d")
    rows = store.count(Sample)
    assert store.check() == []
    store.close()
    return out.getvalue(), version.content_hash, version.change, rows


def child(url, file):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", CHILD, url, str(file)], stdout=subprocess.PIPE, env=environment, cwd=ROOT)


@pytest.fixture(scope="module")
def whole(file, tmp_path_factory):
    """What one import gives that nobody disturbs, and how many seconds it takes."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole')}/w.db"
    process = child(url, file)
    assert process.stdout.readline() == b"began\n"
    began = time.monotonic()
    assert process.communicate()[0] == b"done\n"
    return exported(url), time.monotonic() - began


@pytest.mark.parametrize("round", range(10))
def test_an_import_that_was_killed_and_repeated_equals_one_import(round, file, whole, tmp_path):
    result, seconds = whole
    url = f"sqlite:///{tmp_path}/w.db"
    process = child(url, file)
    assert process.stdout.readline() == b"began\n"
    time.sleep(random.Random(round).random() * seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = open_store(url)
    if list_datasets(SimpleNamespace(store=store)):
        assert freeze_version(SimpleNamespace(store=store), "d").counts.total == 6000, "part of an import was published"
    store.close()
    assert child(url, file).communicate()[0] == b"began\ndone\n"
    assert exported(url) == result


def test_of_two_importers_at_once_one_is_told_to_wait_and_the_result_is_that_of_one(file, whole, tmp_path):
    url = f"sqlite:///{tmp_path}/w.db"
    first = child(url, file)
    assert first.stdout.readline() == b"began\n"
    store = open_store(url)
    bench = SimpleNamespace(store=store)
    while store.lease("import:d") is None and first.poll() is None:
        time.sleep(0.005)
    with pytest.raises(BusyError, match="another import"):
        import_samples(bench, dataset="d", source=file)
    assert first.communicate()[0] == b"done\n"
    store.close()
    assert exported(url) == whole[0]


def test_two_imports_of_the_same_texts_into_two_datasets_agree_on_every_split(file, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/w.db")
    bench = SimpleNamespace(store=store)
    lines = file.read_bytes().splitlines(keepends=True)
    sources = {"a": b"".join(lines[:3000]), "b": b"".join(reversed(lines[:3000]))}
    failed = []

    def work(name):
        try:
            import_samples(bench, dataset=name, source=io.BytesIO(sources[name]))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(name,)) for name in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    splits = {name: {each.text_hash: each.split for each in store.each(Sample, {"dataset": name})} for name in sources}
    assert splits["a"] == splits["b"] and len(splits["a"]) == 2994
    store.close()


def test_an_import_that_fails_in_the_middle_leaves_nothing(file, tmp_path):
    class Broken(io.BytesIO):
        def readline(self, limit=-1, /):
            if self.tell() > 200_000:
                raise OSError(5, "Input/output error")
            return super().readline(limit)

    store = open_store(f"sqlite:///{tmp_path}/w.db")
    bench = SimpleNamespace(store=store)
    with pytest.raises(UnreadableFileError, match="Input/output"):
        import_samples(bench, dataset="d", source=Broken(file.read_bytes()))
    assert store.count(Sample) == 0 and store.get(Dataset, "d") is None
    assert import_samples(bench, dataset="d", source=file).added == 6000
    store.close()


def test_a_process_is_told_from_a_later_one_of_the_same_number():
    assert alive(me()) and alive(me("part"))
    host, pid, born = me().split(":")
    assert not alive(f"{host}:{pid}:{float(born) - 100:.2f}")
    assert alive(f"elsewhere:{pid}:1.00"), "nothing is known of other hosts"
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert not alive(f"{host}:{process.pid}:{born}")
