"""The entities of one sample: given with their places, or by name and then found in the text."""

from typing import Any, NamedTuple

from core.datasets import align
from core.datasets.shapes import as_name, as_number, as_object, as_text, checked, quoted
from core.errors import InvalidValueError
from core.records.samples import Entity
from core.records.trusted import trusted

MAX_MENTIONS = 10_000
"""Entity records of one sample."""
ENTITY_KEYS = frozenset({"id", "text", "type", "start", "end", "source", "description", "score"})
_FIELDS = ("id", "text", "type", "start", "end", "source", "description", "score")


Place = tuple[int | None, int | None, str]


class Found(NamedTuple):
    """The records in their order, what each given id and each given name stands for, and keys that are not ours by entity id."""

    records: tuple[Entity, ...] = ()
    ids: dict[str, list[Entity]] = {}
    names: dict[str, list[Entity]] = {}
    extra: dict[str, Any] = {}


def read_entities(text: str, given: list[Any]) -> Found:
    """Every mention as a record of its own; a name that is not in the text becomes one ungrounded record.

    Raises:
        InvalidValueError: an entity that is not right, or more than `MAX_MENTIONS` of them.
    """
    fixed, names = _sorted_out(text, given)
    taken = [(entity["start"], entity["end"]) for entity in fixed if entity["start"] is not None]
    found = align.find_all(text, [entity["text"] for entity in names], taken) if names else []
    builder = _Builder({entity["id"] for entity in (*fixed, *names)})
    for entity in fixed:
        builder.add(entity, [(entity["start"], entity["end"], entity["text"])], entity["score"])
    for entity, mentions in zip(names, found, strict=True):
        places: list[Place] = [(start, end, text[start:end]) for start, end in mentions.spans]
        builder.add(entity, places or [(None, None, entity["text"])], mentions.score)
    return Found(tuple(builder.records), builder.ids, builder.names, builder.extra)


class _Builder:
    """Makes the records; the same place with the same type counts once, unless each has an id of its own."""

    def __init__(self, used: set[str | None]) -> None:
        self.records: list[Entity] = []
        self.ids: dict[str, list[Entity]] = {}
        self.names: dict[str, list[Entity]] = {}
        self.extra: dict[str, Any] = {}
        self._used = used
        self._seen: dict[tuple[int | None, int | None, str | None, str], Entity] = {}

    def add(self, entity: dict[str, Any], places: list[Place], score: float | None) -> None:
        """One given entity at all of its places."""
        given, kind = entity["id"], entity["type"]
        own = self.names.setdefault(entity["text"], [])
        for number, (start, end, covered) in enumerate(places):
            mark = (start, end, kind, covered)
            record = self._seen.get(mark)
            if record is None or (given is not None and number == 0):
                name = given if given is not None and number == 0 else self._free()
                values = {"id": name, "text": covered, "type": kind, "start": start, "end": end, "source": entity["source"]}
                values["description"] = entity["description"]
                values["score"] = score
                record = self._seen[mark] = trusted(Entity, values)
                self.records.append(record)
                if entity["more"]:
                    self.extra[name] = entity["more"]
            own.append(record)
            if given is not None:
                self.ids.setdefault(given, []).append(record)
        if len(self.records) > MAX_MENTIONS:
            raise InvalidValueError(f"more than {MAX_MENTIONS:,} mentions of entities", hint="split the text into several samples")

    def _free(self) -> str:
        number = len(self.records) + 1
        while (name := f"e{number}") in self._used:
            number += 1
        self._used.add(name)
        return name


def _sorted_out(text: str, given: list[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Entities with a place (or said to have none), and names that are to be found; every id at most once."""
    fixed: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    ids = set()
    for item in given:
        entity = _plain(item) if type(item) is str else _entity(text, item)
        if entity["id"] is not None:
            if entity["id"] in ids:
                raise InvalidValueError(
                    f"two entities have the id {quoted(entity['id'])}", hint="give every entity an id of its own, or none"
                )
            ids.add(entity["id"])
        (fixed if entity["placed"] else names).append(entity)
    return fixed, names


def _plain(name: str) -> dict[str, Any]:
    if not name or name.isspace():
        raise InvalidValueError("the name of an entity is empty", hint="give its words as they stand in the text")
    entity: dict[str, Any] = {"id": None, "text": name, "type": None, "start": None, "end": None, "source": "import"}
    return entity | {"description": None, "score": None, "placed": False, "more": None}


def _entity(text: str, item: object) -> dict[str, Any]:
    found = as_object(item, "an entity", 'a name, or {"text": ..., "type": ..., "start": ..., "end": ...}')
    start, end = found.get("start"), found.get("end")
    placed = "start" in found or "end" in found
    if start is not None or end is not None:
        _check_span(text, start, end)
    name = found.get("text", text[start:end] if start is not None else None)
    entity = _plain(as_text(name, "the text of an entity"))
    if start is not None and text[start:end] != name:
        raise InvalidValueError(
            f"the text from {start} to {end} is {quoted(text[start:end])}, but the entity says {quoted(name)}",
            hint="offsets count Unicode code points and the end is exclusive; leave both out to have the name found",
        )
    entity |= {"start": start, "end": end, "placed": placed, "id": as_name(found.get("id"), "the id of an entity")}
    entity |= {key: as_text(found[key], f"{key} of an entity") or None for key in ("type", "description") if found.get(key) is not None}
    if found.get("source") is not None:
        entity["source"] = as_text(found["source"], "source of an entity")
    entity["score"] = as_number(found.get("score"), "score of an entity")
    more = {key: value for key, value in found.items() if key not in ENTITY_KEYS}
    return entity | {"more": checked(more) or None}


def _check_span(text: str, start: object, end: object) -> None:
    for name, value in (("start", start), ("end", end)):
        if type(value) is not int:
            raise InvalidValueError(
                f"{name} of an entity is {quoted(value)} where a whole number is expected",
                hint="give both offsets as whole numbers, or neither",
            )
    assert isinstance(start, int) and isinstance(end, int)
    if not 0 <= start < end <= len(text):
        raise InvalidValueError(
            f"offsets {quoted(start)} to {quoted(end)} are no span of a text of {len(text)} characters",
            hint="0 <= start < end <= length; offsets count Unicode code points and the end is exclusive",
        )
