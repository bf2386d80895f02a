"""What was agreed with customers: accounts, contracts and their versions. Shared words, no rules.

Days are proleptic ordinals (`datetime.date.toordinal()`), periods of service run from a day up to, not
including, another. Money is integer minor units of the contract's one currency.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sim.record import Value

Kind = Literal["signed", "amended", "cancelled"]


Items: TypeAlias = Mapping[str, Mapping[str, str]]
"""The item codes of ERPs that name products in their own way, by legal entity and product."""


class Account(Value):
    """A customer, as sales knows it. `key` is the same in every system that keeps it.

    `entity` is the legal entity of ours that does business with it: "" is the first, whose ERP is plainly `erp`.
    Accounts of one `party` are one customer, whom sales has entered more than once. `parent` is the account of the
    company that it belongs to. `version` counts the states of the account.
    """

    key: str
    name: str
    entity: str = ""
    party: str = ""
    parent: str = ""
    version: int = 1


class PerformanceObligation(Value):
    """One promise in a contract, with its stand-alone selling price per unit and month (ASC 606-10-32-31)."""

    product: str
    ssp_minor: int


Measure = Literal["by_day", "by_hours", "on_acceptance", "as_invoiced"]
"""How progress towards a deliverable is measured (ASC 606-10-25-31, 55-17): by the days that pass, by the hours worked
of those planned, at its acceptance; or not at all, as what was used is worth what is invoiced for it (55-18)."""

Invoicing = Literal["at_start", "on_acceptance", "as_delivered"]


class Deliverable(Value):
    """A promise beside the subscription, agreed by `version`: set-up, a milestone, hours, usage.

    It has a fixed price and a stand-alone selling price, both for the whole, or a price for each unit of what is
    delivered beyond the `included` units of a month: `rate_minor`, and none of the former. By hours it is planned to
    take `units` of them. By day it is rendered over [`from_day`, `to_day`), where it otherwise may be at any time. What
    a later version has of the same product is more of the same promise: it is not distinct.
    """

    product: str
    version: int
    measure: Measure
    invoicing: Invoicing
    price_minor: int = 0
    ssp_minor: int = 0
    units: int = 0
    included: int = 0
    rate_minor: int = 0
    from_day: int = 0
    to_day: int = 0


class Fulfilment(Value):
    """What was rendered of a contract's deliverable: `units` of it, or all of it as `accepted`, by the end of `day`.

    It is about the days from `from_day` on. Usage is `metered` by the product itself; all else, people write down.
    """

    key: str
    contract: str
    product: str
    from_day: int
    day: int
    units: int = 0
    accepted: bool = False
    metered: bool = False


class Version(Value):
    """One agreed change: from `effective_day` on the quantity is `quantity`, which may be 0 (cancelled).

    `price_change_minor` is what it adds to (or takes from) the transaction price over the contract's term.
    """

    number: int
    kind: Kind
    signed_day: int
    effective_day: int
    quantity: int
    price_change_minor: int


class Contract(Value):
    """The full state of a contract as of its newest version in `versions`, which are numbered 1, 2, 3 …

    A unit costs `unit_price_minor` a month for all obligations together or, with a `ramp`, what that says for the
    first year, the second, and so on, the last price for all that follow. It is billed in advance every
    `billing_months`, on the anniversaries of `start_day`, up to `end_day`. A contract for services alone has no
    obligations but its deliverables. One that `renews` another bears the other's key. `entity` is its customer's.
    What was due or earned before its `acquired_day` is its former owner's, and settled. `period_price_minor` is what a
    unit costs a billing period, where that is no whole number of minor units a month.
    """

    key: str
    account: str
    currency: str
    start_day: int
    end_day: int
    billing_months: int
    unit_price_minor: int
    obligations: tuple[PerformanceObligation, ...]
    versions: tuple[Version, ...]
    ramp: tuple[int, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    renews: str = ""
    entity: str = ""
    acquired_day: int = 0
    period_price_minor: int = 0

    @property
    def version(self) -> int:
        """The number of the newest version this state knows of."""
        return self.versions[-1].number

    @property
    def quantity(self) -> int:
        """The quantity after the newest version."""
        return self.versions[-1].quantity
