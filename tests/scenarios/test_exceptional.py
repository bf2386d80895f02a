"""Exceptions belong to the business: the same for every layer, as many as the shares say, and none unless asked for."""

from collections import Counter
from math import sqrt

import pytest

from fakes.master_data import SYSTEM_OF
from scenarios.calendar import fiscal
from scenarios.schema import Scenario
from scenarios.workload import generate

WORDS = tuple(SYSTEM_OF)


def truth_of(seed=1, contracts=2_000, **shares):
    scenario = Scenario(name="some", business={"contracts": contracts, "exceptions": shares})
    return generate(scenario, fiscal(scenario.calendar), seed)


def eligible(truth, word):
    """The keys of what each word's exceptions are a share of."""
    if word in ("missing_tax_code", "invalid_legal_entity"):
        return [act.account.key for act in truth.acts if act.account]
    contracts = [act.contract for act in truth.acts if act.contract]
    if word == "unmapped_product":
        return [state.key for state in contracts if state.version == 1]
    return [f"{state.key} version {state.version}" for state in contracts if state.version > 1]


def test_there_are_none_unless_they_are_asked_for():
    assert truth_of().gaps == ()


@pytest.mark.parametrize("word", WORDS)
def test_each_exception_has_its_share(word):
    truth = truth_of(**{word: 0.1})
    of, found = len(eligible(truth, word)), len(truth.gaps)
    assert {gap.word for gap in truth.gaps} == {word}
    assert abs(found - 0.1 * of) < 4 * sqrt(0.09 * of)


@pytest.mark.parametrize("word", WORDS)
def test_a_share_of_one_is_everything_that_can_be_one(word):
    truth = truth_of(contracts=100, **{word: 1})
    keys = [gap.key for gap in truth.gaps]
    if word == "unmapped_product":  # the key also says which of the contract's products
        keys = [key.partition(" ")[0] for key in keys]
    assert keys == eligible(truth, word)


@pytest.mark.parametrize("word", WORDS)
def test_a_larger_share_has_the_exceptions_of_a_smaller(word):
    few, many = (truth_of(contracts=400, **{word: share}).gaps for share in (0.1, 0.3))
    assert set(few) < set(many)


def test_exceptions_of_one_kind_are_drawn_apart_from_those_of_another():
    alone = truth_of(missing_tax_code=0.1).gaps
    together = truth_of(missing_tax_code=0.1, invalid_legal_entity=0.1).gaps
    assert [gap for gap in together if gap.word == "missing_tax_code"] == list(alone)
    both = Counter(gap.key for gap in together)
    assert sum(count == 2 for count in both.values()) < len(alone) / 2


def test_what_was_agreed_before_the_run_has_none():
    truth = truth_of(contracts=300, **dict.fromkeys(WORDS, 1))
    before = {contract.key for contract in truth.opening} | {account.key for account in truth.opening_accounts}
    struck = {gap.key.partition(" ")[0] for gap in truth.gaps if gap.word != "unsupported_amendment"}
    assert struck and not struck & before


def test_exceptions_change_nothing_of_what_is_agreed_and_are_part_of_the_business():
    plain, troubled = truth_of(contracts=200), truth_of(contracts=200, missing_tax_code=0.2)
    assert plain.acts == troubled.acts
    assert plain.digest() != troubled.digest()
