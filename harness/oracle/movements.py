"""What moved in a book, contract by contract and month by month, and the position that each contract is left in.

A contract's net position is what is billed less credited less earned. Of it, usage and time that are earned and not
yet invoiced are a receivable, a right that depends on nothing any more; the rest is one contract liability or one
contract asset, and contracts are never netted with each other (ASC 606-10-45-1..4).
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from fakes.agreements import Contract, Deliverable
from harness.oracle.columns import summed
from harness.oracle.translation import Translation

Amounts: TypeAlias = npt.NDArray[np.int64]
"""Minor units, exact: by contract, or by month and contract."""

Kind: TypeAlias = Literal["subscription", "setup", "usage", "services", "time", "other"]

KINDS: tuple[Kind, ...] = ("subscription", "setup", "usage", "services", "time", "other")
"""What revenue is of. `time` is of services, and like usage worth what is invoiced for it; `other` is nobody's."""

AS_INVOICED: tuple[Kind, ...] = ("usage", "time")
"""Kinds that are agreed by the unit: they are no part of a transaction price until they are delivered."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where contracts stand, in minor units of their currencies by contract, or by month and contract.

    `fixed` is what is billed of the transaction price less what is earned of it, `as_invoiced` the same of what is
    agreed by the unit, `remaining` the price that is not earned yet.
    """

    fixed: Amounts
    as_invoiced: Amounts
    remaining: Amounts

    @cached_property
    def net(self) -> Amounts:
        """Billed less earned: contract liability less contract asset less unbilled receivable."""
        return self.fixed + self.as_invoiced

    @cached_property
    def unbilled_receivable(self) -> Amounts:
        """What is earned of usage and time beyond what is invoiced for it."""
        return _positive(-self.as_invoiced)

    @cached_property
    def billed_ahead(self) -> Amounts:
        """What is invoiced of usage and time beyond what is earned of it: liability, but no part of what remains."""
        return _positive(self.as_invoiced)

    @cached_property
    def liability(self) -> Amounts:
        """Contract liabilities."""
        return _positive(self.net + self.unbilled_receivable)

    @cached_property
    def asset(self) -> Amounts:
        """Contract assets."""
        return _positive(-self.net - self.unbilled_receivable)

    @cached_property
    def unbilled(self) -> Amounts:
        """What is agreed of the transaction price and not billed yet; negative where more is billed than agreed."""
        return self.remaining - self.fixed


@dataclass(frozen=True, kw_only=True)
class Movements:
    """A book's movements of `months`, one after the other, in arrays by month and contract (of `contracts`).

    Amounts are in the contracts' own currencies, and `worth` says what they come to. `acquired` is where contracts
    stood that came with another company. `booked` is what the month's agreements added to the price, `invoiced` and
    `credited` its charges, both positive, and `as_invoiced` the net charges for usage and time among them. `other`
    moved a contract's position in the ledger though it is neither charge nor revenue; the oracle has none. What is
    dated before the first month counts in it.
    """

    months: tuple[int, ...]
    contracts: tuple[str, ...]
    worth: Translation
    opening: Position
    acquired: Position
    booked: Amounts
    invoiced: Amounts
    credited: Amounts
    as_invoiced: Amounts
    revenue: Mapping[Kind, Amounts]
    other: Amounts

    @cached_property
    def earned(self) -> Amounts:
        """Revenue of all kinds."""
        return added_up(self.revenue.values())

    @cached_property
    def closing(self) -> tuple[Position, ...]:
        """The position at the end of each month."""
        variable = added_up(self.revenue[kind] for kind in AS_INVOICED)
        priced, billed = self.earned - variable, self.invoiced - self.credited + self.other
        come = self.acquired
        fixed = self.opening.fixed + (come.fixed + billed - self.as_invoiced - priced).cumsum(axis=0)
        as_invoiced = self.opening.as_invoiced + (come.as_invoiced + self.as_invoiced - variable).cumsum(axis=0)
        remaining = self.opening.remaining + (come.remaining + self.booked - priced).cumsum(axis=0)
        return tuple(
            Position(fixed=fixed[at], as_invoiced=as_invoiced[at], remaining=remaining[at])
            for at in range(len(self.months))
        )

    def opening_of(self, at: int) -> Position:
        """The position in which the month at that place begins: that in which the one before it ends."""
        return self.closing[at - 1] if at else self.opening

    def rows(self) -> Iterator[tuple[int | str, ...]]:
        """A row a month and contract that has anything: both, and in minor units the rollforward of its position.

        That is opening, acquired, booked, invoiced, credited, earned, other and closing; of the last the contract
        liability, contract asset and unbilled receivable; and what remains of the price.
        """
        for at, month in enumerate(self.months):
            opening, closing = self.opening_of(at), self.closing[at]
            columns = (
                opening.net, self.acquired.net[at], self.booked[at], self.invoiced[at], self.credited[at],
                self.earned[at], self.other[at], closing.net, closing.liability, closing.asset,
                closing.unbilled_receivable, closing.remaining,
            )  # fmt: skip
            yield from rows_of(month, self.contracts, columns)


class Sheet:
    """Amounts by month and contract in the making, in columns that are quick to add to one by one."""

    __slots__ = ("at", "minor", "whose")

    def __init__(self) -> None:
        self.at, self.whose, self.minor = array("q"), array("q"), array("q")

    def add(self, at: int, whose: int, minor: int) -> None:
        """Add minor units to the contract at the place `whose`, in the month at the place `at`."""
        self.at.append(at)
        self.whose.append(whose)
        self.minor.append(minor)

    def amounts(self, months: int, contracts: int) -> Amounts:
        """What has been added, as an array of that size."""
        if not self.minor:
            return np.zeros((months, contracts), dtype=np.int64)
        at, whose, minor = (np.frombuffer(column, dtype=np.int64) for column in (self.at, self.whose, self.minor))
        return summed(at, whose, minor, (months, contracts))


def added_up(several: Iterable[Amounts]) -> Amounts:
    """The sum of at least one array, cell by cell."""
    first, *others = several
    total = first.copy()
    for amounts in others:
        total += amounts
    return total


def _positive(amounts: Amounts) -> Amounts:
    return np.where(amounts > 0, amounts, 0)


def rows_of(month: int, subjects: Sequence[str], columns: Sequence[Amounts]) -> Iterator[tuple[int | str, ...]]:
    """A row for each subject that has anything in some column: the month, the subject, and its amounts."""
    table = np.stack(columns, axis=1)
    for place in np.flatnonzero(table.any(axis=1)).tolist():
        yield month, subjects[place], *table[place].tolist()


def kinds_of(contract: Contract) -> dict[str, Kind]:
    """What the revenue of each of a contract's products is of."""
    kinds: dict[str, Kind] = {one.product: "subscription" for one in contract.obligations}
    kinds |= {one.product: _kind(contract, one) for one in contract.deliverables}
    return kinds


def _kind(contract: Contract, one: Deliverable) -> Kind:
    if one.measure == "as_invoiced":
        return "usage" if contract.obligations else "time"
    return "setup" if contract.obligations and one.measure == "by_day" else "services"


def used_or_worked(contracts: Mapping[str, Contract]) -> frozenset[tuple[str, str]]:
    """(contract, product) of all that is agreed by the unit."""
    return frozenset(
        (key, one.product)
        for key, contract in contracts.items()
        for one in contract.deliverables
        if one.measure == "as_invoiced"
    )
