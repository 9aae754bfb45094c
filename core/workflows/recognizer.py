"""Recognizer: training the head that tells the domains apart, its versions, and which of them is in use."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from uuid import uuid4

from core.classification.documents import Matrix, encode_documents, pooled
from core.classification.gates import gate_results
from core.classification.head import Head, packed, train_head
from core.classification.head_proof import prove
from core.embeddings.base import Embedder
from core.embeddings.cache import CachedEmbedder
from core.errors import AlreadyExistsError, BusyError, ModelUnavailableError, RequestError, TooFewSamplesError, UnknownNameError
from core.records.base import Record, now
from core.records.prompts import Stage
from core.records.recognizer import RecognizerVersion
from core.store.base import Operation, Put, Store
from core.store.owners import me
from core.workbench import Workbench
from core.workflows.recognition import candidates
from core.workflows.recognizer_examples import Gathered, OverrideCounts, count_overrides, examples, gather, texts_of

FEWEST = 5
"""Texts that every domain needs."""
FEWEST_TRAINING = 3
"""Of them for training."""
TIMED = 5
"""Documents of each domain whose recognition is timed."""
DECIDING_SECONDS = 10.0

Progress = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done, and of how much."""


class HeadState(Record):
    """The head in production and whether it can be used now; `why` says so in a sentence."""

    version: RecognizerVersion | None
    usable: bool
    why: str


def train_recognizer(bench: Workbench, *, seed: int = 1, progress: Progress | None = None) -> RecognizerVersion:
    """Train a head for the domains that documents may be given now, and keep it with its proof.

    It is taken into use where none is and it passes every gate; else it is a candidate.

    Raises:
        TooFewSamplesError: fewer than 2 domains are ready, or one of them has too few texts; the hint says what is missing.
        ModelError, MissingPartError: the embedder cannot be used.
        ConflictError: texts were deleted meanwhile.
    """
    told = progress or (lambda step, done, total: None)
    domains = candidates(bench)
    names = [domain.name for domain in domains]
    told("reading texts", 0, 1)
    gathered = gather(bench.store, names)
    _refuse_too_few(names, gathered)
    told("loading the embedder", 0, 1)
    digest = bench.embedder.digest
    count = len(gathered.training) + len(gathered.held_out)
    encoder = _Encoder(bench, digest, lambda done: told("encoding texts", done, count))
    training, held_out = (
        examples(bench.store, known, names=names, alike=gathered.alike, encode=encoder) for known in (gathered.training, gathered.held_out)
    )
    told("learning", 0, 1)
    head = train_head(training, held_out, len(names), seed=seed)
    told("timing", 0, 1)
    proof = prove(head, training, held_out, domains=names, latencies=_latencies(bench, head, names, gathered))
    gates = tuple(
        result for domain, figures in zip(domains, proof.figures, strict=True) for result in gate_results(domain.recognizer_gates, figures)
    )
    version = RecognizerVersion(
        id="", created_at=now(), embedder=bench.embedder.name, digest=digest, domains=tuple(names), weights=packed(head.weights),
        temperature=head.temperature, seed=seed, epochs=head.epochs, figures=proof.figures, confusion=proof.confusion,
        accuracy=proof.accuracy, training_loss=proof.training_loss, validation_loss=proof.validation_loss,
        calibration_error=proof.calibration_error, gates=gates,
    )  # fmt: skip
    return _kept(bench.store, version)


def recognizer_versions(bench: Workbench) -> list[RecognizerVersion]:
    """Every trained head, newest first."""
    return list(bench.store.each(RecognizerVersion, order="created_at", descending=True))


def get_recognizer(bench: Workbench, version: str | None = None) -> RecognizerVersion:
    """One version; without a name the one in production, else the newest. Raises UnknownNameError."""
    if version is None:
        newest = bench.store.page(RecognizerVersion, order="created_at", descending=True, limit=1)
        found = _production(bench.store) or next(iter(newest), None)
        if found is None:
            raise UnknownNameError("no recognizer was trained yet", hint="python -m core recognizer train")
        return found
    named = bench.store.get(RecognizerVersion, version)
    if named is None:
        newest = bench.store.page(RecognizerVersion, order="created_at", descending=True, limit=20)
        raise UnknownNameError.of("recognizer version", version, [each.id for each in newest])
    return named


