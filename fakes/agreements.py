"""What was agreed with customers: accounts, contracts and their versions. Shared words, no rules.

Days are proleptic ordinals (`datetime.date.toordinal()`), periods of service run from a day up to, not
including, another. Money is integer minor units of the contract's one currency.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["signed", "amended", "cancelled"]


@dataclass(frozen=True, slots=True)
class Account:
    """A customer, as sales knows it. `key` is the same in every system that keeps it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PerformanceObligation:
    """One promise in a contract, with its stand-alone selling price per unit and month (ASC 606-10-32-31)."""

    product: str
    ssp_minor: int


@dataclass(frozen=True, slots=True)
class Version:
    """One agreed change: from `effective_day` on the quantity is `quantity`, which may be 0 (cancelled).

    `price_change_minor` is what it adds to (or takes from) the transaction price over the contract's term.
    """

    number: int
    kind: Kind
    signed_day: int
    effective_day: int
    quantity: int
    price_change_minor: int


@dataclass(frozen=True, slots=True)
class Contract:
    """The full state of a contract as of its newest version in `versions`, which are numbered 1, 2, 3 …

    A unit costs `unit_price_minor` a month for all obligations together. It is billed in advance every
    `billing_months`, on the anniversaries of `start_day`, up to `end_day`.
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

    @property
    def version(self) -> int:
        """The number of the newest version this state knows of."""
        return self.versions[-1].number

    @property
    def quantity(self) -> int:
        """The quantity after the newest version."""
        return self.versions[-1].quantity
