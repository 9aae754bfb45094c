from datetime import UTC, datetime

import pytest

from app.components import numbers


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.score(0.7), "0.70"),
        (numbers.score(None), "–"),
        (numbers.difference(0.09), "+0.09"),
        (numbers.difference(-0.3), "−0.30"),
        (numbers.difference(0.004), "0.00"),
        (numbers.difference(-0.0001), "0.00"),
        (numbers.difference(None), "–"),
        (numbers.interval(-0.05, 0.13), "−0.05 to 0.13"),
        (numbers.interval(-0.001, 0.13), "0.00 to 0.13"),
        (numbers.interval(None, 0.13), "–"),
        (numbers.gain(0.09, 0.02, 0.16), "+0.09 (0.02 to 0.16)"),
        (numbers.gain(0.09, None, None), "+0.09"),
        (numbers.count(1310), "1,310"),
        (numbers.count(None), "–"),
        (numbers.many(1_240_000), "1.24 M"),
        (numbers.many(1310), "1,310"),
        (numbers.duration(190_000), "3:10"),
        (numbers.duration(0), "0:00"),
        (numbers.duration(3_727_000), "1:02:07"),
        (numbers.duration(None), "–"),
        (numbers.milliseconds(412), "412 ms"),
        (numbers.milliseconds(999.7), "1.0 s"),
        (numbers.milliseconds(61_000), "1:01"),
        (numbers.dollars(1.235), "$1.24"),
        (numbers.dollars(0.0031), "$0.0031"),
        (numbers.dollars(None), "–"),
        (numbers.dollars(None, local=True), "$0, local"),
        (numbers.size(2_000_000_000), "2.0 GB"),
        (numbers.percent(0.456), "46 %"),
        (numbers.plural(1, "sample"), "1 sample"),
        (numbers.plural(1310, "sample"), "1,310 samples"),
        (numbers.plural(2, "entity", "entities"), "2 entities"),
        (numbers.listed(["a", "b", "c"], 2), "a, b and 1 more"),
        (numbers.moment(datetime(2020, 3, 4, 5, 6, tzinfo=UTC)), "4 Mar 2020 05:06"),
        (numbers.clock(datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC)), "05:06:07"),
    ],
)
def test_a_number_looks_the_same_everywhere(shown: str, expected: str) -> None:
    assert shown == expected
