"""Threads of blocking code, and what Python's library makes of them, in virtual time."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest
import requests

from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.refusal import Refused
from sim.incarnation import Incarnation
from tests.sim.foreign.played import World


def test_threads_wait_beside_each_other():
    def work():
        threads = [threading.Thread(target=time.sleep, args=(span,)) for span in (30, 100)]
        for thread in threads:
            thread.start()
        alive = [thread.is_alive() for thread in threads]
        for thread in threads:
            thread.join()
        return alive, [thread.is_alive() for thread in threads], time.monotonic()

    assert World().blocking(work) == ([True, True], [False, False], 100.0)


def test_a_pool_asks_in_parallel_and_the_same_every_time():
    def work():
        with ThreadPoolExecutor(max_workers=3) as pool:
            numbers = [one.json()["n"] for one in pool.map(requests.get, ["https://api.test/x"] * 7)]
            done = [future.result() for future in as_completed(pool.submit(slow, span) for span in (3, 1, 2))]
        return numbers, done, time.monotonic()

    def slow(span):
        time.sleep(span)
        return span

    first, again = World().blocking(work), World().blocking(work)
    assert first == again == ([3, 3, 3, 6, 6, 6, 7], [1, 2, 3], 3.6)  # of how many it knows when it answers


def test_a_pools_size_does_not_follow_from_the_machine():
    assert World().blocking(lambda: ThreadPoolExecutor()._max_workers) == 8


def test_who_waits_for_a_lock_longest_holds_it_next():
    held = []

    def hold(lock, name):
        with lock:
            held.append((name, time.monotonic()))
            time.sleep(10)

    def work(kind):
        lock = getattr(threading, kind)()
        threads = [threading.Thread(target=hold, args=(lock, name)) for name in "abc"]
        for thread in threads:
            thread.start()
        time.sleep(1)
        impatient = lock.acquire(timeout=5), lock.acquire(blocking=False)  # it stands in line, and gives up
        for thread in threads:
            thread.join()
        return impatient, lock.acquire()

    for kind in ("Lock", "Semaphore"):
        held.clear()
        assert World().blocking(work, kind) == ((False, False), True)
        assert held == [("a", 0.0), ("b", 10.0), ("c", 20.0)]


def test_queues_events_and_timers_wait_in_virtual_time():
    def work(kind):
        told, over = getattr(queue, kind)(), threading.Event()
        threading.Timer(60, told.put, ["rung"]).start()
        threading.Timer(90, over.set).start()
        with pytest.raises(queue.Empty):
            told.get(timeout=10)
        return told.get(), time.monotonic(), over.wait(5), over.wait(), time.monotonic()

    for kind in ("Queue", "LifoQueue", "SimpleQueue"):
        assert World().blocking(work, kind) == ("rung", 60.0, False, True, 90.0)


def test_a_thread_has_a_number_a_name_and_values_of_its_own():
    def work():
        own, seen = threading.local(), []

        def look():
            known = hasattr(own, "x")
            own.x = threading.current_thread().name
            time.sleep(1)
            seen.append((own.x, known, threading.get_ident() == threading.current_thread().ident))

        own.x = "main"
        threads = [threading.Thread(target=look, name=name) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        time.sleep(2)
        return seen, own.x, threading.active_count(), threads[0].ident != threads[1].ident

    assert World().blocking(work) == ([("a", False, True), ("b", False, True)], "main", 1, True)


def test_an_error_in_a_thread_is_kept_and_told_as_ever(monkeypatch):
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda error: told.append((error.thread.name, error.exc_type)))
    world = World()

    def work():
        thread = threading.Thread(target=lambda: 1 / 0, name="divides")
        thread.start()
        thread.join()

    world.blocking(work)
    assert told == [("divides", ZeroDivisionError)]
    assert [type(error) for error in world.guard.loop.errors] == [ZeroDivisionError]


def test_what_threads_cannot_do_they_are_told():
    def work():
        import _thread

        def join_oneself():
            with pytest.raises(RuntimeError, match="current thread"):
                threading.current_thread().join()

        thread = threading.Thread(target=join_oneself)
        with pytest.raises(RuntimeError, match="before it is started"):
            thread.join()
        thread.start()
        with pytest.raises(RuntimeError, match="only be started once"):
            thread.start()
        with pytest.raises(RuntimeError):
            threading.Lock().release()
        time.sleep(1)
        with pytest.raises(Refused, match=r"_thread.*test_threads.py"):
            _thread.start_new_thread(print, ())

    World().blocking(work)


def test_threads_end_with_the_life_that_began_them():
    world, beats = World(), []
    life = Incarnation(world.clock)
    world.guard.threads.clock = life.clock

    def beat():
        while True:
            time.sleep(10)
            beats.append(time.monotonic())

    with world.guard.guarded():
        life.clock.spawn(blocking.run(threading.Thread(target=beat).start))
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
