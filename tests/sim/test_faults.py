"""Each fault strikes within its window and reach, does what its name says, and counts what it hit."""

from struct import pack
from types import SimpleNamespace

import pytest

from sim.chance import EIGHT, Stream, constant, exponential
from sim.clock import Clock
from sim.faults import (
    OUTAGE,
    Brownout,
    CallFault,
    DuplicateDelivery,
    LateDelivery,
    LostRequest,
    LostResponse,
    Outage,
    OutOfOrderDelivery,
    Throttle,
    Verdict,
    Watch,
    outages_of,
)

SECOND = 1_000_000
NO_LUCK, ALL_LUCK = (0,) * 8, (2**32 - 1,) * 8


def planned(kind, start_us=0, end_us=100, **fields):
    """A fault on ERP from instant 0 up to 100, unless told otherwise."""
    return kind(name=kind.__name__, target="erp", start_us=start_us, end_us=end_us, **fields)


def call(arrived_us=0, words=NO_LUCK, service_us=SECOND):
    """The part of a call that faults look at; its luck is the worst unless told otherwise."""
    return SimpleNamespace(arrived_us=arrived_us, luck=pack("<6I", *words[:6]), service_us=service_us)


def deliveries(count):
    """The draws of so many deliveries."""
    drawn = []
    for number in range(count):
        draws = Stream(1, "deliveries").hasher("layer", 8)
        draws.update(str(number).encode())
        drawn.append(EIGHT(draws.digest()))
    return drawn


# --- windows and reach -------------------------------------------------------------------------------


def active_at(instants, *faults, from_us=0):
    """What a watch that follows a clock from an instant on has active at each of several later ones."""
    clock, watch, seen = Clock(), Watch(faults), []
    clock.run_until(from_us)
    watch.follow(clock)
    for now_us in instants:
        clock.at(now_us, lambda _: seen.append(watch.active))
    clock.run_until(max(instants))
    return seen


def test_a_fault_is_active_from_its_first_instant_up_to_not_including_its_last():
    down = planned(Outage, 10, 20)
    assert active_at((0, 9, 10, 19, 20, 500), down) == [(), (), (down,), (down,), (), ()]


def test_a_watch_turns_only_when_something_changes():
    clock = Clock()
    Watch([planned(Outage, 10, 20), planned(LostRequest, 15, 20, share_ppm=1)]).follow(clock)
    clock.run_until(500)
    assert clock.events == 3


def test_a_window_that_has_begun_is_active_and_one_that_is_over_is_not():
    down = planned(Outage, 10, 20)
    assert active_at((15, 19, 20), down, from_us=15) == [(down,), (down,), ()]
    assert active_at((25,), down, from_us=25) == [()]


def test_overlapping_faults_are_active_together_in_the_order_of_the_plan():
    later, sooner = planned(LostRequest, 15, 30, share_ppm=1), planned(Outage, 10, 20)
    assert active_at((17,), later, sooner) == [(later, sooner)]


def test_a_fault_is_asked_only_where_it_decides():
    down, lossy, slow = planned(Outage), planned(LostResponse, share_ppm=1), planned(Brownout)
    watch = Watch([down, lossy, slow, planned(LateDelivery, share_ppm=1, delay=constant(1))])
    watch.turn(50)
    doors = (watch.arriving, watch.settling, watch.answering)
    assert [[fault for fault, _ in door] for door in doors] == [[down], [slow], [lossy]]
    assert watch.slowing == (slow,)


def test_a_request_is_lost_before_it_meets_an_outage_and_that_before_a_throttle():
    on_the_way = [planned(LostRequest, share_ppm=1), planned(Outage), planned(Throttle, per_minute=1)]
    watch = Watch(reversed(on_the_way))
    watch.turn(50)
    assert [fault for fault, _ in watch.arriving] == on_the_way


