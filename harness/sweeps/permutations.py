"""One contract's events told in every order, each with any of them told twice: the end must be the same.

Up to five events have 4,282 such tellings. Each is that of a contract of its own, all in one run: a relay between
the CRM and the layer keeps a contract's events until it has them all, and then tells them in the contract's order.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, count, permutations

from fakes.agreements import Account, Contract, Kind, PerformanceObligation, Version
from fakes.books.charges import price_change_minor
from harness.attempts import attempt
from harness.endings import RunFailed
from harness.layer import AGREEMENT_EVENTS, Endpoint
from harness.layers import choose
from harness.oracle import expect
from harness.replication import without_garbage_collection
from harness.simulation import simulate
from harness.sweeps.trial import SMALLEST, Outcome, outcome_of
from scenarios.compile import calendar_of, setups_of
from scenarios.load import load
from scenarios.truth import Act, Truth
from sim.calendar import FiscalCalendar, add_months
from sim.chance import Stream
from sim.clock import Clock
from sim.delivery import Event, Handler
from sim.durations import DAY, MINUTE
from sim.network import CAUSE

EVENTS_MAX = 5
QUANTITIES = (10, 15, 12, 20, 18)
"""The quantity after each version of a contract."""

SPACING_US = 5 * MINUTE
"""Between the signings of two contracts."""

AGAIN_US = MINUTE
"""How long the relay waits before it tells what was refused again."""

UNIT_PRICE_MINOR = 100_00

Telling = tuple[int, ...]
"""Version numbers in the order of their telling: (2, 1, 3, 1)."""


def tellings(events_max: int = EVENTS_MAX) -> Iterator[Telling]:
    """Every order of 1 up to so many events; of each, every choice of events that are told again at its end."""
    for events in range(1, events_max + 1):
        for order in permutations(range(1, events + 1)):
            doubled = chain.from_iterable(combinations(order, number) for number in range(events + 1))
            yield from (order + again for again in doubled)


@dataclass(frozen=True, slots=True)
class Tellings:
    """A layer over contracts of `events` events each, told in every order, `gap_us` between two tellings."""

    layer: str
    events: int
    gap_us: int = 0
    tie_seed: int | None = None

    @property
    def what(self) -> str:
        """What it tries."""
        return f"{self.events} events in every order, {self.gap_us // MINUTE} min apart"

    @property
    def command(self) -> str:
        """The command line that repeats it."""
        return shlex.join(["tieout", "conformance", self.layer, "--only", "order"])

    def run(self) -> Outcome:
        """What is wrong at the end of it. Raises LayerError."""
        told = [telling for telling in tellings(self.events) if max(telling) == self.events]
        outcome, broken = tell(self.layer, told, self.gap_us, self.tie_seed)
        orders = tuple(f"told {', '.join(map(str, telling))}: {lines[0]}" for telling, lines in broken.items())
        return replace(outcome, wrong=orders, absent=(), late=())


def tell(
    layer: str, tellings: Sequence[Telling], gap_us: int = 0, tie_seed: int | None = None
) -> tuple[Outcome, Mapping[Telling, tuple[str, ...]]]:
    """Run a layer over contracts that are told so: what is wrong at the end, and what of it by telling.

    Raises LayerError.
    """
    scenario = load(SMALLEST)
    calendar = calendar_of(scenario)
    truth, plan = _agreed(tellings, calendar)

    try:
        with without_garbage_collection(), attempt("every order", layer, scenario.seed):
            simulation = simulate(
                calendar=calendar,
                truth=truth,
                setups=setups_of(scenario),
                faults=(),
                choice=choose(layer),
                seed=scenario.seed,
                ties=None if tie_seed is None else Stream(tie_seed, "ties"),
                relayed=_Relay(plan, gap_us).between,
            )
            outcome = outcome_of(simulation, expect(truth, calendar))
    except RunFailed as failed:
        return Outcome(failed=(str(failed),)), {}
    broken: dict[Telling, tuple[str, ...]] = {}
    for line in outcome.wrong + outcome.absent + outcome.late:
        for key in dict.fromkeys(_KEY.findall(line)):
            broken[plan[key]] = (*broken.get(plan[key], ()), line)
    return outcome, broken


_KEY = re.compile(r"(?<!\w)C-\d{6}")


class _Relay:
    """Takes a contract's events for all endpoints, and tells them once it has them all, in the contract's order."""

    def __init__(self, plan: Mapping[str, Telling], gap_us: int) -> None:
        self._plan = plan
        self._gap_us = gap_us
        self._handlers: dict[str, tuple[Endpoint, Handler, Clock]] = {}
        self._events: dict[str, dict[tuple[str, int], Event]] = {}

    def between(self, endpoint: Endpoint, handler: Handler, clock: Clock) -> Handler:
        """The handler that a source is to tell in place of an endpoint's own."""
        if endpoint.source != "crm" or not endpoint.types & AGREEMENT_EVENTS:
            return handler
        self._handlers[endpoint.name] = endpoint, handler, clock

        async def receive(event: Event) -> bool:
            if event.type not in AGREEMENT_EVENTS:
                return await handler(event)
            telling, events = self._plan[event.key], self._events.setdefault(event.key, {})
            events[endpoint.name, event.version] = event
            if len(events) == sum(_concerns(endpoint, telling) for endpoint, _, _ in self._handlers.values()):
                self._tell_all(telling, events)
            return True

        return receive

    def _tell_all(self, telling: Telling, events: Mapping[tuple[str, int], Event]) -> None:
        for place, version in enumerate(telling):
            for name, (_, handler, clock) in self._handlers.items():
                if (name, version) in events:
                    clock.spawn(_tell(clock, handler, events[name, version], place * self._gap_us))


