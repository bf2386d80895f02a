"""A system cut off goes on working and is not heard; who has no valid token is turned away until it has a new one."""

import pytest

from sim.access import ExpiredToken, Partition
from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.faults import Brownout, DuplicateDelivery, LostRequest, LostResponse, Outage, Throttle, Watch
from sim.network import Response, Server, Station, Wire
from sim.trace import Trace
from tests.sim.world import MINUTE, SECOND, World

# --- cut off: calls ----------------------------------------------------------------------------------


def planned(kind, from_s=0, until_s=60, target="erp", **fields):
    return kind(
        name=kind.__name__, target=target, start_us=from_s * SECOND, end_us=until_s * SECOND, **fields
    )  # fmt: skip


def test_a_partition_is_of_a_whole_system():
    with pytest.raises(AssertionError, match="cuts off a whole system"):
        planned(Partition, only=frozenset({"post"}))


def test_a_request_that_comes_while_it_is_cut_off_never_arrives():
    cut = planned(Partition, 10, 20)
    world = World(cut)
    tasks = [world.ask(at_s * SECOND, str(at_s), 5 * SECOND) for at_s in (8, 10, 15, 19, 20)]
    world.run(MINUTE)
    assert [task.result[1] for task in tasks] == ["ok", "timeout", "timeout", "timeout", "ok"]
    assert [operation for operation, _ in world.commits] == ["8", "20"]
    assert cut.hits == 3
    assert {row["outcome"] for row in world.rows() if row["committed"] < 0} == {"lost_request"}


@pytest.mark.parametrize(("status", "committed"), [(200, True), (404, False), (500, False)])
def test_what_was_in_service_is_worked_off_and_its_answer_lost_whatever_it_says(status, committed):
    cut = planned(Partition, 10, 20)
    world = World(cut, status=status)
    task = world.ask(10 * SECOND - 1, timeout_us=30 * SECOND)
    world.run(MINUTE)
    assert task.result == (0, "timeout", 40 * SECOND - 1)
    (row,) = world.rows()
    assert (row["left"], row["committed"] >= 0, row["outcome"]) == (11 * SECOND - 1, committed, "lost_response")
    assert len(world.commits) == committed
    assert cut.hits == 1


def test_an_answer_that_leaves_when_it_is_over_is_heard():
    world = World(planned(Partition, 10, 20), service=constant(15 * SECOND))
    task = world.ask(9 * SECOND)
    world.run(MINUTE)
    assert task.result == (200, "ok", 24 * SECOND)


def test_a_failure_that_a_brownout_makes_is_not_heard_either():
    brown, cut = planned(Brownout, slow_percent=100, fail_ppm=1_000_000), planned(Partition, 10, 20)
    world = World(brown, cut)
    tasks = [world.ask(at_us, str(at_us), 5 * SECOND) for at_us in (5 * SECOND, 10 * SECOND - 1)]
    world.run(MINUTE)
    assert [task.result[1] for task in tasks] == ["unavailable", "timeout"]
    assert (cut.hits, world.commits) == (1, [])


def test_what_never_arrives_meets_no_outage():
    down, cut = planned(Outage, 10, 20), planned(Partition, 10, 20)
    world = World(down, cut)
    task = world.ask(15 * SECOND, timeout_us=5 * SECOND)
    world.run(MINUTE)
    assert task.result[1] == "timeout"
    assert (down.hits, cut.hits) == (0, 1)


@pytest.mark.parametrize("status", [200, 404])
def test_lost_responses_are_still_of_committed_calls_alone(status):
    """In and out of a partition, which decides first."""
    lost = planned(LostResponse, 0, 60, share_ppm=1_000_000)
    world = World(planned(Partition, 30, 40), lost, status=status)
    tasks = [world.ask(at_s * SECOND, str(at_s), 3 * SECOND) for at_s in (1, 29)]
    world.run(MINUTE)
    assert [task.result[1] for task in tasks] == [("timeout" if status == 200 else "declined"), "timeout"]
    assert lost.hits == (1 if status == 200 else 0)


def test_a_watch_has_both_sides_of_a_partition():
    cut, lossy = planned(Partition), planned(LostRequest, share_ppm=1)
    doubling = planned(DuplicateDelivery, share_ppm=1, gap=constant(1))
    watch = Watch([doubling, lossy, cut])
    watch.turn(50)
    assert [fault for fault, _ in watch.arriving] == [lossy, cut]
    assert [fault for fault, _ in watch.answering] == [fault for fault, _ in watch.cutting] == [cut]
    assert watch.sending == (cut, doubling)


# --- cut off: events ---------------------------------------------------------------------------------


