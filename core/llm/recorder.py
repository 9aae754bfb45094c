"""Calls outside a training attempt, written into the store's ledger as they are made."""

from threading import Lock

from core.errors import AlreadyExistsError
from core.llm.gateway import RecordedCall
from core.records.base import text_hash
from core.records.models import Call, Text
from core.store.base import Ensure, Operation, Put, Store

HASH_LENGTH = 32
TRIES = 100


class StoreRecorder:
    """A `core.llm.gateway.Recorder`. With a run's id, calls that the run has on record are answered from it.

    Calls of no run are never answered from the record: they are numbered on from those that are there.
    """

    def __init__(self, store: Store, run_id: str | None = None) -> None:
        self.run_id = run_id
        self._store = store
        self._lock = Lock()
        self._made: dict[str, int] = {}

    def occurrence(self, request_hash: str) -> int:
        """Which time this very request is made, from 1."""
        with self._lock:
            if request_hash not in self._made:
                self._made[request_hash] = 0 if self.run_id else self._on_record(request_hash)
            self._made[request_hash] += 1
            return self._made[request_hash]

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        """The run's own call of that number, if it made one."""
        call = self._store.get(Call, self._id(request_hash, occurrence)) if self.run_id else None
        if call is None:
            return None
        answer = self._store.get(Text, call.answer_ref) if call.answer_ref else None
        return RecordedCall(call=call, answer=answer.content if answer else None)

    def begin(self, call: Call, prompt: str) -> None:
        """Nobody watches."""

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        """Write one real call down, with its texts. Raises StoreError."""
        texts: list[Operation] = [Ensure(record=Text(hash=text_hash(text), content=text)) for text in (prompt, answer) if text is not None]
        kept = call.model_copy(update={"answer_ref": text_hash(answer) if answer is not None else None})
        for _ in range(TRIES):
            try:
                self._store.write([*texts, Put(record=kept)])
                return
            except AlreadyExistsError:  # another process made the same request at the same moment
                occurrence = kept.occurrence + 1
                kept = kept.model_copy(update={"occurrence": occurrence, "id": self._id(kept.request_hash, occurrence)})
        raise AlreadyExistsError(f"call {call.id} is on record {TRIES} times over", hint="try again")

    def _id(self, request_hash: str, occurrence: int) -> str:
        return f"{self.run_id or 'free'}/{request_hash[:HASH_LENGTH]}/{occurrence}"

    def _on_record(self, request_hash: str) -> int:
        """How often the request was made before: doubling, then halving, so that many take few reads."""
        there, absent = 0, 1
        while self._there(request_hash, absent):
            there, absent = absent, absent * 2
        while absent - there > 1:
            middle = (there + absent) // 2
            there, absent = (middle, absent) if self._there(request_hash, middle) else (there, middle)
        return there

    def _there(self, request_hash: str, occurrence: int) -> bool:
        return self._store.get(Call, self._id(request_hash, occurrence)) is not None
