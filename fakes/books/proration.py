"""A price changed within a period: what is given back of the old one, and charged of the new one."""

from dataclasses import dataclass

from fakes.books.progress import earned_minor
from fakes.books.rounding import Exact


@dataclass(frozen=True, slots=True)
class Proration:
    """The lines of a proration in minor units: a credit, zero or negative, and a charge."""

    credit_minor: int
    charge_minor: int

    @property
    def net_minor(self) -> int:
        """What is invoiced, or, if negative, credited."""
        return self.credit_minor + self.charge_minor


def prorate(old_minor: int, new_minor: int, remaining: Exact) -> Proration:
    """A change of a period's price with the share `remaining` of it left, from 0 to 1.

    `old_minor` and `new_minor` are the prices of the whole period, either of which may be 0: a start, or an end with a
    refund. Each line is rounded, a half away from zero. Raises ValueError for a share that is none.
    """
    return Proration(-share_minor(old_minor, remaining), share_minor(new_minor, remaining))


def share_minor(full_minor: int, remaining: Exact) -> int:
    """The part of a period's price for the share of it that is left, as for what is added to end with the rest.

    What is left earns what it costs; by days, it is what `charges.prorated_minor` charges. Raises ValueError for a
    share that is none.
    """
    return earned_minor(full_minor, remaining)