def deploy_recognizer(bench: Workbench, version: str, *, by: str = "person", why: str = "") -> RecognizerVersion:
    """Take a version into production, whatever its gates say; the one before is retired in the same write.

    Doing it twice changes nothing.

    Raises:
        UnknownNameError: no such version.
        BusyError, StaleRevisionError: somebody else decides at the same moment.
    """
    get_recognizer(bench, version)
    with _deciding(bench.store):
        chosen = get_recognizer(bench, version)
        if chosen.stage is Stage.PRODUCTION:
            return chosen
        moment = now()
        operations: list[Operation] = [
            Put(record=each.model_copy(update={"stage": Stage.RETIRED, "since": moment, "by": by, "why": f"{version} took its place"}))
            for each in bench.store.each(RecognizerVersion, {"stage": Stage.PRODUCTION.value})
        ]
        taken = chosen.model_copy(update={"stage": Stage.PRODUCTION, "since": moment, "by": by, "why": why})
        bench.store.write([*operations, Put(record=taken)])
    return get_recognizer(bench, version)


def rollback_recognizer(bench: Workbench, *, by: str = "person") -> RecognizerVersion:
    """Take the version that was in production before into use again. A second rollback undoes the first.

    Raises:
        RequestError: nothing is in production, or nothing was before.
        BusyError, StaleRevisionError: as `deploy_recognizer`.
    """
    current = _production(bench.store)
    before = list(bench.store.each(RecognizerVersion, {"stage": Stage.RETIRED.value}))
    if current is None or not before:
        raise RequestError(
            "no recognizer was in production before" if current else "no recognizer is in production",
            hint="python -m core recognizer list shows what can be deployed",
        )
    last = max(before, key=lambda each: (each.since, each.created_at))
    return deploy_recognizer(bench, last.id, by=by, why=f"rollback from {current.id}")


def head_state(bench: Workbench) -> HeadState:
    """Whether the head in production can be used now. Where there is one, the embedder may be loaded: raises as `Embedder.digest`."""
    version = _production(bench.store)
    if version is None:
        return HeadState(version=None, usable=False, why="no trained recognizer is in production: descriptions and samples decide")
    names = [domain.name for domain in candidates(bench)]
    if why := _other_domains(version, names):
        return HeadState(version=version, usable=False, why=f"{why}: train the recognizer again")
    embedder = bench.embedder
    if version.digest != embedder.digest:
        models = f"{version.embedder} ({version.digest[:12]}), and {embedder.name} ({embedder.digest[:12]}) is in use"
        return HeadState(version=version, usable=False, why=f"it was trained with {models}: train the recognizer again")
    return HeadState(version=version, usable=True, why=f"{version.id} tells the domains apart")


def current_head(bench: Workbench) -> RecognizerVersion | None:
    """The head in production if it knows just the domains and the embedder of now; `head_state` says why not. Raises as that."""
    state = head_state(bench)
    return state.version if state.usable else None


def override_counts(bench: Workbench) -> OverrideCounts:
    """How many domains of documents were set by a person, and how many of them a head would learn from now."""
    return count_overrides(bench.store, [domain.name for domain in candidates(bench)])


