"""Sales with a right of return: revenue for what is expected to stay, a refund liability for what is not."""

from dataclasses import dataclass

from fakes.books.rounding import Exact, rounded_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleWithReturn:
    """Units transferred at a price and a cost, in minor units a unit, of which `expected_returns` will come back.

    The expected returns may be a fraction, being expected, and are constrained as variable consideration is.
    `recovery_cost_minor` is what taking one back costs, or takes from its value. `refund_share` is the part of the
    price that is given back for a return, 1 unless the customer bears a restocking fee. `due_minor` is what is received
    of the price, or due, by default all: no more can be given back. Raises ValueError for shares and counts that are
    none.
    """

    units: int
    price_minor: Exact
    cost_minor: Exact = 0
    expected_returns: Exact = 0
    recovery_cost_minor: Exact = 0
    refund_share: Exact = 1
    due_minor: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.expected_returns <= self.units:
            raise ValueError(f"returns must be from 0 to {self.units}, the units sold, got {self.expected_returns}")
        if not 0 <= self.refund_share <= 1 or (self.due_minor or 0) < 0:
            raise ValueError(f"refund_share is from 0 to 1, due_minor 0 or more, got {self}")


@dataclass(frozen=True, slots=True)
class ReturnBooks:
    """What a sale with a right of return leaves in the books, in minor units, cumulative."""

    revenue: int
    refund_liability: int
    cost_of_sales: int
    right_to_recover: int

    def __sub__(self, before: "ReturnBooks") -> "ReturnBooks":
        """What changes from `before` to this: the adjustment of a new estimate."""
        return ReturnBooks(
            self.revenue - before.revenue,
            self.refund_liability - before.refund_liability,
            self.cost_of_sales - before.cost_of_sales,
            self.right_to_recover - before.right_to_recover,
        )


def sale_with_return(sale: SaleWithReturn) -> ReturnBooks:
    """Revenue and cost of the units expected to stay; refund liability and asset for those expected back.

    The asset is shown apart from the liability. Revenue and liability sum to the price, as far as that is due; cost and
    asset to the cost. A new estimate is the difference of two of these. ASC 606-10-32-10, 55-23..29, 55-202..207.

    Where nobody can say how many come back, expect all: revenue and cost come when the right lapses, and with them the
    receivable. A unit for 121 in two years, which is 100 in cash and cost 80 (Example 26, 55-227..231):

    >>> sale_with_return(SaleWithReturn(units=1, price_minor=100, cost_minor=80, expected_returns=1, due_minor=0))
    ReturnBooks(revenue=0, refund_liability=0, cost_of_sales=0, right_to_recover=80)
    >>> sale_with_return(SaleWithReturn(units=1, price_minor=100, cost_minor=80))
    ReturnBooks(revenue=100, refund_liability=0, cost_of_sales=80, right_to_recover=0)
    """
    back = sale.expected_returns
    refund = rounded_minor(back * sale.price_minor * sale.refund_share)
    asset = rounded_minor(back * max(sale.cost_minor - sale.recovery_cost_minor, 0))
    return ReturnBooks(
        revenue=rounded_minor(sale.units * sale.price_minor) - refund,
        refund_liability=refund if sale.due_minor is None else min(refund, sale.due_minor),
        cost_of_sales=rounded_minor(sale.units * sale.cost_minor) - asset,
        right_to_recover=asset,
    )


def returned(books: ReturnBooks, sale: SaleWithReturn, units: int) -> ReturnBooks:
    """The books after `units` came back and were refunded: liability and asset fall, revenue stays.

    What comes back beyond the expected is taken from revenue and cost of sales: neither balance falls below zero.
    Raises ValueError for units that were not sold, and where not all of the price is due: then it may be that nothing
    is refunded, and what stays is a sale of fewer units. ASC 606-10-55-26, 55-27.
    """
    if not 0 <= units <= sale.units:
        raise ValueError(f"from 0 to {sale.units} units, those sold, can come back, not {units}")
    if sale.due_minor is not None and sale.due_minor < sale.units * sale.price_minor:
        raise ValueError(f"only {sale.due_minor} of the price is due: ask for the books of a sale of what stays")
    refund = rounded_minor(units * sale.price_minor * sale.refund_share)
    asset = rounded_minor(units * max(sale.cost_minor - sale.recovery_cost_minor, 0))
    more_refund = max(refund - books.refund_liability, 0)
    more_asset = max(asset - books.right_to_recover, 0)
    return ReturnBooks(
        revenue=books.revenue - more_refund,
        refund_liability=books.refund_liability - refund + more_refund,
        cost_of_sales=books.cost_of_sales - more_asset,
        right_to_recover=books.right_to_recover - asset + more_asset,
    )
