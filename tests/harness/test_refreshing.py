"""A caller whose token has expired fetches a new one, once for all, and tries again at once; else its call fails."""

from dataclasses import dataclass

import pytest

from fakes.service import OF_EVERY_SYSTEM, Operation, RefreshToken, Service
from harness.blocks.retry import CONCURRENCY, Caller, CallFailed, RetryPolicy
from harness.layer import Surroundings
from sim.access import ExpiredToken
from sim.chance import Stream, constant
from sim.clock import Clock
from sim.durations import DAY, HOUR, SECOND
from sim.faults import LostRequest, Watch
from sim.network import Server, Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR


@dataclass
class Do:
    """Do something."""


class World:
    """A system `erp`, each of whose calls takes a second, under faults; and a caller."""

    def __init__(self, *faults, policy=None):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        operations = {Do: Operation("do", lambda request, now_us: "done"), **OF_EVERY_SYSTEM}
        server = Server(
            self.wire,
            "erp",
            serve=Service(operations, None).serve,
            operations={request: operation.word for request, operation in operations.items()},
            station=Station(capacity=1_000, service=constant(SECOND), latency=constant(0)),
            watch=Watch(faults),
            stream=Stream(1, "calls"),
        )
        self.surroundings = Surroundings(self.wire, CALENDAR, {"erp": server}, 1)
        self.caller = Caller(self.surroundings, policy or RetryPolicy())

    def call(self, at_us=0, key="C-1"):
        """What becomes of a call that is made at an instant: what was answered, or why it failed; and when."""

        async def client():
            await self.clock.sleep(at_us)
            try:
                return await self.caller.write("erp", Do(), key), self.clock.now
            except CallFailed as failed:
                return failed.response.word, self.clock.now

        return self.clock.spawn(client())

    def outcomes(self, name):
        """How the calls of an operation ended, in the order of the trace."""
        return [row[-1] for row in self.wire.trace.rows("calls") if row[2] == f"erp.{name}"]


def expired(start_us=0, renewable=True):
    return ExpiredToken(name="expired", target="erp", start_us=start_us, end_us=DAY, renewable=renewable)


def test_an_expired_token_is_refreshed_and_the_call_tried_again_at_once():
    world = World(expired())
    calls = [world.call(), world.call(HOUR)]
    world.clock.run_until(2 * HOUR)
    assert [call.result for call in calls] == [("done", 2 * SECOND), ("done", HOUR + SECOND)]
    assert world.outcomes("do") == ["token_expired", "ok", "ok"]
    assert world.outcomes("refresh_token") == ["ok"]
    assert world.surroundings.counts.retries == 0


def test_a_policy_of_one_attempt_refreshes_as_well():
    world = World(expired(), policy=RetryPolicy(attempts_max=1))
    call = world.call()
    world.clock.run_until(HOUR)
    assert call.result == ("done", 2 * SECOND)


def test_callers_share_one_refresh():
    world = World(expired())
    calls = [world.call(number, f"C-{number}") for number in range(3 * CONCURRENCY)]
    world.clock.run_until(HOUR)
    assert {call.result[0] for call in calls} == {"done"}
    assert len(world.outcomes("refresh_token")) == 1
    assert world.outcomes("do").count("token_expired") == CONCURRENCY  # who waited for a place was not turned away


def test_a_revoked_credential_fails_each_call_with_its_401_and_is_not_retried():
    world = World(expired(renewable=False), policy=RetryPolicy(attempts_max=None))
    call = world.call()
    world.clock.run_until(2 * DAY)
    assert call.result == ("token_expired", 0)
    assert (world.outcomes("do"), world.outcomes("refresh_token")) == (["token_expired"], ["invalid_grant"])
    assert world.surroundings.counts.retries == 0


def lost_refreshes(until_us):
    only = frozenset({"refresh_token"})
    return LostRequest(name="lost", target="erp", start_us=0, end_us=until_us, share_ppm=1_000_000, only=only)


def test_a_refresh_that_nobody_answers_is_a_transient_failure_of_the_call():
    world = World(expired(), lost_refreshes(15 * SECOND))
    call = world.call()
    world.clock.run_until(HOUR)
    assert call.result[0] == "done"
    refreshes = world.outcomes("refresh_token")
    assert refreshes == ["lost_request"] * (len(refreshes) - 1) + ["ok"]
    assert world.outcomes("do") == ["token_expired"] * len(refreshes) + ["ok"]
    assert world.surroundings.counts.retries == len(refreshes) - 1 > 0


@pytest.mark.parametrize("attempts_max", [1, 3])
def test_refreshes_in_vain_use_up_the_attempts(attempts_max):
    world = World(expired(), lost_refreshes(DAY), policy=RetryPolicy(attempts_max=attempts_max))
    call = world.call()
    world.clock.run_until(HOUR)
    assert call.result[0] == "timeout"
    assert len(world.outcomes("refresh_token")) == len(world.outcomes("do")) == attempts_max


def test_a_token_that_expires_again_is_refreshed_again():
    world = World(expired(), expired(start_us=HOUR))
    calls = [world.call(), world.call(2 * HOUR)]
    world.clock.run_until(3 * HOUR)
    assert [call.result[0] for call in calls] == ["done", "done"]
    assert len(world.outcomes("refresh_token")) == 2


def test_a_refresh_goes_by_the_same_request_at_every_system():
    assert [operation.word for operation in OF_EVERY_SYSTEM.values()] == ["refresh_token"]
    assert Service(OF_EVERY_SYSTEM, None).serve(RefreshToken(), None, 7).body.issued_us == 7
