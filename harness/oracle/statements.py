"""The financial statements that the commercial truth calls for, month by month: the effective-date book.

Bookings, billings and revenue; the rollforwards of remaining performance obligations and of the net contract position,
and how that closes as contract liability, contract asset and unbilled receivable. A line is a name and minor units, as
the run document has it, in the currency that is reported in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from harness.oracle.columns import columns, summed
from harness.oracle.expected import Expected
from harness.oracle.ledger import CONTRACT_LIABILITY
from harness.oracle.months import first_day, month_name
from harness.oracle.movements import AS_INVOICED, KINDS, Amounts, Kind, Movements, Position, kinds_of, used_or_worked
from harness.oracle.opening import opening_position
from harness.oracle.remaining import Remaining, remaining
from harness.oracle.translation import Translation
from sim.errors import InvariantBroken

Lines: TypeAlias = dict[str, int]
"""A statement of one month: minor units by line."""

TOTALS = ("bookings_minor", "billings_minor", "revenue_minor")

Mask: TypeAlias = npt.NDArray[np.bool_]

NEVER_DAY = date.max.toordinal()

BANDS = ("remaining_within_year_minor", "remaining_later_minor")
"""The lines that the ledger has no word for: what remains of the obligations, by when it is due."""

OPENINGS = {
    "opening_minor": "closing_minor",
    "remaining_opening_minor": "remaining_obligations_minor",
    "receivables_opening_minor": "receivables_minor",
}
"""The lines that a month begins with, and by each that which the month before it has ended with."""

BALANCES = frozenset({
    *OPENINGS.values(), *BANDS, "contract_liability_minor", "contract_asset_minor", "unbilled_receivable_minor",
    "unbilled_minor", "unbilled_obligations_minor", "billed_ahead_minor", "unapplied_cash_minor",
})  # fmt: skip
"""The lines that tell where something stands at the end of a month. All others but OPENINGS tell what has moved in it.
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What the truth calls for whatever a layer does: what moves by contract, and the lines of each month.

    `totals` are what the lines say of the quarter's amounts, as the run document names them: of its revenue, and of its
    bookings and billings once all its months are closed.
    """

    moved: Movements
    lines: Sequence[Lines]
    totals: Lines


def due(expected: Expected) -> Due:
    """What the truth calls for in the months that the run closes.

    Raises InvariantBroken where an identity of the statements does not hold.
    """
    moved = movements(expected)
    lines = statements(expected, moved)
    of_months = of_quarter(expected, moved.months, lines)
    told = TOTALS if len(of_months) == len(expected.quarter_months) else ("revenue_minor",)
    return Due(moved, lines, {name: sum(each[name] for each in of_months) for name in told})


def of_quarter(expected: Expected, months: Sequence[int], lines: Sequence[Lines]) -> list[Lines]:
    """The lines of those of `months` that are in the quarter, and not in the run-in before it."""
    return [of_month for month, of_month in zip(months, lines, strict=True) if month in expected.quarter_months]


def together(months: Sequence[Lines]) -> Lines:
    """The lines of several months in a row as those of one: what moved in it, and how it opens and closes."""
    if not months:
        return {}
    lines = {
        name: minor if name in BALANCES else sum([each[name] for each in months]) for name, minor in months[-1].items()
    }
    return {**lines, **{name: months[0][name] for name in OPENINGS if name in lines}}


def closed_months(expected: Expected) -> tuple[int, ...]:
    """The months that the run closes, in order: those whose revenue is due in it."""
    return tuple(sorted(expected.run_us))


def movements(expected: Expected) -> Movements:
    """What must move, contract by contract, in the months that the run closes."""
    months = closed_months(expected)
    size = len(months), len(expected.contracts)
    opening, acquired = opening_position(expected, months)
    return Movements(
        months=months,
        contracts=tuple(expected.place),
        worth=expected.worth,
        opening=opening,
        acquired=acquired,
        booked=_booked(expected, months),
        revenue=_earned(expected, months),
        other=np.zeros(size, dtype=np.int64),
        **_charged(expected, months),
    )


def _booked(expected: Expected, months: tuple[int, ...]) -> Amounts:
    """What each agreement of the run adds to the price of its contract, in the month of its signing."""
    settled, nothing = expected.settled, (0, 0)
    agreed = [
        (whose, version.signed_day, version.price_change_minor)
        for whose, (key, contract) in enumerate(expected.contracts.items())
        for version in contract.versions[settled.get(key, nothing)[0] :]
    ]
    whose, signed_day, minor = columns(agreed, 3)
    ours = signed_day < (first_day(months[-1] + 1) if months else 0)
    at = np.searchsorted([first_day(month) for month in months[1:]], signed_day[ours], side="right")
    return summed(at, whose[ours], minor[ours], (len(months), len(expected.contracts)))


def _charged(expected: Expected, months: tuple[int, ...]) -> dict[str, Amounts]:
    """The charges of each month: what is invoiced, what is credited, and the net of what is agreed by the unit."""
    charged, size = expected.charged, (len(months), len(expected.contracts))
    first, last = (months[0], months[-1]) if months else (0, -1)
    at, is_charge = np.maximum(charged.month - first, 0), charged.minor >= 0
    of_run, by_unit = charged.month <= last, _by_unit(expected)

    def of(these: Mask, minor: Amounts) -> Amounts:
        ours = of_run & these
        return summed(at[ours], charged.whose[ours], minor[ours], size)

    return {
        "invoiced": of(is_charge, charged.minor),
        "credited": of(~is_charge, -charged.minor),
        "as_invoiced": of(by_unit, charged.minor),
    }


def _by_unit(expected: Expected) -> Mask:
    """Which of the charges are for usage and time."""
    by_unit = charged_by_unit(expected)
    if not by_unit:
        return np.zeros(len(expected.lines), dtype=bool)
    return np.array([what in by_unit for _, _, what in expected.lines], dtype=bool)


def charged_by_unit(expected: Expected) -> frozenset[int | str]:
    """The keys of what was delivered of usage and time: a charge for one of them is no part of a price."""
    by_unit = used_or_worked(expected.contracts)
    if not by_unit:
        return frozenset()
    rendered = (one for several in expected.rendered.values() for one in several)
    return frozenset(one.key for one in rendered if (one.contract, one.product) in by_unit)


def _earned(expected: Expected, months: tuple[int, ...]) -> dict[Kind, Amounts]:
    """The revenue of each month, by kind."""
    earned, size = expected.earned, (len(months), len(expected.contracts))
    kind = _kinds(expected)[earned.whose, earned.product]
    at = earned.month - (months[0] if months else 0)
    return {
        name: summed(at[kind == number], earned.whose[kind == number], earned.minor[kind == number], size)
        for number, name in enumerate(KINDS)
    }


def _kinds(expected: Expected) -> Amounts:
    """What the revenue of each contract in each product is of: the kind's place among KINDS."""
    number = {product: at for at, product in enumerate(expected.earned.products)}
    kinds = np.full((len(expected.contracts), len(number)), KINDS.index("subscription"))
    for whose, contract in enumerate(expected.contracts.values()):
        if contract.deliverables:
            for product, kind in kinds_of(contract).items():
                if product in number:
                    kinds[whose, number[product]] = KINDS.index(kind)
    return kinds


