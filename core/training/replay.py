"""The calls that earlier attempts of a run made."""

from core.llm.gateway import RecordedCall
from core.records.events import EventType
from core.records.models import Call, Text
from core.records.runs import Phase
from core.store.base import Store
from core.training.session import Session

PAGE = 500


def recorded_calls(store: Store, run_id: str) -> dict[tuple[str, int], RecordedCall]:
    """Every recorded call of a run by request and occurrence, answers joined in."""
    calls = list(store.each(Call, {"run_id": run_id}))
    texts: dict[str, Text] = {}
    wanted = sorted({call.answer_ref for call in calls if call.answer_ref})
    for start in range(0, len(wanted), PAGE):
        texts |= store.get_many(Text, wanted[start : start + PAGE])
    return {
        (call.request_hash, call.occurrence): RecordedCall(call=call, answer=_content(texts, call.answer_ref))
        for call in calls
        if call.error is not None or call.answer_ref in texts
    }


def proof_begun(store: Store, run_id: str) -> bool:
    """Whether an earlier attempt came as far as the sealed test, by its events: the record of the run lags behind them."""
    found = store.tail(run_id, types=(EventType.PHASE_CHANGED,))
    return any(event.data.get("phase") == Phase.VALIDATION.value for event in found)


def diverged(session: Session) -> int:
    """How many recorded calls of the search were not asked for again; 0 when the replay matches its record.

    Calls of the final evaluation are still ahead when this is asked, so only those of a run that had not reached it count.
    """
    if session.proof_begun:
        return 0
    return len(session.replay.keys() - session.consumed)


def _content(texts: dict[str, Text], name: str | None) -> str | None:
    return texts[name].content if name in texts else None
