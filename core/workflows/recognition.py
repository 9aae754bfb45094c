"""Recognition: which domains a document may belong to now, and what each is known by."""

from collections.abc import Iterator
from itertools import islice

from core.classification.profiles import DomainText
from core.classification.recognizer import Recognizer, build
from core.datasets.versions import samples_at
from core.programs.deployed import production
from core.records.base import Record
from core.records.datasets import Dataset
from core.records.domains import GENERAL, Domain
from core.records.recognizer import RecognizerVersion
from core.records.samples import Split
from core.workbench import Workbench

LEARNED_FROM = (Split.TRAIN, Split.VAL, None)
"""Never the sealed test samples."""

SAMPLES = 500
"""Samples that a domain is known by, at most."""


class RecognitionState(Record):
    """What recognition rests on now, for people."""

    embedder: str
    languages: str | None
    candidates: tuple[str, ...]
    threshold: float


def candidates(bench: Workbench) -> list[Domain]:
    """The domains that a document may be given: those with a version in production or set ready by hand, never the general one."""
    known = bench.store.each(Domain, {"deleted": False})
    return [domain for domain in known if domain.name != GENERAL and (domain.set_ready or production(bench.store, domain.name))]


def recognition_state(bench: Workbench) -> RecognitionState:
    """Embedder, candidates and threshold; nothing is loaded for it."""
    return RecognitionState(
        embedder=bench.embedder.name, languages=bench.embedder.languages,
        candidates=tuple(domain.name for domain in candidates(bench)), threshold=bench.settings.classification_threshold,
    )  # fmt: skip


def recognizer(bench: Workbench, head: RecognizerVersion | None = None) -> Recognizer | None:
    """Made anew of what the domains are now, so that a description that was edited counts at once; None without a candidate.

    `head` = a trained one that knows just these domains.

    Raises:
        ModelError, MissingPartError: the embedder cannot be used.
    """
    known = [
        DomainText(name=domain.name, description=domain.description, samples=tuple(domain_texts(bench, domain.name)))
        for domain in candidates(bench)
    ]
    return build(bench.embedder, known, head=head) if known else None


def domain_texts(bench: Workbench, domain: str) -> Iterator[str]:
    """Texts of a domain's samples, without the sealed ones, at most `SAMPLES`."""
    datasets = [dataset for dataset in bench.store.each(Dataset, {"domain": domain}) if not dataset.deleted]
    samples = (sample for dataset in datasets for sample in samples_at(bench.store, dataset.name, dataset.change, LEARNED_FROM))
    return islice((sample.text for sample in samples), SAMPLES)