def test_a_fault_concerns_all_operations_or_only_those_it_names():
    assert planned(Brownout).concerns("post_invoice")
    only = planned(Brownout, only=frozenset({"post_invoice"}))
    assert only.concerns("post_invoice")
    assert not only.concerns("find_orders")


@pytest.mark.parametrize(
    ("kind", "fields", "word"),
    [
        (Outage, {}, "outage"),
        (Brownout, {}, "brownout"),
        (Throttle, {"per_minute": 60}, "throttling"),
        (LostRequest, {"share_ppm": 1}, "lost_request"),
        (LostResponse, {"share_ppm": 1}, "lost_response"),
        (DuplicateDelivery, {"share_ppm": 1, "gap": constant(1)}, "duplicate_delivery"),
        (LateDelivery, {"share_ppm": 1, "delay": constant(1)}, "late_delivery"),
        (OutOfOrderDelivery, {"share_ppm": 1, "delay": constant(1)}, "out_of_order"),
    ],
)
def test_each_fault_goes_by_the_word_users_know(kind, fields, word):
    assert planned(kind, **fields).kind == word


def test_equal_looking_faults_are_two():
    """They are counted apart, so they must not be merged as equal values."""
    assert planned(Outage) != planned(Outage)


# --- calls -------------------------------------------------------------------------------------------


def test_a_fault_lets_pass_what_it_does_not_decide():
    fault = planned(CallFault)
    assert [fault.arrive(call()), fault.settle(call()), fault.answer(call())] == [None, None, None]


def test_an_outage_refuses_connections_and_a_silent_one_answers_nothing():
    assert planned(Outage).arrive(call()) == Verdict("refused", 0)
    assert planned(Outage, silent=True).arrive(call()) == OUTAGE == Verdict("outage", None)


def test_a_watch_knows_the_outages_ahead_of_it():
    first, second = planned(Outage, 10, 20), planned(Outage, 30, 40)
    assert Watch([second, planned(LostRequest, 5, 60, share_ppm=1), first]).outages == (second, first)


def test_an_outage_is_of_all_operations():
    with pytest.raises(AssertionError, match="takes a whole system"):
        planned(Outage, only=frozenset({"post_invoice"}))


def test_a_brownout_makes_service_slower_and_fails_a_share():
    brownout = planned(Brownout, slow_percent=450, fail_ppm=200_000)
    assert brownout.slow(1001) == 4504
    assert brownout.settle(call()) == Verdict("unavailable", 503)
    assert brownout.settle(call(words=ALL_LUCK)) is None