def told(*faults, at_s=(0,), retries_s=(10, 100)):
    """When a subscriber heard of events told at these instants, what the deliveries came to, and their fates."""
    clock, heard = Clock(), []
    policy = DeliveryPolicy(
        delay=constant(2 * SECOND), retries_us=tuple(span * SECOND for span in retries_s), ack_timeout_us=5 * SECOND
    )
    wire = Wire(clock, Trace())
    publisher = Publisher(wire, "erp", policy=policy, faults=faults, stream=Stream(1, "deliveries"))

    async def hear(event):
        heard.append(clock.now // SECOND)
        return True

    publisher.subscribe("layer", hear, frozenset({"signed"}))
    for second in at_s:
        clock.at(second * SECOND, lambda _: publisher.publish("signed", "C-1", 1, None) and None)
    clock.run_until(1_000 * SECOND)
    return heard, [row[4] for row in wire.trace.rows("deliveries")], publisher.subscriptions[0].fates()


def test_an_event_sent_into_the_void_is_an_attempt_that_nobody_answered():
    cut = planned(Partition, 10, 20)
    heard, outcomes, fates = told(cut, at_s=(9, 10, 19, 20))
    # Told in vain at 10 and 19: five seconds for an answer, ten to wait, two on the way.
    assert heard == [11, 22, 27, 36]
    assert sorted(outcomes) == ["accepted"] * 4 + ["unanswered"] * 2
    assert (cut.hits, fates["delivered"]) == (2, 4)


def test_a_source_that_is_cut_off_for_too_long_gives_up():
    cut = planned(Partition, 0, 500)
    heard, outcomes, fates = told(cut)
    assert (heard, outcomes) == ([], ["unanswered", "unanswered", "given_up"])
    assert (cut.hits, fates["given_up"]) == (3, 1)


def test_events_wait_for_a_system_that_is_down_and_are_lost_only_when_they_are_sent():
    down, cut = planned(Outage, 10, 30), planned(Partition, 10, 20)
    assert told(down, cut, at_s=(15,))[0] == [32]
    assert (down.hits, cut.hits) == (1, 0)


def test_what_is_lost_on_the_way_is_not_doubled():
    doubling = planned(DuplicateDelivery, share_ppm=1_000_000, gap=constant(1))
    heard, _, _ = told(doubling, planned(Partition, 0, 5))
    assert heard == [17, 17]
    assert doubling.hits == 1


# --- locked out --------------------------------------------------------------------------------------


class Refresh:
    """Ask for a new token."""


class Guarded(World):
    """The same server, that also serves `refresh_token`."""

    def __init__(self, *faults):
        super().__init__()
        self.server = Server(
            self.wire,
            "guarded",
            serve=lambda request, key, now_us: Response(200, now_us),
            operations={str: "post", Refresh: "refresh_token"},
            station=Station(capacity=9, service=constant(SECOND), latency=constant(SECOND)),
            watch=Watch(faults),
            stream=Stream(1, "guarded"),
        )

    def outcomes(self, *calls):
        """What becomes of calls: (second, request[, timeout in seconds]) each."""

        async def client(at_s, request, timeout_s=30):
            await self.clock.sleep(at_s * SECOND)
            response = await self.server.send(request, str(at_s), None, timeout_s * SECOND)
            return response.status, response.word

        tasks = [self.clock.spawn(client(*call)) for call in calls]
        self.clock.run_until(10 * MINUTE)
        return [task.result for task in tasks]


OK, EXPIRED, REVOKED = (200, "ok"), (401, "token_expired"), (401, "invalid_grant")


def test_calls_are_turned_away_until_a_refresh_has_brought_a_new_token():
    expired = planned(ExpiredToken, 10, 500)
    calls = [(5, "a"), (20, "b"), (30, Refresh()), (31, "c"), (40, "d"), (400, "e")]
    assert Guarded(expired).outcomes(*calls) == [OK, EXPIRED, OK, EXPIRED, OK, OK]
    assert expired.hits == 2


def test_a_revoked_credential_keeps_everybody_out_up_to_the_end():
    revoked = planned(ExpiredToken, 10, 500, renewable=False)
    calls = [(20, "a"), (30, Refresh()), (40, "b"), (499, "c")]
    assert Guarded(revoked).outcomes(*calls) == [EXPIRED, REVOKED, EXPIRED, OK]
    assert revoked.hits == 3


def test_a_token_that_never_reached_its_client_opens_nothing():
    lost = planned(LostResponse, 0, 35, share_ppm=1_000_000, only=frozenset({"refresh_token"}))
    expired = planned(ExpiredToken, 10, 500)  # asked last, whatever the order of the plan
    calls = [(20, Refresh(), 5), (30, "a"), (40, Refresh(), 5), (50, "b")]
    assert Guarded(expired, lost).outcomes(*calls) == [(0, "timeout"), EXPIRED, OK, OK]


def test_a_token_that_comes_too_late_opens_nothing():
    calls = [(20, Refresh(), 3), (30, "a"), (40, Refresh(), 4), (50, "b")]
    assert Guarded(planned(ExpiredToken, 10, 500)).outcomes(*calls) == [(0, "timeout"), EXPIRED, OK, OK]


def test_one_refresh_renews_what_has_expired_twice_but_not_what_expires_later():
    faults = [planned(ExpiredToken, 10, 500), planned(ExpiredToken, 20, 500), planned(ExpiredToken, 60, 500)]
    calls = [(25, "a"), (30, Refresh()), (40, "b"), (70, "c"), (80, Refresh()), (90, "d")]
    assert Guarded(*faults).outcomes(*calls) == [EXPIRED, OK, OK, EXPIRED, OK, OK]
    assert [fault.hits for fault in faults] == [1, 0, 1]


def test_who_is_turned_away_uses_up_no_throttled_call_and_meets_no_system_that_is_down():
    throttled, expired = planned(Throttle, 0, 500, per_minute=1), planned(ExpiredToken, 0, 500)
    down = planned(Outage, 100, 200)
    calls = [(10, "a"), (20, Refresh()), (150, "b")]
    assert Guarded(throttled, expired, down).outcomes(*calls) == [EXPIRED, OK, (0, "refused")]


def test_an_expiry_is_of_a_whole_system():
    with pytest.raises(AssertionError, match="for a whole system"):
        planned(ExpiredToken, only=frozenset({"post"}))
