"""The generic API on a run's network: how requests are named, what trouble looks like, and what the run sees."""

import json

import pytest

from fakes.company import Company
from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.faces.wearing import Wearing
from fakes.names import SYSTEMS
from fakes.system import Setup
from sim.access import ExpiredToken
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import SECOND
from sim.faults import Brownout, Outage
from sim.http import request_to
from sim.network import Limits, Response, Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR
from tests.parity.company import face_of
from tests.parity.test_generic import NEW_JSON

ADMITTED = (("authorization", "Bearer sk_test_tieout"), ("content-type", "application/json"))


def request(method, target, body=None, system="billing"):
    sent = b"" if body is None else json.dumps(body).encode()
    return request_to(method, f"https://{system}.tieout.test{target}", ADMITTED, sent)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request("POST", "/customers", {"account": "A-1"}), ("create_customer", "A-1")),
        (request("GET", "/customers?account=A%201"), ("find_customers", "A 1")),
        (request("PUT", "/customers/cus-1", {"account": "A-2"}), ("update_customer", "A-2")),
        (request("POST", "/subscriptions", {"state": {"key": "C-1"}}), ("create_subscription", "C-1")),
        (request("POST", "/subscriptions/sub-1/void", {"reason": "x"}), ("void_subscription", "sub-1")),
        (request("GET", "/invoices/INV%2D1"), ("get_invoice", "INV-1")),
        (request("GET", "/changes?limit=1"), ("list_changes", "")),
        (request("POST", "/token"), ("refresh_token", "")),
        (request("POST", "/subscriptions", {"state": 7}), ("create_subscription", "")),
        (request("POST", "/subscriptions", []), ("create_subscription", "")),
        (request("DELETE", "/customers"), ("unknown_path", "/customers")),
    ],
)
def test_a_request_is_named_by_its_operation_and_its_business_key(asked, expected):
    assert face_of("billing").named(asked) == expected


def test_trouble_of_the_network_is_a_problem_that_says_how_long_to_wait():
    told = face_of("billing").refusal(Response(429, None, "rate_limited", 1_500_000))
    assert (told.status, told.header("retry-after")) == (429, "2")
    assert told.header("content-type") == "application/problem+json"
    assert json.loads(told.body)["code"] == "rate_limited"


# --- on a run's network --------------------------------------------------------------------------------------


def worn(*faults, system="billing", **station):
    """A company, and the generic API on one of its systems, which answers after a second."""
    setup = Setup(
        station=Station(capacity=4, service=constant(SECOND), latency=constant(0), **station),
        delivery=DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=SECOND),
        index_lag=constant(0),
    )
    made = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), faults, 0)
    return made, Wearing(made.systems[system], make_generic(system), made.wire.clock, CALENDAR, Credentials())


def answers(made, wearing, *requests):
    tasks = [made.wire.clock.spawn(wearing.answer(one)) for one in requests]
    while not all(task.done for task in tasks):
        made.wire.clock.step()
    return [task.result for task in tasks]


def test_a_request_takes_the_systems_time_and_is_done_when_it_is_served():
    made, wearing = worn()
    (answer,) = answers(made, wearing, request("POST", "/customers", {"account": "A-1", "name": "Northwind"}))
    assert (answer.status, made.wire.clock.now) == (201, SECOND)
    assert json.loads(answer.body)["created_at"] == "2025-12-18T05:00:01.000000Z"
    assert [one.created_us for one in made.billing.customers.all.values()] == [SECOND]


def test_what_a_request_leaves_to_tell_is_told():
    made, wearing = worn()
    days = {"signed_day": "2025-12-01", "effective_day": "2025-12-01"}
    versions = [{**NEW_JSON["versions"][0], **days}]
    state = {**NEW_JSON, "start_day": "2025-12-01", "end_day": "2026-12-01", "versions": versions}
    answers(made, wearing, request("POST", "/customers", {"account": "A-1", "name": "Northwind"}))
    (answer,) = answers(made, wearing, request("POST", "/subscriptions", {"customer": "cus-000001", "state": state}))
    assert answer.status == 201
    assert [one.type for one in made.systems["billing"].publisher.published] == ["invoice_issued"]


def test_a_system_that_fails_answers_503_and_does_nothing():
    fails = {"slow_percent": 100, "fail_ppm": 1_000_000}
    made, wearing = worn(Brownout(name="fails", target="billing", start_us=0, end_us=1 << 50, **fails))
    (answer,) = answers(made, wearing, request("POST", "/customers", {"account": "A-1", "name": "Northwind"}))
    assert (answer.status, answer.header("content-type")) == (503, "application/problem+json")
    assert made.billing.customers.all == {}


def test_a_system_that_is_down_answers_nothing():
    made, wearing = worn(Outage(name="down", target="billing", start_us=0, end_us=1 << 50))
    assert answers(made, wearing, request("GET", "/customers?account=A-1")) == [None]


def test_an_expired_token_is_told_and_refreshed_by_the_operation_that_gives_a_new_one():
    made, wearing = worn(ExpiredToken(name="expired", target="billing", start_us=0, end_us=1 << 50))
    read, refresh = request("GET", "/customers?account=A-1"), request("POST", "/token")
    (before,), (renewed,), (after,) = (answers(made, wearing, one) for one in (read, refresh, read))

    assert (before.status, json.loads(before.body)["code"]) == (401, "token_expired")
    assert before.header("www-authenticate") == "Bearer"
    assert (renewed.status, after.status) == (200, 200)


def test_an_operation_has_the_service_time_that_the_core_has_for_it():
    made, wearing = worn(service_of={"find_customers": constant(7 * SECOND)})
    answers(made, wearing, request("GET", "/customers?account=A-1"))
    assert made.wire.clock.now == 7 * SECOND


def test_over_its_limit_a_system_answers_429():
    made, wearing = worn(limits=Limits(concurrent=1, retry_after_us=3 * SECOND))
    one = request("GET", "/customers?account=A-1")
    first, second = answers(made, wearing, one, one)
    assert (first.status, second.status, second.header("retry-after")) == (200, 429, "3")
