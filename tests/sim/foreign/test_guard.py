"""The guard: whatever code asks of the machine, it gets the run's, the same each time; or is refused."""

import asyncio
import multiprocessing
import os
import random
import secrets
import select
import signal
import socket
import subprocess
import threading
import time
import uuid
from datetime import UTC, date, datetime
from time import monotonic, sleep
from time import time as now

import aiohttp
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


@pytest.mark.parametrize(("what", "asked"), [
    ("another process", lambda: subprocess.run(["true"], check=True)),
    ("another process", lambda: os.system("true")),
    ("another process", lambda: os.posix_spawnp("true", ["true"], {})),
    ("another process", lambda: os.execlp("true", "true")),
    ("another process", lambda: multiprocessing.get_context("spawn").Process(target=print).start()),
    ("listening", lambda: socket.create_server(("127.0.0.1", 0))),
    ("a socket that is no TCP client's", lambda: socket.socket(type=socket.SOCK_DGRAM)),
    ("a socket that is no TCP client's", lambda: socket.socket(socket.AF_UNIX)),
    ("an alarm by the machine's clock", lambda: signal.alarm(1)),
    ("waiting for sockets by select", lambda: select.select([socket.socket()], [], [], 1)),
    ("waiting for the clock to move", lambda: [None for _ in iter(monotonic, None)]),
])  # fmt: skip
def test_what_cannot_be_had_is_refused_with_its_line_and_a_remedy(what, asked):
    with pytest.raises(Refused, match=rf"{what}.* is refused in virtual time \(at .*test_guard.py:\d+\): \w+"):
        World().blocking(asked)


@pytest.mark.parametrize("asked", [
    lambda loop: loop.subprocess_exec(asyncio.SubprocessProtocol, "true"),
    lambda loop: loop.create_server(asyncio.Protocol, "127.0.0.1", 0),
    lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol),
    lambda loop: loop.create_unix_connection(asyncio.Protocol, "/nowhere"),
    lambda loop: loop.add_reader(0, print),
])  # fmt: skip
def test_what_the_loop_cannot_do_is_refused_likewise(asked):
    async def work():
        await asked(asyncio.get_running_loop())

    with pytest.raises(Refused, match=r"\(at .*test_guard.py:\d+\): \w+"):
        World().loop(work())


def test_names_are_looked_up_in_the_run_alone():
    def work():
        address = socket.gethostbyname("api.test")
        return socket.gethostbyaddr(address)[0], socket.gethostbyname_ex("api.test")[2] == [address]

    assert World().blocking(work) == ("api.test", True)
    for look_up in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        with pytest.raises(socket.gaierror, match=r"example\.com is nobody's in this run"):
            World().blocking(lambda asked: getattr(socket, asked)("example.com"), look_up)


def test_the_machines_proxies_are_nobodys_here(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")

    assert World().blocking(lambda: httpx.get("https://api.test/").status_code) == 200
    assert os.environ["HTTPS_PROXY"] == "http://proxy.example.com:3128"


def test_a_signal_may_be_waited_for_and_never_comes():
    def handler(*_):
        pass

    before = signal.getsignal(signal.SIGTERM)
    World().blocking(lambda: signal.signal(signal.SIGTERM, handler))
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_librarys_own_task_is_asked_for_by_the_line_that_began_it():
    async def work():
        async with aiohttp.ClientSession() as session:
            await session.get("https://example.com/")

    with pytest.raises(aiohttp.ClientConnectorError, match=r"asked for at .*test_guard.py:\d+"):
        World().loop(work())


def test_a_run_of_days_is_no_longer_for_those_who_sleep():
    world = World()
    world.clock.run_until(3 * DAY)

    def work():
        return monotonic()

    assert world.blocking(work) == 3 * DAY / SECOND