def test_a_throttle_lets_its_burst_and_then_its_rate_through():
    throttle = planned(Throttle, per_minute=60, burst=3, retry_after_us=7 * SECOND)
    verdicts = [throttle.arrive(call(tenth * SECOND // 10)) for tenth in range(100)]
    through = [tenth for tenth, verdict in enumerate(verdicts) if verdict is None]
    assert through == [0, 1, 2, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert {verdict for verdict in verdicts if verdict} == {Verdict("throttled", 429, 7 * SECOND)}


def test_a_throttle_saves_no_more_than_its_burst_while_idle():
    throttle = planned(Throttle, per_minute=60, burst=2)
    assert [throttle.arrive(call(now)) is None for now in [0] + [60 * SECOND] * 4] == [True, True, True, False, False]


@pytest.mark.parametrize(("kind", "question"), [(LostRequest, "arrive"), (LostResponse, "answer")])
def test_a_share_of_the_calls_is_lost(kind, question):
    lost, draws = planned(kind, share_ppm=100_000), Stream(1, "calls")
    verdicts = [getattr(lost, question)(call(words=draws.six(number))) for number in range(10_000)]
    assert sum(verdict is not None for verdict in verdicts) == pytest.approx(1_000, abs=4 * 30)
    assert {verdict for verdict in verdicts if verdict} == {Verdict(lost.kind, None)}


def test_a_call_loses_its_request_and_its_response_independently():
    draws, lost = Stream(1, "calls"), {"share_ppm": 300_000}
    calls = [call(words=draws.six(number)) for number in range(10_000)]
    requests = [planned(LostRequest, **lost).arrive(each) is not None for each in calls]
    responses = [planned(LostResponse, **lost).answer(each) is not None for each in calls]
    both = sum(one and other for one, other in zip(requests, responses, strict=True))
    assert both == pytest.approx(900, abs=4 * 29)


def test_a_greater_share_loses_what_the_smaller_did_and_more():
    draws = Stream(1, "calls")
    few, many = planned(LostResponse, share_ppm=10_000), planned(LostResponse, share_ppm=40_000)
    lost = [{number for number in range(5_000) if fault.answer(call(words=draws.six(number)))} for fault in (few, many)]
    assert lost[0] < lost[1]


# --- deliveries --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (DuplicateDelivery, {"gap": constant(1)}),
        (LateDelivery, {"delay": constant(1)}),
        (OutOfOrderDelivery, {"delay": constant(1)}),
    ],
)
def test_a_share_of_the_deliveries_is_struck(kind, fields):
    fault = planned(kind, share_ppm=50_000, **fields)
    assert sum(map(fault.strikes, deliveries(10_000))) == pytest.approx(500, abs=4 * 22)


def test_a_delivery_is_doubled_delayed_and_disordered_independently():
    half = 500_000
    faults = [
        planned(DuplicateDelivery, share_ppm=half, gap=constant(1)),
        planned(LateDelivery, share_ppm=half, delay=constant(1)),
        planned(OutOfOrderDelivery, share_ppm=half, delay=constant(1)),
    ]
    struck = [[fault.strikes(words) for fault in faults] for words in deliveries(10_000)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert sum(each[one] and each[other] for each in struck) == pytest.approx(2_500, abs=4 * 44)


def test_a_duplicate_goes_out_beside_the_first():
    gap = exponential(30 * SECOND)
    (words,) = deliveries(1)
    delays = planned(DuplicateDelivery, share_ppm=1, gap=gap).delays_us(words)
    assert delays == (0, gap.draw(words[3]))


@pytest.mark.parametrize("kind", [LateDelivery, OutOfOrderDelivery])
def test_a_late_delivery_goes_out_once_and_later(kind):
    fault = planned(kind, share_ppm=1, delay=constant(5 * SECOND))
    assert fault.delays_us(NO_LUCK) == (5 * SECOND,)


def test_lateness_and_disorder_of_one_delivery_are_drawn_apart():
    (words,), spread = deliveries(1), exponential(SECOND)
    late = planned(LateDelivery, share_ppm=1, delay=spread).delays_us(words)
    assert late != planned(OutOfOrderDelivery, share_ppm=1, delay=spread).delays_us(words)


@pytest.mark.parametrize("kind", [DuplicateDelivery, LateDelivery, OutOfOrderDelivery])
def test_how_much_later_a_delivery_comes_does_not_hang_on_whether_it_was_struck(kind):
    """Of the struck tenth, delays are drawn from the whole distribution."""
    spread = exponential(SECOND)
    fault = planned(kind, share_ppm=100_000, **{"gap" if kind is DuplicateDelivery else "delay": spread})
    spans = [fault.delays_us(words)[-1] for words in deliveries(20_000) if fault.strikes(words)]
    assert sum(spans) / len(spans) / SECOND == pytest.approx(1, abs=4 / len(spans) ** 0.5)


# --- outages of one target ---------------------------------------------------------------------------


def test_the_outages_of_a_target_come_in_the_order_of_their_beginning():
    last, middle, first = planned(Outage, 60, 70), planned(Outage, 20, 40), planned(Outage, 10, 25)
    others = [planned(LostRequest, share_ppm=1), Outage(name="other", target="crm", start_us=0, end_us=9)]
    assert outages_of([last, *others, middle, first], "erp") == (first, middle, last)
