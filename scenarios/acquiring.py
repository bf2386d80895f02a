"""An acquisition: the contracts of the company that was bought are brought into the CRM at once, with their history."""

from collections.abc import Iterator

from fakes.agreements import Account
from scenarios.drafting import Drafting
from scenarios.group import Acquisition
from scenarios.names import company
from scenarios.parties import ACQUIRED
from scenarios.signing import OPENING_DAYS, Signing
from scenarios.truth import Act
from sim.calendar import FiscalCalendar
from sim.chance import Stream


def acts(acquisition: Acquisition, drafting: Drafting, calendar: FiscalCalendar, seed: int) -> Iterator[Act]:
    """Customers A-Q… and contracts Q-000001 and on: first all customers, then all contracts, one after the other.

    Each contract was signed within the year before the run, and counts from the day on which it is brought in: until
    then it is billed and earned in the books that it comes from.
    """
    chance = Stream(seed, "acquisition")
    first_day = calendar.day_of(0)
    days = calendar.business_days(first_day - OPENING_DAYS, first_day)
    begins_us = acquisition.at_us(calendar)
    step_us = acquisition.within_us // (2 * acquisition.contracts)
    keys = [f"Q-{number:06}" for number in range(1, acquisition.contracts + 1)]
    accounts = [f"{ACQUIRED}{key.removeprefix('Q-')}" for key in keys]
    for number, account in enumerate(accounts):
        _, _, name, *_ = chance.six(account)
        yield Act(begins_us + number * step_us, account=Account(account, company(name), acquisition.entity))
    for number, (key, account) in enumerate(zip(keys, accounts, strict=True), start=len(keys)):
        at_us = begins_us + number * step_us
        signed = Signing(key, account, chance.pick(days, key), at_us)
        yield Act(at_us, contract=drafting.contract(signed, calendar.day_of(at_us)))
