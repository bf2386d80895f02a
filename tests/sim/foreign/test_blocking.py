"""Blocking code in virtual time: client libraries as they are, and what they wait for."""

import time

import httpx
import pytest
import requests
import stripe
import tenacity

from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.refusal import Refused
from tests.sim.foreign.played import World


def test_a_request_takes_as_long_as_its_answer():
    world = World()

    def work():
        answer = requests.get("https://acme.my.salesforce.com/services/data", timeout=5)
        return answer.json()["n"], time.monotonic()

    assert world.blocking(work) == (1, 0.2)
    assert world.asked == [(0, "GET", "acme.my.salesforce.com", "/services/data", b"")]


def test_the_official_client_retries_in_virtual_time():
    world = World(503, None)

    def work():
        client = stripe.StripeClient("sk_test_1", max_network_retries=3)
        return client.v1.customers.create({"email": "a@b.example", "metadata": {"k": "v"}}).id

    assert world.blocking(work) == "cus_3"
    assert {asked[1:] for asked in world.asked} == {
        ("POST", "api.stripe.com", "/v1/customers", b"email=a%40b.example&metadata[k]=v")
    }
    first_us, second_us, third_us = (asked[0] for asked in world.asked)
    assert SECOND // 2 <= second_us - first_us < 3 * SECOND
    assert third_us - second_us > 80 * SECOND  # the client's own patience, then its wait


def test_a_client_that_loses_patience_is_told_so():
    world = World()

    def work():
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get("https://api.test/x", timeout=0.1)
        return time.monotonic()

    assert world.blocking(work) == 0.1


def test_connections_are_kept():
    world = World()

    def work():
        with httpx.Client() as client:
            return [client.post("https://api.test/a", json={"a": 1}).json()["n"] for _ in range(3)]

    assert world.blocking(work) == [1, 2, 3]
    assert [asked[0] for asked in world.asked] == [0, SECOND // 5, 2 * SECOND // 5]


def test_sleeping_takes_no_time_of_ours_and_others_go_on():
    world = World()
    woken = []

    def sleeper(span):
        time.sleep(span)
        woken.append((span, time.monotonic()))

    @tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(60))
    def stubborn():
        woken.append(time.monotonic())
        raise ValueError

    with world.guard.guarded():
        for work in ((sleeper, 100), (sleeper, 30)):
            world.clock.spawn(blocking.run(*work))
        world.clock.run_until(200 * SECOND)
    with pytest.raises(tenacity.RetryError):
        world.blocking(stubborn)

    assert woken == [(30, 30.0), (100, 100.0), 200.0, 260.0, 320.0]


def test_nobody_waits_outside_of_a_stack():
    with World().guard.guarded(), pytest.raises(Refused, match="waiting in place"):
        time.sleep(1)
