"""The life of one promise as epochs: from each change that concerned it to the next, one straight line.

An epoch says what was agreed on its day about all the service from then on: what it would cost alone, and how much
revenue it carries. What was rendered or recognised by any day is worked out from the list of epochs each time;
nothing is carried from one to the next. Stand-alone values are exact fractions, revenue is in minor units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from harness.oracle.charges import half_away


@dataclass(frozen=True, slots=True)
class Service:
    """The days [`first_day`, `end_day`), at least one, and what they would cost alone: `left`, in minor units."""

    first_day: int
    end_day: int
    left: Fraction
    at_a_point: bool = False

    def part_before(self, day: int) -> Fraction:
        """The part of these days that lies before `day`, from 0 to 1."""
        days = self.end_day - self.first_day
        return Fraction(min(max(day - self.first_day, 0), days), days)


@dataclass(frozen=True, slots=True)
class Epoch:
    """From `day` on: the service left, `at_once_minor` of revenue on the day and `by_day_minor` with the service."""

    day: int
    service: Service
    at_once_minor: int
    by_day_minor: int


@dataclass(frozen=True, slots=True)
class Life:
    """The number of the contract that a promise is in, and its epochs in the order of their days, at least one.

    What is asked of a `day` includes the epochs that begin on it and no service of it; no epoch begins after it.
    """

    contract: int
    epochs: tuple[Epoch, ...]

    def begin(self, epoch: Epoch) -> "Life":
        """This life with one epoch more."""
        return Life(self.contract, (*self.epochs, epoch))

    def open_on(self, day: int) -> bool:
        """Whether some of the service does not lie before `day`."""
        return self.epochs[-1].service.end_day > day

    def service_on(self, day: int) -> Service:
        """The service from `day` on, of which there must be some."""
        last = self.epochs[-1].service
        left = last.left * (1 - last.part_before(day))
        return Service(max(day, last.first_day), last.end_day, left, last.at_a_point)

    def rendered(self, day: int) -> Fraction:
        """What was served before `day`, at stand-alone prices."""
        parts = (epoch.service.left * epoch.service.part_before(until) for epoch, until in self._spans(day))
        return sum(parts, Fraction(0))

    def whole(self, day: int) -> Fraction:
        """What was served before `day` and what is left, at stand-alone prices."""
        return self.rendered(day) + self.service_on(day).left

    @property
    def agreed_minor(self) -> int:
        """All revenue that it has had and is to have, as agreed last."""
        return self.recognised_minor(self.epochs[-1].service.end_day)

    def recognised_minor(self, day: int) -> int:
        """The revenue before `day`, and at once on it."""
        return sum(
            epoch.at_once_minor + rounded(epoch.by_day_minor * epoch.service.part_before(until))
            for epoch, until in self._spans(day)
        )

    def waiting_minor(self, day: int) -> int:
        """What was agreed and is not recognised by `day`."""
        return self.agreed_minor - self.recognised_minor(day)

    def recognised_before_changes_of(self, day: int) -> int:
        """The revenue before `day`, whatever was agreed on it or later: of any day at all."""
        return Life(self.contract, tuple(epoch for epoch in self.epochs if epoch.day < day)).recognised_minor(day)

    def _spans(self, day: int) -> Iterator[tuple[Epoch, int]]:
        """Each epoch with the day on which it gave way: that of the next, and `day` for the last."""
        ends = [later.day for _, later in pairwise(self.epochs)]
        return zip(self.epochs, [*ends, day][: len(self.epochs)], strict=True)


def rounded(minor: Fraction) -> int:
    """The nearest whole number of minor units, halves away from zero."""
    return half_away(minor.numerator, minor.denominator)


def split(amount_minor: int, weights: Sequence[Fraction]) -> list[int]:
    """The shares in an amount by weight, which sum to it: whole minor units by largest remainder, ties to the first.

    A decrease is split as the increase of its size (606-10-32-31).
    Raises ValueError where an amount other than 0 has no weight to go to.
    """
    if not amount_minor:
        return [0] * len(weights)
    total = sum(weights)
    if not total:
        raise ValueError(f"nothing is left to carry {amount_minor} minor units: agree it before all is satisfied")
    exact = [abs(amount_minor) * weight / total for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: shares[at] - exact[at])
    for at in by_remainder[: abs(amount_minor) - sum(shares)]:
        shares[at] += 1
    return shares if amount_minor > 0 else [-share for share in shares]
