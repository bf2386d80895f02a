"""Options for more goods or services: material rights, and what of the price they get (ASC 606-10-55-42..49)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from fakes.books.allocation import allocate
from fakes.books.progress import earned_minor
from fakes.books.rounding import Exact, rounded_minor
from fakes.books.splitting import Split, largest_remainder


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A discount on later purchases that a contract gives, as shares of the price from 0 to 1.

    `purchase_minor` is what is expected to be bought with it, at its price without discount, in minor units, if it is
    exercised; `likelihood` how likely that is. `anyone_discount` is what any customer of that class would get.
    """

    purchase_minor: Exact
    discount: Exact
    likelihood: Exact = 1
    anyone_discount: Exact = 0

    def __post_init__(self) -> None:
        if not all(0 <= share <= 1 for share in (self.discount, self.likelihood, self.anyone_discount)):
            raise ValueError(f"discounts and likelihood are shares from 0 to 1, got {self}")


def is_material_right(option: Option) -> bool:
    """Whether an option is an obligation of its own: it gives what others do not get. ASC 606-10-55-42, 55-43.

    An option to buy at the stand-alone selling price is none, however likely it is exercised.
    """
    return option.discount > option.anyone_discount


def option_ssp(option: Option) -> Fraction:
    """An option's stand-alone selling price, exact, in minor units, to be handed to `allocation.allocate`.

    The discount beyond what others get, on what is expected to be bought, by the likelihood of exercise. 0 if it is no
    material right. ASC 606-10-55-44.
    """
    if not is_material_right(option):
        return Fraction(0)
    beyond = Fraction(option.discount) - option.anyone_discount
    return option.purchase_minor * beyond * option.likelihood


@dataclass(frozen=True, slots=True)
class Renewal:
    """A term of a contract: its price, its cost as a stand-in for the selling price, and how likely it comes to be.

    Minor units; the first term has a likelihood of 1, each later one that of all renewals up to it.
    """

    price_minor: Exact
    cost_minor: Exact
    likelihood: Exact = 1

    def __post_init__(self) -> None:
        if not 0 <= self.likelihood <= 1:
            raise ValueError(f"a likelihood is from 0 to 1, not {self.likelihood}")


def look_through(terms: Sequence[Renewal], *, contracts: int = 1, split: Split = largest_remainder) -> tuple[int, ...]:
    """The expected price of all terms, given to each by expected cost: the alternative for renewals. 606-10-55-45.

    Minor units for each term, which sum to the expected price of `contracts` alike, rounded once. Only for goods and
    services like those of the contract, on its terms. Raises ValueError for a likelihood above that of the term before.
    """
    if any(later.likelihood > earlier.likelihood for earlier, later in pairwise(terms)):
        raise ValueError("a term's likelihood is that of all renewals up to it: it cannot rise from one to the next")
    expected = sum((contracts * Fraction(term.price_minor) * term.likelihood for term in terms), Fraction(0))
    costs = {str(index): Fraction(term.cost_minor) * term.likelihood for index, term in enumerate(terms)}
    return tuple(allocate(rounded_minor(expected), costs, split=split).values())


def redeemed_minor(allocated_minor: int, redeemed: Exact, expected: Exact) -> int:
    """The cumulative revenue of points, vouchers or prepaid units: as redeemed, of those expected to be. 606-10-55-48.

    `expected` is the number expected to be redeemed in all, as of now: breakage is recognised along with redemption.
    If none can be expected, hand in all units, and recognise the rest when redemption is `remote`. Minor units; raises
    ValueError if more is redeemed than expected.
    """
    if not 0 <= redeemed <= expected or not expected:
        raise ValueError(f"{redeemed} redeemed of {expected} expected in all: revise the estimate first")
    return earned_minor(allocated_minor, Fraction(redeemed) / Fraction(expected))


def breakage_minor(allocated_minor: int, recognised_minor: int, *, remote: bool, owed_to_others: bool = False) -> int:
    """What is left of unexercised rights and is revenue now: all once exercise is remote. 606-10-55-48, 55-49.

    Nothing where the law says that what is unclaimed belongs to someone else. Raises ValueError if more was recognised
    than allocated.
    """
    if recognised_minor > allocated_minor:
        raise ValueError(f"{recognised_minor} cannot be recognised of {allocated_minor} allocated: nothing is left")
    return allocated_minor - recognised_minor if remote and not owed_to_others else 0
