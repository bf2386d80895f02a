"""Threads and whatever is built upon locks: all of it waits in virtual time, in the order of asking."""

import asyncio
import contextvars
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sim.durations import SECOND
from sim.foreign import blocking
from sim.incarnation import Incarnation
from tests.sim.foreign.played import World


@pytest.mark.parametrize("wait", [
    lambda: threading.Event().wait(60),
    lambda: threading.Semaphore(0).acquire(timeout=60),
    lambda: queue.SimpleQueue().get(timeout=60),
    lambda: queue.Queue().get(timeout=60),
])  # fmt: skip
def test_who_waits_in_vain_waits_in_virtual_time(wait):
    def work():
        try:
            came = wait()
        except queue.Empty:
            came = False
        return came, time.monotonic()

    assert World().blocking(work) == (False, 60)


def test_a_thread_runs_beside_who_began_it_and_is_waited_for():
    told = []

    def beside():
        time.sleep(2)
        told.append((threading.current_thread().name, time.monotonic()))

    def work():
        thread = threading.Thread(target=beside, name="beside")
        thread.start()
        alive = thread.is_alive(), time.monotonic()
        thread.join(1)
        still = thread.is_alive(), time.monotonic()
        thread.join()
        return (
            alive,
            still,
            (thread.is_alive(), time.monotonic()),
            threading.current_thread() is threading.main_thread(),
        )

    assert World().blocking(work) == ((True, 0), (True, 1), (False, 2), True)
    assert told == [("beside", 2)]


def test_an_executor_has_as_many_threads_as_it_says():
    def task(number):
        time.sleep(1)
        return number, time.monotonic()

    def work():
        with ThreadPoolExecutor(2) as executor:
            return list(executor.map(task, range(4)))

    assert World().blocking(work) == [(0, 1), (1, 1), (2, 2), (3, 2)]


def test_an_executor_that_nobody_shuts_down_is_silent_at_the_end(capsys, caplog):
    world, kept = World(), []

    def work():
        kept.append(ThreadPoolExecutor(2))
        return kept[0].submit(abs, -1).result()

    assert world.blocking(work) == 1
    world.guard.end()
    assert capsys.readouterr().err == caplog.text == ""


def test_a_loop_runs_its_work_in_the_executor_that_it_is_given():
    async def work():
        executor, loop = ThreadPoolExecutor(1), asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(executor, time.sleep, 1) for _ in range(3)))
        return time.monotonic()

    assert World().loop(work()) == 3


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_a_lock_lets_one_in_at_a_time_in_the_order_of_asking(make):
    async def work():
        lock = threading.RLock() if make is threading.RLock else threading.Lock()

        def one(number):
            with lock:
                time.sleep(1)
                return number, time.monotonic()

        return await asyncio.gather(*(asyncio.to_thread(one, number) for number in range(3)))

    assert World().loop(work()) == [(0, 1), (1, 2), (2, 3)]


def test_a_thread_has_locals_and_a_context_of_its_own():
    said = contextvars.ContextVar("said", default="nothing")

    def work():
        local, seen = threading.local(), []
        local.mine = "main"
        said.set("something")
        thread = threading.Thread(target=lambda: seen.append((hasattr(local, "mine"), said.get())))
        thread.start()
        thread.join()
        return seen, local.mine

    assert World().blocking(work) == ([(False, "nothing")], "main")


def test_a_thread_hands_work_to_the_loop_and_waits_for_it():
    async def work():
        loop = asyncio.get_running_loop()

        def beside():
            future = asyncio.run_coroutine_threadsafe(asyncio.sleep(2, "slept"), loop)
            return future.result(timeout=5), time.monotonic()

        return await asyncio.to_thread(beside)

    assert World().loop(work()) == ("slept", 2)


def test_what_a_thread_does_not_catch_is_kept(monkeypatch):
    world, told = World(), []
    monkeypatch.setattr(threading, "excepthook", lambda raised: told.append(raised.exc_value))

    def bad():
        raise ValueError("lost")

    def work():
        thread = threading.Thread(target=bad)
        thread.start()
        thread.join()

    world.blocking(work)
    assert [str(error) for error in told] == ["lost"]
    assert world.guard.errors == told


def test_threads_end_with_the_life_that_began_them():
    world, beats = World(), []
    life = Incarnation(world.clock)

    def beat():
        while True:
            time.sleep(10)
            beats.append(time.monotonic())

    with world.guard.guarded():
        life.clock.spawn(blocking.living(life.clock, blocking.run(threading.Thread(target=beat).start)))
        world.clock.run_until(35 * SECOND)
        life.kill()
        world.clock.run_until(100 * SECOND)
        blocking.end_all()
    assert beats == [10.0, 20.0, 30.0]


def test_what_was_made_in_a_run_is_of_use_afterwards():
    kept = {}

    def work():
        kept["lock"], kept["thread"] = threading.Lock(), threading.Thread(target=time.sleep, args=(10**6,))
        kept["thread"].start()

    World().blocking(work)
    lock, order = kept["lock"], []

    def wait():
        with lock:
            order.append("then")

    with lock:
        other = threading.Thread(target=wait)
        other.start()
        time.sleep(0.01)
        order.append("first")
    other.join()
    assert order == ["first", "then"] and not kept["thread"].is_alive()
    kept["thread"].join()
