"""Events as they leave the store: large texts joined in, one JSON document a line."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from core.records.events import Event
from core.records.models import Text
from core.store.base import Store


def joined(store: Store, events: Sequence[Event]) -> list[Event]:
    """The events with every `{"$text": hash}` replaced by the text itself."""
    wanted = {name for event in events for name in _references(event.data)}
    texts = store.get_many(Text, sorted(wanted)) if wanted else {}
    return [event.model_copy(update={"data": _resolved(event.data, texts)}) for event in events]


def line(event: Event) -> str:
    """One event with the keys of the log: seq, event_type, timestamp, training_run_id, domain, progress_percent, phase, message, data."""
    fields = event.model_dump(mode="json", exclude={"key"})
    ordered = {"seq": fields.pop("seq"), **fields}
    return json.dumps(ordered, ensure_ascii=False)


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if value.keys() == {"$text"}:
            yield value["$text"]
        else:
            for item in value.values():
                yield from _references(item)


def _resolved(value: Any, texts: dict[str, Text]) -> Any:
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$text"}:
        text = texts.get(value["$text"])
        return text.content if text else None
    return {name: _resolved(item, texts) for name, item in value.items()}
