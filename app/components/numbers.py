"""How numbers look everywhere: fixed decimals, a sign on differences, 3:10, 1,310, a dash for what is unknown."""

from collections.abc import Sequence
from datetime import UTC, datetime

UNKNOWN = "–"
"""What stands for a value that nobody knows; say the reason beside it or on hover."""
_MINUS = "−"


def score(value: float | None, decimals: int = 2) -> str:
    """0.71; a dash for None."""
    return UNKNOWN if value is None else f"{value:.{decimals}f}"


def difference(value: float | None, decimals: int = 2) -> str:
    """+0.09, −0.30, 0.00: with a sign where it is not zero as shown."""
    if value is None:
        return UNKNOWN
    shown = f"{abs(value):.{decimals}f}"
    if float(shown) == 0:
        return shown
    return f"{'+' if value > 0 else _MINUS}{shown}"


def interval(low: float | None, high: float | None, decimals: int = 2) -> str:
    """0.02 to 0.16."""
    if low is None or high is None:
        return UNKNOWN
    return f"{_signed(low, decimals)} to {_signed(high, decimals)}"


def gain(value: float | None, low: float | None, high: float | None) -> str:
    """+0.09 (0.02 to 0.16)."""
    return difference(value) if low is None or high is None else f"{difference(value)} ({interval(low, high)})"


def percent(share: float | None, decimals: int = 0) -> str:
    """46 % of a share between 0 and 1."""
    return UNKNOWN if share is None else f"{share * 100:.{decimals}f} %"


def count(value: int | float | None) -> str:
    """1,310."""
    return UNKNOWN if value is None else f"{value:,.0f}".replace("-", _MINUS)


def many(value: int | float | None) -> str:
    """1.24 M from a million up, else as `count`."""
    if value is None or abs(value) < 1_000_000:
        return count(value)
    return f"{value / 1_000_000:,.2f} M".replace("-", _MINUS)


def duration(ms: float | None) -> str:
    """3:10 from milliseconds, 1:02:07 above an hour."""
    if ms is None:
        return UNKNOWN
    minutes, seconds = divmod(int(ms // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def milliseconds(ms: float | None) -> str:
    """412 ms, 1.3 s: for what is shorter than a minute; `duration` above."""
    if ms is None:
        return UNKNOWN
    if ms < 999.5:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.1f} s" if ms < 59_950 else duration(ms)


def dollars(usd: float | None, *, local: bool = False) -> str:
    """$1.24, $0.0031 below a cent; `$0, local` where the model costs nothing."""
    if local:
        return "$0, local"
    if usd is None:
        return UNKNOWN
    return f"${usd:,.2f}" if usd == 0 or abs(usd) >= 0.01 else f"${usd:.4f}"


def size(size_bytes: int | None) -> str:
    """2.0 GB, in units of 1,000."""
    if size_bytes is None:
        return UNKNOWN
    value, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"


def moment(time: datetime | None) -> str:
    """20 Nov 15:30, in UTC as ids are; with the year where it is another one."""
    if time is None:
        return UNKNOWN
    time = time.astimezone(UTC)
    year = "" if time.year == datetime.now(UTC).year else f" {time.year}"
    return f"{time.day} {time:%b}{year} {time:%H:%M}"


def clock(time: datetime | None) -> str:
    """15:33:10, in UTC."""
    return UNKNOWN if time is None else f"{time.astimezone(UTC):%H:%M:%S}"


def plural(number: int, one: str, more: str = "") -> str:
    """1 sample, 1,310 samples."""
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def listed(names: Sequence[str], at_most: int = 5) -> str:
    """a, b, c and 4 more."""
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {count(rest)} more" if rest > 0 else "")


def _signed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", _MINUS) if round(value, decimals) else f"{0:.{decimals}f}"
