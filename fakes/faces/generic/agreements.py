"""Accounts, contracts and what was delivered of them, as JSON: the same in all systems, and both ways."""

from typing import Annotated

from pydantic import Field

from fakes import agreements as core
from fakes.faces.generic.wire import Count, Currency, Day, DayOrNone, Key, Minor, Number, Price, Text, TextOrNone, Wire


class Account(Wire):
    """A customer, as sales knows it. `party` is one of several accounts' common customer, `parent` a parent's account.

    `entity` is the legal entity of ours that does business with it: "" is the first.
    """

    made = core.Account

    key: Key
    name: Text
    entity: TextOrNone = ""
    party: TextOrNone = ""
    parent: TextOrNone = ""
    version: Number = 1


class PerformanceObligation(Wire):
    """One promise in a contract, with its stand-alone selling price per unit and month."""

    made = core.PerformanceObligation

    product: Text
    ssp_minor: Price


class Version(Wire):
    """One agreed change: from `effective_day` on the quantity is `quantity`, which may be 0 (cancelled).

    `price_change_minor` is what it adds to (or takes from) the transaction price over the contract's term.
    """

    made = core.Version

    number: Number
    kind: core.Kind
    signed_day: Day
    effective_day: Day
    quantity: Count
    price_change_minor: Minor


class Deliverable(Wire):
    """A promise beside the subscription, agreed by `version`: set-up, a milestone, hours, usage.

    It has a fixed price and a stand-alone selling price for the whole, or `rate_minor` for each unit beyond the
    `included` ones of a month. By day it is rendered from `from_day` up to, not including, `to_day`.
    """

    made = core.Deliverable

    product: Text
    version: Number
    measure: core.Measure
    invoicing: core.Invoicing
    price_minor: Minor = 0
    ssp_minor: Price = 0
    units: Count = 0
    included: Count = 0
    rate_minor: Price = 0
    from_day: DayOrNone = Field(default=None, validate_default=True)
    to_day: DayOrNone = Field(default=None, validate_default=True)


class Contract(Wire):
    """The full state of a contract as of its newest version in `versions`, which are numbered 1, 2, 3 …

    A unit costs `unit_price_minor` a month for all obligations together or, with a `ramp`, what that says for the first
    year, the second, and so on. It is billed in advance every `billing_months`, from `start_day` up to, not including,
    `end_day`. A contract for services alone has no obligations but its deliverables. What was due or earned before its
    `acquired_day` is its former owner's.
    """

    made = core.Contract

    key: Key
    account: Key
    currency: Currency
    start_day: Day
    end_day: Day
    billing_months: Annotated[int, Field(ge=1, le=1_200)]
    unit_price_minor: Price
    obligations: Annotated[tuple[PerformanceObligation, ...], Field(max_length=100)]
    versions: Annotated[tuple[Version, ...], Field(min_length=1, max_length=1_000)]
    ramp: Annotated[tuple[Price, ...], Field(max_length=100)] = ()
    deliverables: Annotated[tuple[Deliverable, ...], Field(max_length=1_000)] = ()
    renews: TextOrNone = ""
    entity: TextOrNone = ""
    acquired_day: DayOrNone = Field(default=None, validate_default=True)


class Fulfilment(Wire):
    """What was rendered of a contract's deliverable: `units` of it, or all of it as `accepted`, by the end of `day`.

    It is about the days from `from_day` on. Usage is `metered` by the product itself; all else, people write down.
    """

    made = core.Fulfilment

    key: Key
    contract: Key
    product: Text
    from_day: Day
    day: Day
    units: Count = 0
    accepted: bool = False
    metered: bool = False


CONTRACT = {
    "key": "C-1",
    "account": "A-1",
    "currency": "USD",
    "start_day": "2026-01-01",
    "end_day": "2027-01-01",
    "billing_months": 1,
    "unit_price_minor": 100,
    "obligations": [{"product": "platform", "ssp_minor": 100}],
    "versions": [
        {
            "number": 1,
            "kind": "signed",
            "signed_day": "2026-01-01",
            "effective_day": "2026-01-01",
            "quantity": 10,
            "price_change_minor": 12_000,
        }
    ],
}
"""A contract for ten units at a dollar a month, for a year."""

FULFILMENT = {
    "key": "F-1",
    "contract": "C-1",
    "product": "calls",
    "from_day": "2026-01-01",
    "day": "2026-01-31",
    "units": 1_500,
    "metered": True,
}
"""A month's usage."""
