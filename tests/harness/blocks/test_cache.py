"""A cache answers again what it was told, for a fixed time and whatever has happened since."""

import math

import pytest

from fakes import billing, crm, erp, revenue
from fakes.agreements import Account
from harness.alone import NAME, Alone
from harness.blocks.cache import TTL_US, Cache
from harness.blocks.facade import REFERENCE
from harness.blocks.retry import CallFailed, RetryPolicy
from harness.facade_runs import cached
from harness.layer import FacadeCounts
from sim.chance import constant
from sim.clock import Clock
from sim.durations import HOUR, MINUTE, SECOND

# --- by itself ---------------------------------------------------------------------------------------


def test_an_answer_is_good_for_five_minutes_from_when_it_was_kept():
    clock, counts = Clock(), FacadeCounts()
    cache = Cache(clock, counts)
    assert cache.find("A-1") is None
    cache.keep("A-1", "Company")
    clock.run_until(TTL_US - 1)
    assert cache.find("A-1") == "Company"
    clock.run_until(TTL_US)
    assert cache.find("A-1") is None
    assert (TTL_US, counts.cache_hits, counts.cache_misses) == (5 * MINUTE, 1, 2)


def test_an_answer_that_has_changed_when_it_is_had_anew_is_counted():
    clock, counts = Clock(), FacadeCounts()
    cache = Cache(clock, counts, ttl_us=1)
    for answer in ("one", "one", "other", "other"):
        cache.keep("A-1", answer)
    cache.keep("A-2", "one")
    assert counts.cache_changed == 1


# --- under a caller ----------------------------------------------------------------------------------


class Registry:
    """A CRM alone, asked through a cache."""

    def __init__(self):
        self.core = crm.Crm()
        self.world = Alone(seed=1, purpose="cache", service=constant(0), operations=self.core.operations)
        self.asked = self.world.through(RetryPolicy(), cache=Cache(self.world.clock, self.world.counts))

    def get(self, account, at_us):
        """The account's name, as it is told at an instant."""

        async def read():
            await self.world.clock.sleep(at_us - self.world.clock.now)
            try:
                return (await self.asked.read(NAME, crm.GetAccount(account), account)).name
            except CallFailed as failed:
                return failed.response.word

        task = self.world.clock.spawn(read())
        self.world.clock.run_until(at_us)
        return task.result


def test_who_asks_again_in_time_is_told_the_old_state_and_no_call_is_made():
    registry = Registry()
    registry.core.open_account(Account("A-1", "old"))
    assert registry.get("A-1", SECOND) == "old"
    registry.core.accounts["A-1"] = Account("A-1", "new")
    assert registry.get("A-1", 2 * MINUTE) == "old"
    assert registry.world.wire.calls == 1
    assert registry.get("A-1", 6 * MINUTE) == "new"
    counts = registry.world.counts
    assert (counts.cache_hits, counts.cache_misses, counts.cache_changed) == (1, 2, 1)


def test_that_nothing_was_found_is_not_kept():
    registry = Registry()
    assert registry.get("A-1", 0) == "account_not_found"
    registry.core.open_account(Account("A-1", "there"))
    assert registry.get("A-1", SECOND) == "there"


def test_one_accounts_answer_is_not_anothers():
    registry = Registry()
    for key in ("A-1", "A-2"):
        registry.core.open_account(Account(key, key))
    assert [registry.get(key, SECOND) for key in ("A-1", "A-2", "A-1")] == ["A-1", "A-2", "A-1"]


def test_what_contracts_have_become_is_never_kept():
    """Their records change with every amendment: an old revision would be written over."""
    changing = {crm.GetContract, billing.FindSubscriptions, erp.FindOrders, revenue.FindContracts}
    assert not changing & REFERENCE


# --- closed forms (H18) ------------------------------------------------------------------------------


@pytest.mark.parametrize(("ttl_us", "change_us"), [(HOUR, 2 * HOUR), (5 * MINUTE, HOUR), (MINUTE, 20 * MINUTE)])
def test_hits_and_stale_answers_are_as_many_as_poisson_reads_and_changes_make(ttl_us, change_us):
    """H18: of the reads in one ttl after a miss all are hits; a read is stale once a change has come since the miss.

    Each ttl is a renewal, so their number gives the standard error; five of them.
    """
    reads, every_us = 30_000, 10 * SECOND
    seen = cached(every_us, ttl_us, change_us, reads)
    lot = ttl_us / every_us
    misses = seen.reads - seen.hits
    assert seen.reads == reads
    assert misses / reads == pytest.approx(1 / (1 + lot), rel=5 / math.sqrt(misses))
    span = ttl_us / change_us
    stale = (lot - (1 - math.exp(-span)) / span * lot) / (1 + lot)
    assert seen.stale / reads == pytest.approx(stale, rel=5 * 1.5 / math.sqrt(misses * span))


def test_a_system_that_never_changes_gives_no_stale_answers():
    seen = cached(10 * SECOND, HOUR, 1 << 50, 1_000)
    assert (seen.changes, seen.stale) == (0, 0)
