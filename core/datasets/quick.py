"""The usual line of an import, fast: plain names that stand in the text as words, relations between these names.

Gives exactly what the general way gives (`entities`, `links`), or nothing where a line needs more than that. It keeps only
places and predicates: records are made when somebody asks for them, which an import of a large file never does.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from core.datasets.align import is_word
from core.records.samples import Entity, Relation
from core.records.trusted import trusted

MOST = 12
"""Names of one line; with more, the pairwise look for nested names costs more than it saves."""

Gold = tuple[tuple[Entity, ...] | None, tuple[Relation, ...] | None]


class Plain(NamedTuple):
    """Mentions as (name, start, end), and relations as (position of one mention, predicate, of the other), each once."""

    mentions: list[tuple[str, int, int]]
    links: dict[tuple[int, str, int], None] | None

    def records(self) -> Gold:
        """Entities and relations."""
        entities = tuple(_entity(number, *mention) for number, mention in enumerate(self.mentions, start=1))
        if self.links is None:
            return entities, None
        return entities, tuple(_relation(number, *link) for number, link in enumerate(self.links, start=1))

    def body(self) -> str:
        """The two fields of a sample's JSON, as the records would be written."""
        entities = ",".join([
            f'{{"id":"e{number}","text":{encode_basestring(name)},"type":null,"start":{start},"end":{end},'
            '"source":"import","description":null,"score":null}'
            for number, (name, start, end) in enumerate(self.mentions, start=1)
        ])  # fmt: skip
        if self.links is None:
            return f'"entities":[{entities}],"relations":null'
        relations = ",".join([
            f'{{"id":"r{number}","subject_id":"e{one + 1}","predicate":{encode_basestring(predicate)},"object_id":"e{other + 1}",'
            '"source":"import","description":null}'
            for number, (one, predicate, other) in enumerate(self.links, start=1)
        ])  # fmt: skip
        return f'"entities":[{entities}],"relations":[{relations}]'

    def signature(self) -> str:
        """What `versions.signature` says of the records."""
        marks = [f"{start}:{end}" for _, start, end in self.mentions]
        if self.links is None:
            return ",".join(sorted(marks))
        links = [f"{marks[one]}>{len(predicate)}:{predicate}>{marks[other]}" for one, predicate, other in self.links]
        return f"{','.join(sorted(marks))};{','.join(sorted(links))}"


def _entity(number: int, name: str, start: int, end: int) -> Entity:
    values: dict[str, Any] = {"id": f"e{number}", "text": name, "type": None, "start": start, "end": end, "source": "import"}
    values["description"] = values["score"] = None
    return trusted(Entity, values)


def _relation(number: int, one: int, predicate: str, other: int) -> Relation:
    values: dict[str, Any] = {"id": f"r{number}", "subject_id": f"e{one + 1}", "predicate": predicate, "object_id": f"e{other + 1}"}
    values["source"], values["description"] = "import", None
    return trusted(Relation, values)


def quick(text: str, names: Sequence[Any], links: Any) -> Plain | None:
    """Mentions and relations of a line in the least form; None = take the general way."""
    if len(names) > MOST:
        return None
    mentions: list[tuple[str, int, int]] = []
    first: dict[str, int | None] = {}
    for name in names:
        if type(name) is not str or name in first or not _all_words(text, name, mentions, first):
            return None
    if len(first) > 1 and any([name in other for name in first for other in first if name is not other]):
        return None
    if links is None:
        return Plain(mentions, None)
    relations = _relations(links, first)
    return None if relations is None else Plain(mentions, relations)


def _all_words(text: str, name: str, mentions: list[tuple[str, int, int]], first: dict[str, int | None]) -> bool:
    """Take in every mention of a name, if there are any and each stands alone; False = it is not that simple."""
    start, length, before = text.find(name) if name else -1, len(name), len(mentions)
    if start < 0 or name.isspace():
        return False
    head, tail = is_word(name[0]), is_word(name[-1])
    while start >= 0:
        end = start + length
        # `align.at_boundary`, with what is the same for every mention looked at once.
        if (head and start and is_word(text[start - 1])) or (tail and end < len(text) and is_word(text[end])):
            return False
        mentions.append((name, start, end))
        start = text.find(name, end)
    first[name] = before if len(mentions) == before + 1 else None
    return True


def _relations(links: Any, first: dict[str, int | None]) -> dict[tuple[int, str, int], None] | None:
    """Relations between names of one mention each."""
    if type(links) is not list:
        return None
    found: dict[tuple[int, str, int], None] = {}
    for link in links:
        if type(link) is not dict or len(link) != 3:
            return None
        subject, predicate, target = link.get("subject"), link.get("predicate"), link.get("object")
        if type(subject) is not str or type(predicate) is not str or type(target) is not str or not predicate or predicate.isspace():
            return None
        one, other = first.get(subject), first.get(target)
        if one is None or other is None:
            return None
        found[one, predicate, other] = None
    return found
