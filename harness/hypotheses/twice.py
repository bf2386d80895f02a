"""What is created twice: keys that have run out, and customers that a search does not show yet. H5 and H17.

The systems are those of every run: billing honours idempotency keys for a day and knows no unique customer, ERP upserts
by external id, and the searches of both lag behind.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fakes.billing import Billing, CreateCustomer
from fakes.customers import CustomerMaster
from fakes.erp import Erp, UpsertCustomer
from fakes.system import Setup, System
from harness.blocks.identity import LookUp
from harness.blocks.retry import Caller, RetryPolicy
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, exactly, share_of
from harness.layer import Surroundings
from scenarios.compile import calendar_of, setups_of
from scenarios.load import loads
from sim.calendar import FiscalCalendar
from sim.chance import Stream, exponential
from sim.clock import Clock
from sim.durations import HOUR, SECOND
from sim.faults import Fault, LostResponse
from sim.network import Wire
from sim.trace import Trace

SCENARIO = """
name: twice
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
systems:
  billing: {capacity: 10000, service: {fixed: 1 s}, latency: {fixed: 0 s}, limits: {}}
  erp: {capacity: 10000, service: {fixed: 1 s}, latency: {fixed: 0 s}, limits: {}}
"""
TIMEOUT_US = 30 * SECOND
CHECK_TO_COMMIT_S = 1
"""From the end of the search to the end of the creation."""


@dataclass(slots=True)
class Masters:
    """One system with a customer master, and how a customer is asked of it."""

    wire: Wire
    calendar: FiscalCalendar
    system: System
    customers: CustomerMaster

    def creation(self, account: str) -> CreateCustomer | UpsertCustomer:
        """The request that makes an account a customer."""
        if self.system.name == "billing":
            return CreateCustomer(account, "Company")
        return UpsertCustomer(account, "Company", f"account:{account}")

    def doubled(self) -> int:
        """How many customers there are beyond one an account."""
        return len(self.customers.all) - len({customer.account: 1 for customer in self.customers.all.values()})


def masters(name: str, seed: int, index_lag_s: int, faults: tuple[Fault, ...] = ()) -> Masters:
    """Billing or ERP as in any scenario, with a search that lags behind by so many seconds."""
    scenario = loads(SCENARIO, "twice")
    calendar, wire = calendar_of(scenario), Wire(Clock(), Trace())
    setup: Setup = setups_of(scenario)[name]

    def lag_us(_record: str) -> int:
        return index_lag_s * SECOND

    if name == "billing":
        billing = Billing(calendar, lag_us)
        return Masters(wire, calendar, System(wire, name, billing, setup, faults, seed), billing.customers)
    erp = Erp(calendar, lag_us)
    return Masters(wire, calendar, System(wire, name, erp, setup, faults, seed), erp.customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLifetime(Case):
    """H5: an operation whose answer was lost is done again if its replay comes after the key's lifetime.

    Replays come uniformly `from_h` to `to_h` hours later.
    """

    system: str
    from_h: int
    to_h: int
    operations: int = 4_000

    def predict(self) -> Mapping[str, float]:
        lifetime_h = 24 if self.system == "billing" else math.inf  # ERP's external ids do not run out
        late = (self.to_h - min(self.to_h, max(self.from_h, lifetime_h))) / max(1, self.to_h - self.from_h)
        return {self._claim: late if self.to_h > self.from_h else float(self.from_h >= lifetime_h)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        lost = LostResponse(name="lost", target=self.system, start_us=0, end_us=2 * SECOND, share_ppm=1_000_000)
        here = masters(self.system, seed, 0, (lost,))
        delays, clock = Stream(seed, self._claim), here.wire.clock

        async def client(number: int) -> None:
            account = f"A-{number}"
            request, key = here.creation(account), f"account->{self.system}:{account}:1"
            first = await here.system.server.send(request, account, key, TIMEOUT_US)
            assert not first.ok, "its answer was lost"
            age_us = self.from_h * HOUR + delays.below((self.to_h - self.from_h) * HOUR + 1, number)
            await clock.sleep(max(0, age_us - TIMEOUT_US))  # so that replay and first commit are so far apart
            await here.system.server.send(request, account, key, TIMEOUT_US)

        for number in range(self.operations):
            clock.spawn(client(number))
        clock.run_until(200 * HOUR)
        doubled = here.doubled()
        sure = self.predict()[self._claim] in {0, 1}
        return {self._claim: exactly(doubled / self.operations) if sure else share_of(doubled, self.operations)}

    @property
    def _claim(self) -> str:
        kept = "a key kept for 24 h" if self.system == "billing" else "an external id"
        return f"share done twice, {kept}, replayed {self.from_h} to {self.to_h} h after a lost answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckThenCreate(Case):
    """H17: who looks before creating creates twice if the second order comes within check-to-commit and index lag."""

    system: str
    index_lag_s: int
    gap_s: int
    accounts: int = 5_000

    def predict(self) -> Mapping[str, float]:
        blind_s = CHECK_TO_COMMIT_S + self.index_lag_s
        return {self._claim: 1 - math.exp(-blind_s / self.gap_s) if self.system == "billing" else 0}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        here = masters(self.system, seed, self.index_lag_s)
        clock = here.wire.clock
        surroundings = Surroundings(here.wire, here.calendar, {self.system: here.system.server}, seed)
        caller = Caller(surroundings, RetryPolicy())
        look_up = LookUp(caller)
        gaps, draws = exponential(self.gap_s * SECOND), Stream(seed, self._claim)

        async def order(account: str) -> None:
            if await look_up.known(self.system, "customer", account) is None:
                await caller.write(self.system, here.creation(account), account)

        async def orders(number: int) -> None:
            account = f"A-{number}"
            await clock.sleep(5 * number * SECOND)  # apart, so that nobody waits for a place at the system
            clock.spawn(order(account))
            await clock.sleep(gaps.draw(draws.word(number) >> 32))
            clock.spawn(order(account))

        for number in range(self.accounts):
            clock.spawn(orders(number))
        clock.run_until(5 * self.accounts * SECOND + 20 * self.gap_s * SECOND)
        doubled = here.doubled()
        return {self._claim: share_of(doubled, self.accounts) if self.system == "billing" else exactly(doubled)}

    @property
    def _claim(self) -> str:
        how = "no unique id" if self.system == "billing" else "an external id"
        return (
            f"share of customers created twice, {how}, blind for {CHECK_TO_COMMIT_S + self.index_lag_s} s, "
            f"an order every {self.gap_s} s"
        )


HYPOTHESES = (
    Hypothesis(
        id="H5",
        about="the lifetime of idempotency keys",
        cases=(
            KeyLifetime(system="billing", from_h=0, to_h=48),
            KeyLifetime(system="billing", from_h=1, to_h=23),
            KeyLifetime(system="billing", from_h=60, to_h=65),
            KeyLifetime(system="erp", from_h=60, to_h=65),
        ),
    ),
    Hypothesis(
        id="H17",
        about="check, then create",
        cases=(
            CheckThenCreate(system="billing", index_lag_s=64, gap_s=3_600),
            CheckThenCreate(system="billing", index_lag_s=4, gap_s=30),
            CheckThenCreate(system="billing", index_lag_s=64, gap_s=30),
            CheckThenCreate(system="erp", index_lag_s=64, gap_s=30),
        ),
    ),
)
