"""Costs of obtaining and of fulfilling contracts (ASC 340-40)."""

import pytest

from fakes.books.costs import (
    ContractCost,
    Obtaining,
    amortised,
    cost_of_obtaining,
    impairment_minor,
    may_be_capitalised,
)
from tests.fakes.books.samples import cents

BID = (
    ContractCost("legal advice", cents(15_000), incremental=False),
    ContractCost("travel", cents(25_000), incremental=False),
    ContractCost("commission", cents(10_000), incremental=True),
)


def test_asc340_ex36_only_what_winning_cost_is_an_asset():
    """340-40-55, Example 36, recomputed: legal advice and travel were spent win or lose, the commission was not."""
    assert cost_of_obtaining(BID) == Obtaining(asset_minor=cents(10_000), expense_minor=cents(40_000))


def test_what_the_customer_bears_anyway_is_an_asset_and_what_is_not_recovered_is_none():
    assert cost_of_obtaining([ContractCost("travel", 7, incremental=False, chargeable=True)]) == Obtaining(7, 0)
    assert cost_of_obtaining([ContractCost("commission", 7, incremental=True, recoverable=False)]) == Obtaining(0, 7)


@pytest.mark.parametrize(("months", "expedient", "asset"), [(12, True, 0), (13, True, 10_000), (12, False, 10_000)])
def test_a_year_or_less_may_be_an_expense_at_once(months, expedient, asset):
    assert cost_of_obtaining(BID, months=months, expedient=expedient).asset_minor == cents(asset)


def test_an_asset_is_written_down_over_the_terms_it_relates_to_and_to_what_it_can_bring():
    assert amortised(100, (1, 1, 1)) == (33, 34, 33)
    assert impairment_minor(100, 150, 80) == 30
    assert impairment_minor(100, 300, 80) == 0
    assert impairment_minor(100, 50, 80) == 100


@pytest.mark.parametrize("missing", ["relates_to_contract", "enhances_resources", "recoverable"])
def test_a_cost_of_fulfilling_needs_all_three(missing):
    facts = dict.fromkeys(("relates_to_contract", "enhances_resources", "recoverable"), True)
    assert may_be_capitalised(**facts)
    assert not may_be_capitalised(**facts | {missing: False})
