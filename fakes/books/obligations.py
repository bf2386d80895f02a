"""What each performance obligation has of the transaction price, and what a change of it makes of that."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Obligation:
    """A performance obligation: its share of the transaction price, and the revenue recognised of it so far.

    Minor units of the contract's one currency.
    """

    name: str
    allocated_minor: int
    recognised_minor: int = 0

    @property
    def remaining_minor(self) -> int:
        """The part of its share that is not recognised yet (ASC 606-10-50-13)."""
        return self.allocated_minor - self.recognised_minor


@dataclass(frozen=True, slots=True)
class Reallocation:
    """A contract's obligations after a change, what it recognised at once included, and what that was by name.

    `adjustments` holds the obligations whose revenue changed at the date of the change, in either direction; the
    change is of that period, and no earlier one is restated (ASC 606-10-32-43).
    """

    obligations: tuple[Obligation, ...]
    adjustments: dict[str, int]

    @property
    def price_minor(self) -> int:
        """The transaction price after the change."""
        return price_minor(self.obligations)

    @property
    def remaining_minor(self) -> int:
        """What is to be recognised from now on."""
        return self.price_minor - recognised_minor(self.obligations)

    @property
    def adjustment_minor(self) -> int:
        """The revenue of the date of the change, in all."""
        return sum(self.adjustments.values())

    def __getitem__(self, name: str) -> Obligation:
        """The obligation of that name. Raises KeyError if there is none."""
        for obligation in self.obligations:
            if obligation.name == name:
                return obligation
        raise KeyError(name)


def price_minor(obligations: Iterable[Obligation]) -> int:
    """The transaction price: all that is allocated."""
    return sum(obligation.allocated_minor for obligation in obligations)


def recognised_minor(obligations: Iterable[Obligation]) -> int:
    """The revenue recognised of all obligations."""
    return sum(obligation.recognised_minor for obligation in obligations)


def recognised_by_name(obligations: Iterable[Obligation]) -> dict[str, int]:
    """What is recognised of each obligation, in order. Raises ValueError if two have the same name."""
    recognised: dict[str, int] = {}
    for obligation in obligations:
        if obligation.name in recognised:
            raise ValueError(f"two obligations are named {obligation.name!r}: a name stands for one of them")
        recognised[obligation.name] = obligation.recognised_minor
    return recognised


def adjustments(before: Iterable[Obligation], after: Iterable[Obligation]) -> dict[str, int]:
    """The revenue of the date of a change: what differs from what was recognised before, by obligation."""
    recognised = recognised_by_name(before)
    changes = {one.name: one.recognised_minor - recognised.get(one.name, 0) for one in after}
    return {name: minor for name, minor in changes.items() if minor}
