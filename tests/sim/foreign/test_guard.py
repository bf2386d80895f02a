"""The guard: whatever code asks of the machine, it gets the run's, the same each time; or is refused."""

import os
import random
import secrets
import socket
import subprocess
import threading
import time
import uuid
from datetime import UTC, date, datetime
from time import monotonic, sleep
from time import time as now

import httpx
import pytest

from sim.durations import DAY, SECOND
from sim.foreign.refusal import Refused
from tests.sim.foreign.played import ORIGIN, World


def test_all_watches_show_the_runs_time_however_they_were_imported():
    def work():
        sleep(3_601.5)
        return now(), time.time_ns() % 10**9, monotonic(), datetime.now(UTC), date.today()

    shown = World().blocking(work)

    assert shown[0] == ORIGIN.timestamp() + 3_601.5
    assert shown[1:3] == (500_000_000, 3_601.5)
    assert shown[3] == datetime(2026, 1, 1, 1, 0, 1, 500_000, tzinfo=UTC)
    assert shown[4] == date(2026, 1, 1)


def chance():
    return [
        random.random(), random.Random().random(), secrets.token_hex(8), uuid.uuid4(), os.urandom(4),
        random.SystemRandom().random(), uuid.uuid1().time,
    ]  # fmt: skip


def test_chance_is_the_runs_and_follows_from_its_seed():
    first, again, other = World(seed=1).blocking(chance), World(seed=1).blocking(chance), World(seed=2).blocking(chance)

    assert first == again
    assert all(one != another for one, another in zip(first[:-1], other[:-1], strict=True))
    assert len(set(map(str, first))) == len(first)


def test_afterwards_the_machine_is_as_it_was():
    before = (time.sleep, socket.socket, os.urandom, time.monotonic, time.perf_counter, random.seed, random.getstate())
    World().blocking(chance)

    after = (time.sleep, socket.socket, os.urandom, time.monotonic, time.perf_counter, random.seed, random.getstate())
    assert after == before
    assert abs(time.time() - datetime.now(UTC).timestamp()) < 60 and time.time() > ORIGIN.timestamp() + 1


def test_other_threads_keep_the_machines_own():
    world, asked, told = World(), threading.Event(), []

    def another():
        asked.wait()
        before = time.monotonic()
        time.sleep(0.01)
        left, right = socket.socketpair()
        told.append((time.monotonic() - before, isinstance(left, socket.socket)))
        left.close()
        right.close()

    def work():
        asked.set()
        while thread.is_alive():
            pass
        return time.monotonic()

    thread = threading.Thread(target=another)
    thread.start()

    assert world.blocking(work) == 0
    ((took, is_socket),) = told
    assert 0.01 <= took < 10 and is_socket


def test_no_other_host_is_reached_and_the_error_says_which():
    world = World()
    with pytest.raises(httpx.ConnectError, match=r"example.com is nobody's in this run .*test_guard.py:\d+.*api.test"):
        world.blocking(lambda: httpx.get("https://example.com/"))

    assert world.internet.refused == ["example.com"]


def test_processes_and_listening_are_refused():
    world = World()
    with pytest.raises(Refused, match="another process"):
        world.blocking(lambda: subprocess.run(["true"], check=True))
    with pytest.raises(Refused, match="listening"):
        world.blocking(lambda: socket.socket().listen())


def test_a_run_of_days_is_no_longer_for_those_who_sleep():
    world = World()
    world.clock.run_until(3 * DAY)

    def work():
        return monotonic()

    assert world.blocking(work) == 3 * DAY / SECOND
