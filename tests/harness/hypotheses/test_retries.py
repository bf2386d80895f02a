"""What retries must not do: commit twice with keys, try twice without losses, or change the luck of others."""

import pytest

from harness.hypotheses import SEED
from harness.hypotheses.retries import BlindRetries, Fate


@pytest.mark.parametrize("lost", [0.02, 0.3])
def test_with_keys_that_are_honoured_nothing_is_committed_twice(lost):
    fates = BlindRetries(a=0, b=lost, tries=8, operations=5_000, keys=True).fates(SEED)

    assert all(fate.commits == 1 for fate in fates)
    assert sum(fate.tries for fate in fates) > 5_000


def test_without_losses_nothing_is_tried_twice():
    assert set(BlindRetries(a=0, b=0, tries=5, operations=2_000).fates(SEED)) == {Fate(tries=1, commits=1, heard=True)}


def test_another_run_of_the_same_operations_loses_the_same_calls():
    """The n-th try of one operation meets the same luck, however many others there are."""
    few, many = (BlindRetries(a=0, b=0.05, tries=5, operations=number).fates(SEED) for number in (500, 3_000))

    assert few == many[:500]
