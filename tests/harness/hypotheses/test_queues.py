"""Queues beyond the validation set, and how narrow the intervals are in which a prediction must lie."""

import pytest

from harness.hypotheses import SEED
from harness.hypotheses.capped import Refusals
from harness.hypotheses.queues import AnyService, MarkovQueue


def test_a_queue_that_is_in_no_table_waits_as_erlang_says():
    case = MarkovQueue(servers=1, load=0.7)
    predicted, measured = case.predict(), case.measure(SEED)

    assert list(predicted.values())[:2] == pytest.approx([7 / 3, 7 / 3])
    assert all(measured[claim].agrees_with(number) for claim, number in predicted.items())


@pytest.mark.parametrize(
    ("case", "width"),
    [
        (AnyService(load=0.8, service="fixed"), 0.3 * 2),
        (AnyService(load=0.8, service="lognormal .5"), 0.3 * 2.5681),
        (Refusals(slots=5, load=3, service="lognormal .5"), 0.01),
    ],
)
def test_four_standard_errors_are_little(case, width):
    (seen,) = case.measure(SEED).values()

    assert seen.high - seen.value < width
