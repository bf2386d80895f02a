"""Which version of a company's revenue policy holds, and that each choice changes numbers."""

from fractions import Fraction

import pytest

from fakes.books.modification import catch_up, mixed, reflects_ssp
from fakes.books.obligations import Obligation
from fakes.books.policy import RevenuePolicy, in_force
from fakes.books.schedule import straight_line
from fakes.books.splitting import last_takes_rest
from fakes.books.variable import Outcome, Variable, included_minor

OLD = RevenuePolicy()
NEW = RevenuePolicy(
    from_day=100, period_split=last_takes_rest, percent_decimals=1, whole_price=False,
    ssp_tolerance=Fraction(1, 10), probable=None,
)  # fmt: skip


def test_a_version_holds_from_its_day_on():
    assert [in_force([NEW, OLD], on) for on in (0, 99, 100, 101)] == [OLD, OLD, NEW, NEW]
    with pytest.raises(ValueError, match="no revenue policy is in force on day 99"):
        in_force([NEW], 99)


def test_of_two_from_one_day_the_later_named_holds():
    again = RevenuePolicy(from_day=100)
    assert in_force([OLD, NEW, again], 100) is again


def test_every_choice_changes_numbers():
    def numbers(policy):
        contract = [Obligation("A", 12_000, 6_000), Obligation("B", 8_000)]
        ssp = {"A": 12_000, "B": 8_000, "C": 4_000}
        progress = {"A": Fraction(420, 820)}
        bonus = Variable((Outcome(100, Fraction(1, 2)), Outcome(0, Fraction(1, 2))))
        return (
            straight_line(10_000, (22, 28, 15), split=policy.period_split),
            catch_up(contract[:1], 1_500, progress, percent_decimals=policy.percent_decimals).adjustments,
            mixed(contract, 5_000, ssp, progress, whole_price=policy.whole_price).adjustments,
            reflects_ssp(95, 100, tolerance=policy.ssp_tolerance),
            included_minor(bonus, probable=policy.probable),
        )

    assert all(old != new for old, new in zip(numbers(OLD), numbers(NEW), strict=True))
