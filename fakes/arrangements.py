"""What was agreed in one arrangement with a customer, from its signing to its end. Shared words, no rules.

An arrangement is the list of its changes in the order of their days, the first of them a signing. Days are proleptic
ordinals (`datetime.date.toordinal()`); service runs from a day up to, not including, another. Money is integer minor
units of the arrangement's one currency, without tax.

How prices become revenue (ASC 606), for whoever computes it:

- The signing makes a contract. So does `Added` whose price is exactly the sum of its promises' stand-alone selling
  prices (606-10-25-12), and so does `Renewed`, whatever its price: the customer was free not to. `Extended` and
  `Reduced` change the contract that their promise is in, `Repriced` and any other `Added` the one that was signed.
- A change takes effect as its day begins, before anything is satisfied on that day.
- A promise by day is satisfied evenly over its days of service, one at a point as a whole on its `start_day`. It is
  satisfied once all of that lies before the day. What is *left* of a promise on a day is the part of its stand-alone
  selling price that belongs to its days from then on: an exact fraction, not rounded. `Extended` adds to what is
  left, spread evenly over the longer rest; `Reduced` says what is left. The *whole* of a promise is what was
  rendered of it at stand-alone selling prices, and what is left.
- A price is split over promises in proportion to weights, to whole minor units, by largest remainder; ties go to the
  promise that joined first (606-10-32-31). A negative amount is split as its absolute value, and negated.
- Of an amount that is split to a promise by day on some day, what is recognised before a later day begins is the part
  of its days that lie before it, rounded half away from zero on the cumulative amount (606-10-25-31).
- The price of a new contract is split by the whole of its promises.
- `Added`, `Extended`, `Reduced`, and `Repriced` with `distinct`: what was recognised stays. What was not, of all
  promises of that contract not yet satisfied, and the change of price are one amount, split over these promises (and
  the added ones) by what is left of each after the change, and recognised from that day on (606-10-25-13(a)). It may
  be less than 0, where more was recognised than the new price: then it is taken back over the days left.
- `Repriced` without `distinct`: the change is split over the promises of that contract not yet satisfied by the whole
  of each. Of its amount so far and its share, the part that was rendered of the whole, rounded half away from zero, is
  recognised as of that day; the difference to what was recognised counts on that day, and the rest is recognised
  over its days left (606-10-25-13(b)).
- `Cancelled` ends what is not satisfied in all contracts. What was recognised stays; `kept_minor` is revenue of that
  day, split by what was not recognised of each promise (none where that is less than 0). Nothing comes after it.

ValueError for a history that contradicts itself: a change before the one before it, an unknown key or one that is
there already, a promise changed once it is satisfied, an end that is not later, added days worth less than nothing,
more left after a reduction than before it, a reduction that raises the price, more kept than was not recognised (of
the promises of which that is more than 0), and nothing left to carry an amount. An amount of 0 needs nothing to carry
it: the last promise is reduced to nothing for all that was not recognised.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Promise:
    """A performance obligation: what it would cost alone, and when it is satisfied.

    `ssp_minor` is more than 0 and for the whole of [`start_day`, `end_day`). One `at_a_point` has `end_day` equal to
    `start_day`; one by day has at least one day. `key` is its own within the arrangement, in which it joins on a day
    that is not after its `start_day`.
    """

    key: str
    ssp_minor: int
    start_day: int
    end_day: int

    @property
    def at_a_point(self) -> bool:
        """Whether it is satisfied as a whole on one day."""
        return self.start_day == self.end_day


@dataclass(frozen=True, slots=True)
class Signed:
    """The arrangement begins: promises for one price, however it is billed: a ramp's years are one price."""

    day: int
    promises: tuple[Promise, ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class Added:
    """Promises are added: the units of an upgrade, a further product, perhaps up to the same end."""

    day: int
    promises: tuple[Promise, ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class Extended:
    """A promise by day that is not yet satisfied ends later: an early renewal, blended with what is left.

    `ssp_minor` is what the added days would cost alone, and joins that of the promise: 0 or more, and 0 where what is
    left takes longer and is no more.
    """

    day: int
    key: str
    end_day: int
    ssp_minor: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Reduced:
    """A promise by day is worth less from `day` on: fewer units. What is left of it would cost `left_ssp_minor` alone.

    That is from 0 to what was left before, and `price_change_minor` 0 or less.
    """

    day: int
    key: str
    left_ssp_minor: int
    price_change_minor: int


@dataclass(frozen=True, slots=True)
class Repriced:
    """The price changes and nothing else. `distinct`: what is left to render is distinct from what was rendered."""

    day: int
    price_change_minor: int
    distinct: bool


@dataclass(frozen=True, slots=True)
class Renewed:
    """The customer takes a further term: promises for a price, as a contract of their own."""

    day: int
    promises: tuple[Promise, ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Everything ends before `day` begins; of the price of what was not rendered, `kept_minor` stays with us."""

    day: int
    kept_minor: int


Change: TypeAlias = Added | Extended | Reduced | Repriced | Renewed | Cancelled