# --- the lines ---------------------------------------------------------------------------------------


def statements(expected: Expected, moved: Movements) -> list[Lines]:
    """The lines of each month in `moved`, which are `movements(expected)`. Raises InvariantBroken for unsound ones."""
    left = remaining(expected, moved.months)
    _sound(expected, moved, left)
    lines = []
    for at, of_month in enumerate(left):
        all_lines = lines_of(moved, at)
        within_minor = moved.worth.minor(of_month.within_year, moved.months[at])
        bands = within_minor, all_lines["remaining_obligations_minor"] - within_minor
        lines.append({**all_lines, **dict(zip(BANDS, bands, strict=True))})
    return lines


def lines_of(moved: Movements, at: int) -> Lines:
    """The lines of the month at that place in a book's movements, in the currency that is reported in.

    A month's balances and movements are translated at its rates, its opening balance at those of the month before. Each
    line is translated and rounded by itself, and those that are sums of others are the sums of what these say.
    """
    month = moved.months[at]

    def minor(amounts: Amounts) -> int:
        return moved.worth.minor(amounts, month)

    invoiced_minor, credited_minor = minor(moved.invoiced[at]), minor(moved.credited[at])
    opening = _balance_lines(moved.worth, moved.opening_of(at), month - 1 if at else month)
    lines = {
        "bookings_minor": minor(moved.booked[at]),
        "billings_minor": invoiced_minor - credited_minor,
        "invoiced_minor": invoiced_minor,
        "credited_minor": credited_minor,
        **_revenue_lines(moved, at),
        "remaining_opening_minor": opening["remaining_obligations_minor"],
        "remaining_acquired_minor": minor(moved.acquired.remaining[at]),
        "opening_minor": opening["closing_minor"],
        "acquired_minor": minor(moved.acquired.net[at]),
        "other_minor": minor(moved.other[at]),
        **_balance_lines(moved.worth, moved.closing[at], month),
    }
    return {**lines, **_translation_lines(lines)}


