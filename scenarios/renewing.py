"""What becomes of contracts that end in the run: renewed on time, early, late or co-termed with another; or they end.

A renewal is a contract of its own that follows the one it renews without a gap, and is signed on the day after that
one at the earliest: nobody renews what is not agreed yet. One that is signed late begins in the past: it is invoiced
when it is signed, and what it has earned by then counts in the month of signing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fakes.agreements import Contract
from scenarios.mix import Mix
from scenarios.moments import within_hours_us
from scenarios.offerings import Renewals
from scenarios.signing import Signing
from sim.calendar import FiscalCalendar, add_months
from sim.chance import BITS, Stream

When: TypeAlias = Literal["on_time", "early", "late", "co_termed", "not"]

DAYS_AWAY: Mapping[When, range] = {
    "on_time": range(-14, 0),
    "early": range(-60, -14),
    "late": range(1, 21),
    "co_termed": range(-30, 0),
}
"""How many days from the old contract's end the renewal is signed."""

LEAST_MONTHS = 3
"""What is left of another contract for less is not renewed up to its end."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A signing that renews contract `old`; up to `end_day`, if it is co-termed."""

    signing: Signing
    old: Contract
    end_day: int | None = None


def renewals(terms: Renewals, contracts: Iterable[Contract], calendar: FiscalCalendar, seed: int) -> Iterator[Renewal]:
    """The renewals R-… of those contracts, as they came to be, that end in the run and were not cancelled."""
    drawn = _Renewing(terms, calendar, seed)
    contracts = list(contracts)
    others: dict[str, list[Contract]] = {}
    for contract in contracts:
        others.setdefault(contract.account, []).append(contract)
    for contract in contracts:
        if contract.quantity and contract.end_day <= calendar.day_of(calendar.quarter_end_us):
            renewal = drawn.of(contract, others[contract.account])
            if renewal is not None:
                yield renewal


class _Renewing:
    def __init__(self, terms: Renewals, calendar: FiscalCalendar, seed: int) -> None:
        self._calendar = calendar
        self._last_day = calendar.day_of(calendar.quarter_end_us)
        self._chance = Stream(seed, "renewal")
        weights: tuple[tuple[When, int], ...] = (
            ("on_time", terms.on_time), ("early", terms.early), ("late", terms.late),
            ("co_termed", terms.co_termed), ("not", terms.not_renewed),
        )  # fmt: skip
        self._when = Mix(weights)

    def of(self, old: Contract, own: Sequence[Contract]) -> Renewal | None:
        """How a customer renews a contract, given all of the customer's own; None if not, or not in this quarter."""
        key = f"R-{old.key.replace('-', '')}"
        when_word, days, minute, *_ = self._chance.six(key)
        when = self._when.draw(when_word)
        if when == "not":
            return None
        away = DAYS_AWAY[when]
        known_day = max(old.versions[0].signed_day, old.acquired_day)
        day = max(old.end_day + away[days * len(away) >> BITS], self._calendar.day_of(0), known_day + 1)
        while not self._calendar.is_business_day(day):
            day += 1
        if day >= self._last_day:
            return None
        signing = Signing(key, old.account, day, within_hours_us(self._calendar, day, minute))
        return Renewal(signing, old, _common_end(old, own, day) if when == "co_termed" else None)


def _common_end(old: Contract, own: Sequence[Contract], day: int) -> int | None:
    """The end of another contract, signed by that day, that is whole months after this one's, and not too soon."""
    for other in own:
        if other.key != old.key and other.quantity and other.versions[0].signed_day <= day:
            months = (other.end_day - old.end_day) // 28
            for term in range(LEAST_MONTHS, months + 1):
                if add_months(old.end_day, term) == other.end_day:
                    return other.end_day
    return None
