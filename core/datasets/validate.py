"""One sample in the native shape, checked and aligned: the same for every format, the API and manual entry."""

from dataclasses import dataclass, field
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from core.datasets.entities import Found, read_entities
from core.datasets.links import Linked, link
from core.datasets.quick import Gold, Plain, quick
from core.datasets.shapes import as_name, as_object, as_objects, as_text, checked, quoted
from core.errors import InvalidValueError
from core.records.samples import OPEN, Entity, Relation, Sample, Split, sample_key
from core.records.trusted import trusted

MAX_TEXT = 1_000_000
"""Bytes of UTF-8."""
KEYS = frozenset({"text", "entities", "relations", "id", "split", "metadata", "source", "author"})


@dataclass(slots=True)
class Draft:
    """A sample that is right in itself, before it has a dataset, a split and a place in its history."""

    text: str
    text_hash: str
    gold: Gold | None = None
    """Entities and relations; None = not made yet, they are in `plain`."""
    plain: Plain | None = None
    id: str | None = None
    split: Split | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    source: str = "import"
    author: str = "import"
    line: int = 0
    raw: bytes = b""

    @property
    def entities(self) -> tuple[Entity, ...] | None:
        """Mentions; None = not annotated."""
        return self._made()[0]

    @property
    def relations(self) -> tuple[Relation, ...] | None:
        """Links between them; None = not annotated."""
        return self._made()[1]

    def _made(self) -> Gold:
        if self.gold is None:
            self.gold = self.plain.records() if self.plain is not None else (None, None)
        return self.gold

    def sample(self, dataset: str, since: int, split: Split | None) -> Sample:
        """The record: a revision that holds from change `since` on."""
        name = self.name(since)
        key = sample_key(dataset, name, since)
        values = {
            "entities": self.entities, "relations": self.relations, "key": key, "id": name,
            "dataset": dataset, "text": self.text, "text_hash": self.text_hash, "split": split, "since": since, "until": OPEN,
            "author": self.author, "source": self.source, "metadata": self.metadata,
        }  # fmt: skip
        return trusted(Sample, values)

    def written(self, dataset: str, since: int, split: Split | None) -> tuple[Any, ...] | None:
        """What `PutWritten` takes: the same record without making it, a third of the work; None = only `sample` can tell it."""
        if self.plain is None or self.metadata:
            return None
        name = self.name(since)
        key = sample_key(dataset, name, since)
        chosen = f'"{split}"' if split else "null"
        own, ours = encode_basestring(name), encode_basestring(dataset)
        body = (
            f'{{{self.plain.body()},"key":{ours[:-1]}/{own[1:-1]}@{since}","id":{own},"dataset":{ours},'
            f'"text":{encode_basestring(self.text)},"text_hash":"{self.text_hash}","split":{chosen},'
            f'"since":{since},"until":{OPEN},"author":{encode_basestring(self.author)},"source":{encode_basestring(self.source)},"metadata":{{}}}}'
        )
        return key, dataset, name, self.text_hash, split, since, OPEN, body

    def name(self, since: int) -> str:
        """The sample's id.

        Without an id it is named after change, line and text: in the order of the file, which also keeps a store's
        indexes from being written all over, and the same when an interrupted import is repeated.
        """
        return self.id or f"{since}.{self.line:07}.{self.text_hash[:8]}"


def read_sample(value: object) -> Draft:
    """Check one sample in native shape (least or full form) and align its names to the text.

    Raises:
        InvalidValueError: what was found and what was expected.
    """
    if type(value) is not dict:
        raise InvalidValueError(
            f"found {quoted(value)} where a sample is expected", hint='one JSON object a line: {"text": "...", "entities": [...]}'
        )
    text, digest = _text(value)
    draft = Draft(text, digest)
    given = value.get("entities")
    found = Found()
    if type(given) is list and (fast := quick(text, given, value.get("relations"))) is not None:
        draft.plain = fast
        if len(value) > 3 or not value.keys() <= _LEAST:
            _more(draft, value)
        return draft
    if given is not None:
        found = read_entities(text, as_objects(given, "entities"))
        if found.extra:
            draft.metadata["extra"] = {"entities": found.extra}
    links = value.get("relations")
    relations = None if links is None else link(as_objects(links, "relations"), Linked(found))
    draft.gold = (None if given is None else found.records, relations)
    if len(value) > 1 and not value.keys() <= _LEAST:
        _more(draft, value)
    return draft


_LEAST = frozenset({"text", "entities", "relations"})


def _text(value: dict[str, Any]) -> tuple[str, str]:
    if "text" not in value:
        raise InvalidValueError("there is no text", hint='the key "text" must hold the text of the sample')
    text = value["text"]
    if type(text) is not str:
        raise InvalidValueError(f"text is {quoted(text)} where a string is expected", hint='write "text": "..."')
    if not text or text.isspace():
        raise InvalidValueError(
            "the text is empty" if not text else "the text is only white space", hint="leave the line out, or give it a text"
        )
    encoded = text.encode("utf-8")
    if len(encoded) > MAX_TEXT:
        raise InvalidValueError(
            f"the text has {len(encoded):,} bytes, at most {MAX_TEXT:,} are allowed", hint="split it into several samples"
        )
    return text, sha256(encoded).hexdigest()


def _more(draft: Draft, value: dict[str, Any]) -> None:
    """Id, split, metadata, provenance, and keys that are not ours, which are kept."""
    draft.id = as_name(value.get("id"), "the id of the sample")
    split = value.get("split")
    if split is not None:
        if type(split) is not str or split not in _SPLITS:
            raise InvalidValueError(f"split is {quoted(split)}", hint="one of train, val, test; leave it out to have it chosen")
        draft.split = Split(split)
    if value.get("metadata") is not None:
        metadata = as_object(value["metadata"], "metadata", '{"name": value}')
        draft.metadata = checked(dict(metadata)) | draft.metadata
    if more := {key: item for key, item in value.items() if key not in KEYS}:
        extra = draft.metadata.get("extra")
        draft.metadata["extra"] = (extra if isinstance(extra, dict) else {"extra": extra} if extra is not None else {}) | checked(more)
    for name in ("source", "author"):
        if value.get(name) is not None:
            setattr(draft, name, as_text(value[name], name))


_SPLITS = frozenset(split.value for split in Split)