def _concerns(endpoint: Endpoint, telling: Telling) -> int:
    """How many of a contract's events an endpoint is told of: the signing, and its amendments."""
    return ("contract_signed" in endpoint.types) + ("contract_amended" in endpoint.types) * (max(telling) - 1)


async def _tell(clock: Clock, handler: Handler, event: Event, wait_us: int) -> None:
    CAUSE.set(event.id)
    await clock.sleep(wait_us)
    while not await handler(event):
        await clock.sleep(AGAIN_US)


def _agreed(tellings: Sequence[Telling], calendar: FiscalCalendar) -> tuple[Truth, dict[str, Telling]]:
    """The business, and each contract's telling by its key: contract after contract, a version each minute."""
    accounts, acts, plan = list[Account](), list[Act](), dict[str, Telling]()
    first_us = calendar.quarter_start_us + DAY
    for number, telling in zip(count(1), tellings, strict=False):
        key, account = f"C-{number:06}", Account(f"A-C{number:06}", f"Customer {number}")
        signed_us = first_us + number * SPACING_US
        contract = _contract(key, account.key, calendar.day_of(signed_us), max(telling))
        accounts.append(account)
        plan[key] = telling
        for version in range(1, max(telling) + 1):
            at_us = signed_us + (version - 1) * MINUTE // EVENTS_MAX
            acts.append(Act(at_us, contract=_as_of(contract, version)))
    assert not acts or acts[-1].at_us < calendar.quarter_end_us, "there is no room for so many contracts"
    return Truth(tuple(accounts), (), tuple(acts)), plan


def _contract(key: str, account: str, start_day: int, versions: int) -> Contract:
    end_day, agreed, before = add_months(start_day, 12), list[Version](), 0
    for number, quantity in enumerate(QUANTITIES[:versions], start=1):
        price_minor = price_change_minor(
            start_day=start_day,
            end_day=end_day,
            billing_months=1,
            unit_price_minor=UNIT_PRICE_MINOR,
            units=quantity - before,
            effective_day=start_day,
        )
        kind: Kind = "signed" if number == 1 else "amended"
        agreed.append(Version(number, kind, start_day, start_day, quantity, price_minor))
        before = quantity
    obligations = (PerformanceObligation("platform", UNIT_PRICE_MINOR),)
    return Contract(key, account, "USD", start_day, end_day, 1, UNIT_PRICE_MINOR, obligations, tuple(agreed))


def _as_of(contract: Contract, version: int) -> Contract:
    return replace(contract, versions=contract.versions[:version])
