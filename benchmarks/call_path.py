"""One simulated API call beside plain SimPy doing the same work: a process, a Resource and an AnyOf a call.

Both draw the same latencies and service times by the same keys, queue for the same slots, meet the same
deadlines, keep the same trace rows, and must answer every call alike and at the same instant.
"""

from collections.abc import Callable, Generator
from time import process_time
from typing import Any

import simpy

from sim.chance import CELL_SHIFT, SIX, Stream, lognormal
from sim.clock import Clock
from sim.durations import SECOND
from sim.faults import Watch
from sim.network import CAUSE, Response, Server, Station, Wire
from sim.trace import Trace

CLIENTS = 40
TIMEOUT_US = 8 * SECOND
THINK_US = 1_000
STATION = Station(capacity=15, service=lognormal(1_500_000, 600), latency=lognormal(30_000, 300))

Answer = tuple[int, str, int]
"""Client number times a thousand and call number, outcome at the client, instant."""


class Ping:
    """A request that is about nothing."""


def serve(request: Any, key: str | None, now_us: int) -> Response:
    """Do nothing, successfully."""
    return Response(200)


def ours(calls: int) -> tuple[list[Answer], Trace]:
    """All clients' answers by the network of the simulator."""
    clock, trace = Clock(), Trace()
    server = Server(
        Wire(clock, trace),
        "erp",
        serve=serve,
        operations={Ping: "ping"},
        station=STATION,
        watch=Watch(()),
        stream=Stream(1, "calls"),
    )
    answers: list[Answer] = []

    async def client(number: int) -> None:
        for call in range(calls // CLIENTS):
            await clock.sleep(THINK_US)
            response = await server.send(Ping(), f"C-{number}-{call}", None, TIMEOUT_US)
            answers.append((number * 1000 + call, response.word, clock.now))

    for number in range(CLIENTS):
        clock.spawn(client(number))
    clock.run_until(10**15)
    return answers, trace


def plain(calls: int) -> tuple[list[Answer], Trace]:
    """The same by SimPy's own means."""
    environment, trace = simpy.Environment(), Trace()
    number_of = trace.words
    slots = simpy.Resource(environment, STATION.capacity)
    draws = Stream(1, "calls").hasher("erp.ping")
    service, latency = STATION.service.values, STATION.latency.values
    counts: dict[str, int] = {}
    answers: list[Answer] = []
    sent = 0

    operations = {Ping: ("erp.ping", draws, counts)}
    present = serving = 0

    def work(row: list[Any], words: tuple[int, ...], answer: simpy.Event) -> Generator[simpy.Event, Any, None]:
        nonlocal present, serving
        yield environment.timeout(latency[words[0] >> CELL_SHIFT])
        row[6] = environment.now
        present += 1
        with slots.request() as slot:
            yield slot
            yield environment.timeout(service[words[1] >> CELL_SHIFT])
        row[7] = row[8] = environment.now
        present -= 1
        serving = row[1]
        response = serve(None, None, int(environment.now))
        yield environment.timeout(latency[words[2] >> CELL_SHIFT])
        answer.succeed(response)

    def client(number: int) -> Generator[simpy.Event, Any, None]:
        nonlocal sent
        for call in range(calls // CLIENTS):
            yield environment.timeout(THINK_US)
            key = f"C-{number}-{call}"
            operation, start, tried = operations[Ping]
            tried[key] = occurrence = tried.get(key, 0) + 1
            hashed = start.copy()
            hashed.update((key if occurrence == 1 else f"{key}|{occurrence}").encode())
            words = SIX(hashed.digest())
            sent += 1
            row = [sent, CAUSE.get(), number_of[operation], number_of[key], occurrence, environment.now]
            row += [-1, -1, -1, -1, -1]
            answer = environment.event()
            timer = environment.timeout(TIMEOUT_US)
            environment.process(work(row, words, answer))
            yield environment.any_of([answer, timer])
            row[9] = environment.now
            reply: Response | None = None if timer.processed else answer.value
            word = reply.word if reply else "timeout"
            row[10] = number_of[word]
            trace.calls.data += trace.calls.pack(*row)
            answers.append((number * 1000 + call, word, int(environment.now)))

    for number in range(CLIENTS):
        environment.process(client(number))
    environment.run()
    return answers, trace


def measure(calls: int = 40_000, rounds: int = 5) -> dict[str, float]:
    """Microseconds a call both ways and their ratio, the best of several rounds taken in turn."""
    ours_us, plain_us = float("inf"), float("inf")
    for _ in range(rounds):
        ours_us = min(ours_us, _timed(ours, calls))
        plain_us = min(plain_us, _timed(plain, calls))
    return {"ours_us": ours_us, "plain_us": plain_us, "ratio": ours_us / plain_us}


def _timed(way: Callable[[int], object], calls: int) -> float:
    began = process_time()
    way(calls)
    return (process_time() - began) / calls * 1e6