class _Encoder:
    """Documents to vectors of one embedder, which must not change meanwhile."""

    def __init__(self, bench: Workbench, digest: str, told: Callable[[int], None]) -> None:
        self._bench, self._digest, self._told = bench, digest, told
        self._done = 0

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, dimensions). Raises as `Embedder.encode`."""
        self._told(self._done)
        encoded = encode_documents(self._bench.embedder, texts, characters=self._bench.settings.classification_characters)
        if encoded.digest != self._digest:
            raise ModelUnavailableError(f"the model behind {encoded.embedder} was replaced meanwhile", hint="train again")
        self._done += len(texts)
        self._told(self._done)
        return pooled(encoded)


def _refuse_too_few(names: Sequence[str], gathered: Gathered) -> None:
    if len(names) < 2:
        raise TooFewSamplesError(
            f"a recognizer tells domains apart, and {len(names)} {'is' if len(names) == 1 else 'are'} ready: it needs 2",
            hint="train a domain's prompts, or set it ready: python -m core domains ready NAME",
        )
    missing: dict[str, int] = {}
    for name in names:
        learned = sum(known.domain == name for known in gathered.training)
        every = learned + sum(known.domain == name for known in gathered.held_out)
        if (lacking := max(FEWEST - every, FEWEST_TRAINING - learned)) > 0:
            missing[name] = lacking
    if missing:
        raise TooFewSamplesError(
            f"every domain needs {FEWEST} texts, {FEWEST_TRAINING} of them for training; too few have {', '.join(missing)}",
            hint=f"add samples (none of them for test) or set the domain of documents by hand: "
            f"{', '.join(f'{count} more of {name}' for name, count in missing.items())}",
        )


def _latencies(bench: Workbench, head: Head, names: Sequence[str], gathered: Gathered) -> dict[str, float]:
    """Median milliseconds for a document of the length that is looked at, made of a domain's texts; encoded, never remembered."""
    embedder: Embedder = bench.embedder.embedder if isinstance(bench.embedder, CachedEmbedder) else bench.embedder
    characters = bench.settings.classification_characters

    def timed(text: str) -> float:
        began = time.perf_counter()
        head.logs(pooled(encode_documents(embedder, [text], characters=characters)))
        return (time.perf_counter() - began) * 1000

    found: dict[str, float] = {}
    for name in names:
        known = [each for each in (*gathered.held_out, *gathered.training) if each.domain == name][: TIMED * 2]
        texts = texts_of(bench.store, known)
        documents = [_filled(texts[place:] + texts[:place], characters) for place in range(min(TIMED, len(texts)))]
        if not found:
            timed(documents[0])  # the first of all is slower
        found[name] = median(timed(document) for document in documents)
    return found


def _filled(texts: Sequence[str], characters: int) -> str:
    text = " ".join(texts)
    return " ".join([text] * (characters // (len(text) + 1) + 1))[:characters]


def _kept(store: Store, version: RecognizerVersion) -> RecognizerVersion:
    """Stored under an id of its own: the second, numbered where two would collide."""
    stem = f"recognizer-v{version.created_at:%Y%m%d_%H%M%S}"
    with _deciding(store):
        decided = _decided(version, _production(store))
        number = 1
        while True:
            name = stem if number == 1 else f"{stem}-{number}"
            try:
                store.write([Put(record=decided.model_copy(update={"id": name}))])
            except AlreadyExistsError:
                number += 1
                continue
            return store.get(RecognizerVersion, name) or decided


def _decided(version: RecognizerVersion, current: RecognizerVersion | None) -> RecognizerVersion:
    failed = sum(not gate.passed for gate in version.gates)
    passed = "every gate passed" if not failed else f"{failed} of {len(version.gates)} gates failed"
    if failed == 0 and current is None:
        return version.model_copy(update={"stage": Stage.PRODUCTION, "why": f"{passed}, and none was in production"})
    return version.model_copy(update={"why": f"{passed}; {current.id} is in production" if current else passed})


def _production(store: Store) -> RecognizerVersion | None:
    found = store.page(RecognizerVersion, {"stage": Stage.PRODUCTION.value}, limit=10)
    return max(found, key=lambda each: each.since, default=None)


def _other_domains(version: RecognizerVersion, names: Sequence[str]) -> str:
    new = [name for name in names if name not in version.domains]
    gone = [name for name in version.domains if name not in names]
    said = [f"it does not know {', '.join(new)}"] if new else []
    return " and ".join([*said, f"it knows {', '.join(gone)}, which no document may be given now"] if gone else said)


@contextmanager
def _deciding(store: Store) -> Iterator[None]:
    """Nobody else decides which head is in use meanwhile. Raises BusyError."""
    lease = store.acquire("recognizer", me(uuid4().hex), seconds=DECIDING_SECONDS)
    if lease is None:
        raise BusyError("somebody else decides about the recognizer", hint="look at its versions in a moment")
    try:
        yield
    finally:
        store.release(lease)
