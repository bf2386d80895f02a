"""Which version of a company's revenue policy holds for a contract."""

import pytest

from fakes.books.policy import STANDARD, RevenuePolicy, in_force

OLD = RevenuePolicy()
NEW = RevenuePolicy(from_day=100, setup_distinct=False)


def test_a_version_holds_from_its_day_on():
    assert [in_force([NEW, OLD], on) for on in (0, 99, 100, 101)] == [OLD, OLD, NEW, NEW]
    assert in_force(STANDARD, 0).setup_distinct
    with pytest.raises(ValueError, match="no revenue policy is in force on day 99"):
        in_force([NEW], 99)


def test_of_two_from_one_day_the_later_named_holds():
    again = RevenuePolicy(from_day=100)
    assert in_force([OLD, NEW, again], 100) is again
