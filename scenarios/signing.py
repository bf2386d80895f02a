"""Who signs which contract, and when.

A contract's instant is its own uniform draw put through the intensity of its part of the run: another profile
moves the same contracts, and more contracts come on top of those there were. Given their number, the
instants are a non-homogeneous Poisson process; days are not over-dispersed beyond that.
"""

from collections.abc import Sequence

from fakes.books.rounding import round_half_away
from scenarios import profiles
from scenarios.intensity import Intensity
from scenarios.schema import Business
from scenarios.values import MILLION
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Stream, happens
from sim.record import Value

OPENING_DAYS = 365
"""Contracts that are active when the run starts were signed within so many days before it."""

_LOW_WORD = (1 << BITS) - 1


class Signing(Value):
    """A contract's key and its customer's, and when it is signed; `at_us` is 0 if that was before the run."""

    key: str
    account: str
    day: int
    at_us: int


def opening(business: Business, calendar: FiscalCalendar, seed: int) -> list[Signing]:
    """Contracts O-000001 and on: each as likely on any business day of the year before the run."""
    keys = _keys("O", business.opening_contracts)
    accounts = _accounts(keys, business, seed)
    first_day = calendar.day_of(0)
    days = calendar.business_days(first_day - OPENING_DAYS, first_day)
    chance = Stream(seed, "signing")
    return [Signing(key, account, chance.pick(days, key), 0) for key, account in zip(keys, accounts, strict=True)]


def lead_in(business: Business, calendar: FiscalCalendar, seed: int) -> list[Signing]:
    """Contracts L-000001 and on: as many a business day as the quarter has on average, without a rush."""
    from_day, to_day = calendar.day_of(0), calendar.quarter_start.toordinal()
    days = len(calendar.business_days(from_day, to_day))
    quarter_days = len(calendar.business_days(to_day, calendar.day_of(calendar.quarter_end_us)))
    keys = _keys("L", round_half_away(business.contracts * days, quarter_days))
    return _placed(keys, profiles.even(calendar, from_day, to_day), business, calendar, seed)


def quarter(business: Business, calendar: FiscalCalendar, seed: int) -> list[Signing]:
    """Contracts C-000001 and on, exactly `contracts` of them, placed by the profile."""
    intensity = profiles.quarter(profiles.PROFILES[business.profile], calendar)
    return _placed(_keys("C", business.contracts), intensity, business, calendar, seed)


def renewals(business: Business, before: Sequence[Signing], calendar: FiscalCalendar, seed: int) -> list[Signing]:
    """The contracts that waves of renewals bring: W1-000001 and on for the first wave, by customers of `before`."""
    chance, signings = Stream(seed, "wave"), list[Signing]()
    for number, wave in enumerate(business.waves, start=1):
        if wave.kind == "renewals":
            for key, old in zip(_keys(f"W{number}", wave.contracts), before, strict=False):
                at_us = wave.draw_us(calendar, chance, key)
                signings.append(Signing(key, old.account, calendar.day_of(at_us), at_us))
    return signings


def _placed(
    keys: Sequence[str], intensity: Intensity, business: Business, calendar: FiscalCalendar, seed: int
) -> list[Signing]:
    chance = Stream(seed, "signing")
    signings = []
    for key, account in zip(keys, _accounts(keys, business, seed), strict=True):
        at_us = intensity.draw_us(chance.word(key))
        signings.append(Signing(key, account, calendar.day_of(at_us), at_us))
    return signings


def _keys(letter: str, count: int) -> list[str]:
    return [f"{letter}-{number:06}" for number in range(1, count + 1)]


def _accounts(keys: Sequence[str], business: Business, seed: int) -> list[str]:
    """The account of each contract: one of its own, which bears its key, or that of any contract before it.

    Every contract has the same chance of a new customer, so that a customer has `contracts_per_account` on
    average, and the first customers more.
    """
    chance = Stream(seed, "customer")
    new_ppm = MILLION * MILLION // business.contracts_per_account_ppm
    accounts: list[str] = []
    for number, key in enumerate(keys):
        word = chance.word(key)
        if not number or happens(word >> BITS, new_ppm):
            accounts.append(f"A-{key.replace('-', '')}")
        else:
            accounts.append(accounts[(word & _LOW_WORD) * number >> BITS])
    return accounts