def _revenue_lines(moved: Movements, at: int) -> Lines:
    """The month's revenue by kind, and what of it is no part of a price. What is worked by the hour is a service."""
    revenue = {kind: moved.worth.minor(sheet[at], moved.months[at]) for kind, sheet in moved.revenue.items()}
    as_invoiced_minor = sum(revenue[kind] for kind in AS_INVOICED)
    revenue["services"] += revenue.pop("time")
    return {
        "revenue_minor": sum(revenue.values()),
        **{f"revenue_{kind}_minor": minor for kind, minor in revenue.items()},
        "revenue_as_invoiced_minor": as_invoiced_minor,
    }


def _translation_lines(lines: Lines) -> Lines:
    """What each rollforward lacks between its opening and its closing balance: what rates have done, and rounding."""
    earned_minor = lines["revenue_minor"] - lines["revenue_as_invoiced_minor"]
    left_minor = lines["remaining_opening_minor"] + lines["remaining_acquired_minor"] + lines["bookings_minor"]
    net_minor = lines["opening_minor"] + lines["acquired_minor"] + lines["billings_minor"] + lines["other_minor"]
    return {
        "remaining_translation_minor": lines["remaining_obligations_minor"] - (left_minor - earned_minor),
        "translation_minor": lines["closing_minor"] - (net_minor - lines["revenue_minor"]),
    }


def _balance_lines(worth: Translation, position: Position, month: int) -> Lines:
    """Balances at the rates of a month: the net position and what remains are sums of the other lines."""
    liability_minor, asset_minor = worth.minor(position.liability, month), worth.minor(position.asset, month)
    receivable_minor, unbilled_minor = (
        worth.minor(amounts, month) for amounts in (position.unbilled_receivable, position.unbilled)
    )
    ahead_minor = worth.minor(position.billed_ahead, month)
    return {
        "closing_minor": liability_minor - asset_minor - receivable_minor,
        "contract_liability_minor": liability_minor,
        "contract_asset_minor": asset_minor,
        "unbilled_receivable_minor": receivable_minor,
        "remaining_obligations_minor": unbilled_minor + liability_minor - asset_minor - ahead_minor,
        "unbilled_minor": unbilled_minor,
        "unbilled_obligations_minor": unbilled_minor - asset_minor,
        "billed_ahead_minor": ahead_minor,
    }


# --- the laws ----------------------------------------------------------------------------------------


def _sound(expected: Expected, moved: Movements, left: Sequence[Remaining]) -> None:
    """Identities of the statements, contract by contract, each of two figures that come by different ways.

    Raises InvariantBroken where one does not hold.
    """
    balances, over_day = _balances(expected, moved), _over_day(expected)
    for month, closing, balance, of_month in zip(moved.months, moved.closing, balances, left, strict=True):
        _hold("a position is its balance in the effective-date book", moved, month, closing.net - balance)
        _hold("what remains is the price less revenue", moved, month, closing.remaining - of_month.by_contract)
        over = over_day <= first_day(month + 1)
        _hold("what is over is billed and earned", moved, month, np.where(over, closing.fixed, 0))


def _balances(expected: Expected, moved: Movements) -> Iterator[Amounts]:
    """What the effective-date book says of each contract's position at the end of each month."""
    numbers = expected.book.subjects
    place = np.array([numbers[contract] for contract in moved.contracts], dtype=np.int64)
    book = expected.book.of_account(CONTRACT_LIABILITY)
    balance, before = moved.opening.net.copy(), -1
    for at, month in enumerate(moved.months):
        for dated in sorted(each for each in book if before < each <= month):
            balance -= book[dated][place]
        balance += moved.acquired.net[at]
        before = month
        yield balance.copy()


def _over_day(expected: Expected) -> Amounts:
    """The day by which each contract is over, if it is for a subscription alone and was not changed after its end."""
    return np.array(
        [
            NEVER_DAY if one.deliverables or one.versions[-1].signed_day >= one.end_day else one.end_day
            for one in expected.contracts.values()
        ],
        dtype=np.int64,
    )


def _hold(law: str, moved: Movements, month: int, off: Amounts) -> None:
    if off.any():
        place = int(abs(off).argmax())
        detail = f"{moved.contracts[place]} in {month_name(month)} is off by {int(off[place])}"
        raise InvariantBroken(law, detail)
