"""Leases: one row per name, which is never deleted, so that its token only ever grows."""

import apsw

from core.errors import InvalidValueError, LeaseLostError
from core.store.base import Lease, LeaseState
from core.store.clock import Reading

_READ = 'SELECT owner, token, boot, taken, expires, released FROM "Lease" WHERE name = ?'
_TAKE = """
    INSERT INTO "Lease" (name, owner, token, boot, taken, expires, released) VALUES (?, ?, 1, ?, ?, ?, 0)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, token = token + 1, boot = excluded.boot, taken = excluded.taken,
        expires = excluded.expires, released = 0
    RETURNING token
"""
_RENEW = 'UPDATE "Lease" SET boot = ?, taken = ?, expires = ? WHERE name = ? AND token = ? AND released = 0'
_END = 'UPDATE "Lease" SET released = 1 WHERE name = ? AND token = ?'
_HELD = 'SELECT 1 FROM "Lease" WHERE name = ? AND token = ? AND released = 0'


def _until(time: Reading, seconds: float) -> int:
    if not 0 < seconds < 1e9:
        raise InvalidValueError(f"a lease of {seconds} seconds", hint="give a positive number of seconds")
    return time.ns + int(seconds * 1e9)


def state(connection: apsw.Connection, name: str, time: Reading) -> LeaseState | None:
    """The lease as it stands. One of an earlier start of the machine, or from the clock's future, is over."""
    row = connection.execute(_READ, (name,)).fetchone()
    if row is None:
        return None
    owner, token, boot, taken, expires, released = row
    live = not released and boot == time.boot and taken <= time.ns < expires
    return LeaseState(name=name, owner=owner, token=token, live=live)


def acquire(connection: apsw.Connection, name: str, owner: str, *, time: Reading, seconds: float) -> Lease | None:
    """Take it with the next token, unless another owner's is live."""
    until = _until(time, seconds)
    held = state(connection, name, time)
    if held and held.live and held.owner != owner:
        return None
    rows = connection.execute(_TAKE, (name, owner, time.boot, time.ns, until)).fetchall()
    return Lease(name=name, owner=owner, token=rows[0][0])


def renew(connection: apsw.Connection, lease: Lease, *, time: Reading, seconds: float) -> None:
    """Extend it. Raises LeaseLostError."""
    connection.execute(_RENEW, (time.boot, time.ns, _until(time, seconds), lease.name, lease.token))
    if not connection.changes():
        raise lost(lease)


def end(connection: apsw.Connection, lease: Lease) -> None:
    """Released or broken: over, and its token fenced off, if it still is this token."""
    connection.execute(_END, (lease.name, lease.token))


def check_fence(connection: apsw.Connection, fence: Lease | None) -> None:
    """Raises LeaseLostError unless the lease has this token and was not given back."""
    if fence is not None and not connection.execute(_HELD, (fence.name, fence.token)).fetchone():
        raise lost(fence)


def lost(lease: Lease) -> LeaseLostError:
    """The error of a holder that is one no more."""
    return LeaseLostError(
        f"{lease.owner} no longer holds {lease.name!r} (token {lease.token})", hint="another process took over; this one must stop writing"
    )
