"""An asyncio loop in virtual time: tasks, timeouts, connections, blocking work beside it."""

import asyncio
import time

import aiohttp
import httpx
import pytest
import requests

from sim.durations import SECOND
from tests.sim.foreign.played import World


def test_requests_go_out_together():
    world = World()

    async def work():
        async with httpx.AsyncClient() as client:
            asked = [client.post("https://api.stripe.com/v1/x", data={"a": "b"}) for _ in range(3)]
            answers = await asyncio.gather(*asked)
        return [answer.status_code for answer in answers], asyncio.get_running_loop().time()

    assert world.loop(work()) == ([200, 200, 200], 0.2)
    assert [asked[0] for asked in world.asked] == [0, 0, 0]


def test_another_client_library_gets_there_as_well():
    world = World()

    async def work():
        async with aiohttp.ClientSession() as session, session.get("https://api.test/y?z=1") as answer:
            return await answer.json()

    assert world.loop(work())["n"] == 1
    assert world.asked[0][2:4] == ("api.test", "/y?z=1")


def test_sleeps_and_timeouts_are_the_clocks():
    async def work():
        await asyncio.sleep(3.5)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(500)
        return time.monotonic(), asyncio.get_running_loop().time()

    assert World().loop(work()) == (4.5, 4.5)


def test_what_is_ready_runs_in_the_order_of_asking():
    async def work():
        order = []

        async def one(number):
            await asyncio.sleep(0)
            order.append(number)

        await asyncio.gather(*(one(number) for number in range(5)))
        return order

    assert World().loop(work()) == [0, 1, 2, 3, 4]


def test_blocking_work_runs_beside_the_loop():
    world = World()

    async def work():
        answer, _ = await asyncio.gather(asyncio.to_thread(requests.get, "https://api.test/z"), asyncio.sleep(0.1))
        return answer.status_code, time.monotonic()

    assert world.loop(work()) == (200, 0.2)


def test_code_that_blocks_within_the_loop_holds_it_up():
    async def work():
        ticks = []

        async def ticking():
            while True:
                await asyncio.sleep(1)
                ticks.append(time.monotonic())

        task = asyncio.ensure_future(ticking())
        await asyncio.sleep(1.5)
        time.sleep(10)
        await asyncio.sleep(1.1)
        task.cancel()
        return ticks

    assert World().loop(work()) == [1.0, 11.5, 12.5]


def test_blocking_code_may_run_a_loop_of_its_own():
    world = World()

    async def inner():
        async with httpx.AsyncClient() as client:
            return (await client.get("https://api.test/q")).json()["n"]

    assert world.blocking(lambda: asyncio.run(inner())) == 1


def test_a_loop_that_never_waits_is_stopped():
    async def work():
        while True:
            await asyncio.sleep(0)

    world = World()
    with pytest.raises(RuntimeError, match="it never waits"), world.guard.guarded():
        world.clock.spawn(world.guard.loop.outcome(work()))
        world.clock.run_until(SECOND)


def test_a_loop_of_ones_own_runs_until_it_is_stopped():
    def work():
        loop = asyncio.new_event_loop()
        loop.call_later(2, loop.stop)
        loop.run_forever()
        return loop.time()

    assert World().blocking(work) == 2


def test_a_loop_within_a_running_one_is_an_error_as_in_life():
    async def work():
        other = asyncio.sleep(1)
        try:
            asyncio.get_running_loop().run_until_complete(other)
        finally:
            other.close()

    with pytest.raises(RuntimeError, match="while another loop is running"):
        World().loop(work())
