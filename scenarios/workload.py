"""The business of a run, from a scenario, its calendar and a seed alone: no layer and no fault touches it."""

from collections.abc import Iterable, Iterator, Sequence

from fakes.agreements import Account, Contract, Fulfilment
from scenarios import acquiring, engagements, exceptional, items, master_data, metering, renewing, signing
from scenarios.amending import Amending
from scenarios.drafting import Drafting
from scenarios.moments import within_hours_us
from scenarios.names import company
from scenarios.parties import Parties
from scenarios.schema import Business, Scenario
from scenarios.selecting import Selection
from scenarios.signing import Signing
from scenarios.truth import Act, Truth
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Stream
from sim.durations import DAY

ACCOUNT_DAYS = 30
"""An account is opened 1 to so many days before its first contract, or on the last business day before that."""


def generate(scenario: Scenario, calendar: FiscalCalendar, seed: int) -> Truth:
    """What was agreed before the run and during it.

    An account is A-… with the key of its first contract by number. Those opened before instant 0 are among the
    opening accounts, even if their first contract comes later.
    """
    business = scenario.business
    before = signing.opening(business, calendar, seed)
    during = signing.lead_in(business, calendar, seed) + signing.quarter(business, calendar, seed)
    opening, acts = _subscriptions(business, before, during, calendar, seed)
    if business.usage:
        acts += metering.acts(business.usage, _final(opening, acts), calendar, seed)
    rendered: list[Fulfilment] = []
    if business.services:
        signed_sows = engagements.signings(business, business.services, calendar, seed)
        for engagement in engagements.engagements(business, business.services, signed_sows, calendar, seed):
            begun, done, happened = engagements.acts(engagement, calendar)
            opening += [begun] if begun else []
            rendered += done
            acts += happened
        before = before + [signed for signed in signed_sows if not signed.at_us]
        during = during + [signed for signed in signed_sows if signed.at_us]

    opened = list(_accounts(before, during, Parties(business, seed), calendar, seed))
    if business.customer_data:
        opened = master_data.related(business.customer_data, sorted(opened, key=lambda each: each[0]), seed)
        acts += master_data.changes(business.customer_data, opened, calendar, seed)
    acts += (Act(at_us, account=account) for at_us, account in opened if at_us >= 0)
    opening_accounts = [account for at_us, account in opened if at_us < 0]
    if business.only is not None:
        chosen = Selection(business.only, opening, opening_accounts, acts)
        acts, opening, rendered = chosen.acts(acts), chosen.contracts(opening), chosen.delivered(rendered)
        opening_accounts = chosen.accounts(opening_accounts)
    acts.sort(key=_order)
    gaps = exceptional.gaps(business.exceptions, acts, seed)
    codes = items.codes(business.entities, _final(opening, acts)) if business.entities else {}
    return Truth(tuple(opening_accounts), tuple(opening), tuple(acts), gaps, tuple(rendered), codes)


def _subscriptions(
    business: Business, before: Sequence[Signing], during: Sequence[Signing], calendar: FiscalCalendar, seed: int
) -> tuple[list[Contract], list[Act]]:
    """The contracts that were signed before the run; and all signings in it, bought and renewed ones too, with changes.

    A renewal follows from how the contract that it renews came to be, so renewals are drawn last.
    """
    drafting = Drafting(business, calendar, seed)
    amending = Amending(business, calendar, seed)
    opening = list(map(drafting.contract, before))
    acts = [act for contract in opening for act in amending.acts(contract, 0)]

    def sign(contract: Contract, at_us: int) -> None:
        acts.append(Act(at_us, contract=contract))
        acts.extend(amending.acts(contract, at_us))

    for signed in (*during, *signing.renewals(business, before, calendar, seed)):
        sign(drafting.contract(signed), signed.at_us)
    if business.acquisition:
        for bought in acquiring.acts(business.acquisition, drafting, calendar, seed):
            if bought.contract:
                sign(bought.contract, bought.at_us)
            else:
                acts.append(bought)
    if business.renewals:
        for renewal in renewing.renewals(business.renewals, _final(opening, acts), calendar, seed):
            sign(drafting.renewal(renewal), renewal.signing.at_us)
    return opening, acts


def _final(opening: Iterable[Contract], acts: Iterable[Act]) -> list[Contract]:
    """Every contract as it came to be."""
    final = {contract.key: contract for contract in opening}
    for act in acts:
        if act.contract:
            known = final.get(act.contract.key)
            if known is None or known.versions[-1].number < act.contract.versions[-1].number:
                final[act.contract.key] = act.contract
    return list(final.values())


def _accounts(
    before: Sequence[Signing], during: Sequence[Signing], parties: Parties, calendar: FiscalCalendar, seed: int
) -> Iterator[tuple[int, Account]]:
    """The instant each account is opened, negative if that is before the run, and the account."""
    chance = Stream(seed, "account")
    for key in dict.fromkeys(signed.account for signed in before):
        _, _, name, *_ = chance.six(key)
        yield -1, Account(key, company(name), parties.entity(key))
    first_us: dict[str, int] = {}
    for signed in during:
        first_us[signed.account] = min(signed.at_us, first_us.get(signed.account, signed.at_us))
    for key, signed_us in first_us.items():
        days, time_of_day, name, *_ = chance.six(key)
        yield _opened_us(signed_us, days, time_of_day, calendar), Account(key, company(name), parties.entity(key))


def _opened_us(signed_us: int, days: int, time_of_day: int, calendar: FiscalCalendar) -> int:
    """An instant in business hours, at two uniform 32-bit words, a day or more before `signed_us`."""
    day = calendar.day_of(signed_us) - 1 - (days * ACCOUNT_DAYS >> BITS)
    while not calendar.is_business_day(day):
        day -= 1
    return min(within_hours_us(calendar, day, time_of_day), signed_us - DAY)


def _order(act: Act) -> tuple[int, str, int]:
    """By instant; at the same one by key, which puts accounts (A-…) before contracts, and by version."""
    at_us, account, contract, _ = act
    if contract is not None:
        return at_us, contract.key, contract.versions[-1].number
    return at_us, act.key, account.version if account else 0
