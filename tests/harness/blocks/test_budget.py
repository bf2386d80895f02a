"""With a budget, retries are a tenth of the calls at most, however many of them fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.alone import NAME, Alone, Work
from harness.blocks.budget import RESERVE, RetryBudget
from harness.blocks.retry import CallFailed, RetryPolicy
from harness.facade_runs import amplified
from harness.layer import FacadeCounts
from sim.chance import constant
from sim.durations import MINUTE
from sim.faults import Outage


@given(st.lists(st.booleans(), max_size=400), st.integers(2, 20), st.integers(0, 5))
def test_whatever_fails_retries_are_a_share_of_the_first_tries_and_the_reserve(fails, per_retry, reserve):
    counts = FacadeCounts()
    budget = RetryBudget(counts, per_retry=per_retry, reserve=reserve)
    first = retries = 0
    for failed in fails:
        first += 1
        budget.sent()
        while failed and budget.granted():
            retries += 1
            budget.sent()
    assert retries * (per_retry - 1) <= first + reserve * per_retry


@pytest.mark.parametrize("fail_ppm", [300_000, 600_000, 1_000_000])
def test_with_a_budget_calls_are_amplified_by_a_tenth_at_most(fail_ppm):
    """H12. Where more than a tenth fails, the budget is used to the last retry."""
    seen = amplified(fail_ppm, 5, 5_000, budget=True)
    assert 1.09 < seen.sent / seen.asked <= 1.1 + 1.1 * RESERVE / seen.asked


@pytest.mark.parametrize(("share", "attempts"), [(0.6, 4), (0.3, 3), (0.5, 1)])
def test_without_one_they_are_amplified_as_often_as_they_fail(share, attempts):
    """H12: (1 - f^n) / (1 - f), within four standard errors of a truncated geometric law."""
    seen = amplified(round(share * 1e6), attempts, 5_000, budget=False)
    law = [(tries, share ** (tries - 1) * (1 - share if tries < attempts else 1)) for tries in range(1, attempts + 1)]
    mean = sum(tries * chance for tries, chance in law)
    variance = sum(tries**2 * chance for tries, chance in law) - mean**2
    assert mean == pytest.approx((1 - share**attempts) / (1 - share))
    assert abs(seen.sent / seen.asked - mean) <= 4 * (variance / seen.asked) ** 0.5
    assert seen.failed / seen.asked == pytest.approx(share**attempts, abs=4 * (0.25 / seen.asked) ** 0.5)


def test_a_few_failures_among_many_calls_are_all_retried():
    seen = amplified(20_000, 5, 5_000, budget=True)
    assert seen.failed == 0 and seen.sent > seen.asked + 50


def test_a_retry_that_is_not_granted_fails_as_the_call_did_and_at_once():
    down = Outage(name="down", target=NAME, start_us=0, end_us=MINUTE)
    world = Alone(down, seed=1, purpose="denied", service=constant(0))
    asked = world.through(RetryPolicy(attempts_max=None), budget=RetryBudget(world.counts, reserve=0))

    async def ask():
        try:
            await asked.write(NAME, Work("a"), "a")
        except CallFailed as failed:
            return failed.response.word, failed.response.transient, world.clock.now

    task = world.clock.spawn(ask())
    world.run(MINUTE)
    assert task.result == ("refused", True, 0)
    assert (world.counts.retries_denied, world.surroundings.counts.retries) == (1, 0)
