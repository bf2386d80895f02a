"""How much money a scenario can be about at most: amounts are added up in 64 bits, and no field alone says too much.

Each bound takes the largest draw of every contract, and of every change, so it is far above what a seed comes to.
"""

from pydantic_core import PydanticCustomError

from scenarios.business import Business
from scenarios.catalogue import offers
from scenarios.metering import NORM
from scenarios.offerings import Services, Usage
from scenarios.values import MILLION, refusal
from sim.calendar import FiscalCalendar
from sim.chance import lognormal_largest
from sim.durations import DAY

LARGEST_MINOR = 10**18
"""The most that all of a kind may come to in minor units; nine times as much does not fit 64 bits any more.

A hundred times what the world produces in a year, in dollars.
"""

CHANGES_MAX = 300
"""More changes of one contract than this are as many: with a half more each time, it is past all bounds long before."""

PROJECT_HOURS = 27 * 120
"""More hours than are worked on any project: up to 120 a week for half a year."""

YEAR_DAYS = 365


def too_large(business: Business, calendar: FiscalCalendar) -> PydanticCustomError | None:
    """A refusal of business that may come to more money than can be added up, at the field to lower, if it may."""
    run_days = -(-calendar.end_us // DAY)
    contracts = _contracts(business)
    grown, of = _growth(business, run_days)
    sold_minor = contracts * _contract_minor(business, run_days) * grown // of
    if sold_minor > LARGEST_MINOR and grown > MILLION * of:
        remedy = "lower it, burst_share, or the true-ups among the waves"
        return _refused(sold_minor, remedy, "amendments", "per_contract_year")
    if sold_minor > LARGEST_MINOR:
        return _refused(sold_minor, "lower it, acv_sigma or contracts", "acv_median")
    if business.usage is not None:
        seats = _seats(business) * grown // of
        months = run_days // 28 + 1
        used_minor = contracts * months * seats * _seat_minor(business.usage)
        if used_minor > LARGEST_MINOR:
            field = "rate" if business.usage.rate_minor > business.usage.included else "included"
            return _refused(used_minor, "lower rate, included, used or used_sigma", "usage", field)
    return _project_refused(business.services) if business.services is not None else None


def _refused(minor: int, remedy: str, *at: str | int) -> PydanticCustomError:
    most, may = f"{LARGEST_MINOR // 100:.0e}", f"{minor // 100:.1e}"
    expected = f"so little that all of it comes to at most {most} currency units, and it may come to {may}"
    return refusal(expected, remedy, "business", *at)


def _contracts(business: Business) -> int:
    """The most contracts that there can be: each may be renewed once."""
    acquired = business.acquisition.contracts if business.acquisition else 0
    once = business.contracts + business.opening_contracts + acquired
    return once * (2 if business.renewals else 1)


def _growth(business: Business, run_days: int) -> tuple[int, int]:
    """Up to how many units a contract may grow, of how many, by changes that add a half each."""
    terms = business.amendments
    true_ups = sum(wave.kind == "true_ups" for wave in business.waves)
    planned_ppm = terms.per_contract_year_ppm * run_days // YEAR_DAYS + true_ups * MILLION
    changes = -(-planned_ppm * (MILLION + terms.burst_share_ppm) // MILLION**2)
    changes = min(changes, CHANGES_MAX)
    return 3**changes, 2**changes


def _contract_minor(business: Business, run_days: int) -> int:
    """The highest price of a contract as it is signed: a year of the largest, or of one seat, for its whole term."""
    _, dearest_minor = _prices_minor(business)
    year_minor = lognormal_largest(business.acv_median_minor, business.acv_sigma_milli) + 12 * dearest_minor
    years = max(term for term, weight in business.term_weights if weight) // 12 + run_days // YEAR_DAYS + 2
    ramp_ppm = business.ramp.step_ppm * years if business.ramp else 0
    setup_ppm = business.setup.price_ppm if business.setup else 0
    return year_minor * (years * (MILLION + ramp_ppm) + setup_ppm) // MILLION


def _seats(business: Business) -> int:
    """The most seats that a contract can be signed for."""
    cheapest_minor, _ = _prices_minor(business)
    return lognormal_largest(business.acv_median_minor, business.acv_sigma_milli) // (12 * cheapest_minor) + 1


def _prices_minor(business: Business) -> tuple[int, int]:
    """The lowest and the highest price of a seat and month, in whichever price book and entity."""
    prices = [offer.unit_price_minor for offer, _ in offers()]
    entities = [MILLION, *(entity.price_ppm for entity in business.entities)]
    books = [MILLION, *(change.price_ppm for change in business.prices)]
    lowest = min(prices) * min(entities) * min(books) // MILLION**2
    return max(1, lowest), max(prices) * max(entities) * max(books) // MILLION**2


def _seat_minor(usage: Usage) -> int:
    """The most that a seat's use can cost in a month."""
    used = usage.included * usage.used_ppm * lognormal_largest(NORM, usage.used_sigma_milli)
    return used * usage.rate_minor // (MILLION * NORM)


def _project_refused(services: Services) -> PydanticCustomError | None:
    """A refusal of projects that may come to more, by their prices or by the hour."""
    projects = services.projects + services.active
    priced_minor = 2 * projects * lognormal_largest(services.value_median_minor, services.value_sigma_milli)
    if priced_minor > LARGEST_MINOR:
        return _refused(priced_minor, "lower it, value_sigma or projects", "services", "value_median")
    worked_minor = projects * PROJECT_HOURS * services.rate_minor
    if worked_minor > LARGEST_MINOR:
        return _refused(worked_minor, "lower it, or projects", "services", "rate")
    return None
