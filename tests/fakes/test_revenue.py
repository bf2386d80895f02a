"""Revenue is allocated by relative stand-alone selling price and recognised by the day, run by run."""

from copy import deepcopy
from dataclasses import replace

import pytest

from fakes.agreements import Deliverable
from fakes.records import Void
from fakes.revenue import CreateContract, FindContracts, ModifyContract, RecordBilling, Revenue, VoidContract
from tests.fakes.samples import CALENDAR, DECEMBER, FEBRUARY, JANUARY, MARCH, as_of, ask, at, contract, day, refusal

YEAR = range(JANUARY, JANUARY + 12)


def revenue(*states, now_us=60):
    """A revenue engine with a contract for each state."""
    core = Revenue(CALENDAR)
    for state in states:
        ask(core, CreateContract(state), now_us)
    return core


def run(core, *months, number=1):
    for month in months:
        core.run(month, number, CALENDAR.revenue_run_us(month)[0])


def recognised(core):
    """(month, amounts by product) of each recognition, in the order of the runs."""
    return [(one.month, dict(one.amounts)) for one in core.recognitions]


def test_a_versions_price_is_allocated_to_its_products_and_sums_to_it():
    state = contract(("2026-07-01", 13), price=33, products={"platform": 2, "support": 1})
    (taken,) = revenue(state).contracts.values()
    assert taken.allocated == {
        (1, "platform"): 2_640, (1, "support"): 1_320, (2, "platform"): 396, (2, "support"): 198,
    }  # fmt: skip


def test_a_decrease_is_allocated_as_the_increase_of_the_same_size():
    products = {"platform": 70, "support": 20, "storage": 10}
    up, down = (contract(("2026-03-13", quantity), price=37, products=products) for quantity in (13, 7))
    (more,), (less,) = (revenue(state).contracts.values() for state in (up, down))
    assert {key: minor for key, minor in more.allocated.items() if key[0] == 2} == {
        key: -minor for key, minor in less.allocated.items() if key[0] == 2
    }


def test_a_run_recognises_the_days_of_the_month():
    """12 000 over 365 days: January earns 31/365 of it, 1 019.18, and the year all of it."""
    core = revenue(contract())
    run(core, *YEAR)
    assert recognised(core)[:3] == [
        (JANUARY, {"platform": 1_019}),
        (FEBRUARY, {"platform": 921}),
        (MARCH, {"platform": 1_019}),
    ]
    assert sum(one.total_minor for one in core.recognitions) == 12_000


def test_a_recognition_bears_what_it_is_about_and_is_told_of():
    core = revenue(contract(products={"platform": 3, "support": 1}))
    run(core, JANUARY)
    (one,) = core.recognitions
    assert (one.contract, one.month, one.run, one.currency) == ("C-1", JANUARY, 1, "USD")
    assert (dict(one.amounts), one.total_minor) == ({"platform": 764, "support": 255}, 1_019)
    assert (one.revenue_contract, one.run_us) == ("RC-000001", CALENDAR.revenue_run_us(JANUARY)[0])
    assert [(news.type, news.key, news.body) for news in core.news] == [("revenue_recognised", one.id, one)]


def test_a_second_run_of_a_month_recognises_only_what_has_changed():
    state = contract(("2026-01-11", 20))
    core = revenue(as_of(state, 1))
    run(core, JANUARY)
    run(core, JANUARY, number=2)
    assert len(core.recognitions) == 1
    ask(core, ModifyContract("RC-000001", state))
    run(core, JANUARY, number=2)
    assert recognised(core)[1:] == [(JANUARY, {"platform": round(state.versions[1].price_change_minor * 21 / 355)})]
    assert core.recognitions[1].run == 2


def test_a_change_that_comes_late_is_caught_up_in_the_next_run():
    """From 1 February on, known in April: March's run brings February's part as well, and the plan is met."""
    state = contract(("2026-02-01", 15))
    late, punctual = revenue(as_of(state, 1)), revenue(state)
    run(late, JANUARY, FEBRUARY)
    ask(late, ModifyContract("RC-000001", state))
    run(late, MARCH)
    run(punctual, JANUARY, FEBRUARY, MARCH)
    march, planned = recognised(late)[-1][1]["platform"], recognised(punctual)[1:]
    assert march - 1_019 == sum(amounts["platform"] for _, amounts in planned) - 921 - 1_019
    assert late.contracts["RC-000001"].recognised == punctual.contracts["RC-000001"].recognised


def test_a_decrease_that_comes_late_is_taken_back():
    state = contract(("2026-01-01", 1))
    core = revenue(as_of(state, 1))
    run(core, JANUARY)
    ask(core, ModifyContract("RC-000001", state))
    run(core, FEBRUARY)
    assert [one.total_minor for one in core.recognitions] == [1_019, 194 - 1_019]  # 1 200 x 59 / 365 in all


def test_an_older_state_takes_back_what_a_newer_one_earned_and_the_newer_earns_it_again():
    state = contract(("2026-01-01", 20))
    core = revenue(state)
    run(core, JANUARY)
    ask(core, ModifyContract("RC-000001", as_of(state, 1)))
    run(core, JANUARY, number=2)
    ask(core, ModifyContract("RC-000001", state))
    run(core, JANUARY, number=3)
    assert [one.total_minor for one in core.recognitions] == [2_038, -1_019, 1_019]


def test_nothing_is_earned_before_a_contract_begins_or_after_it_has_ended():
    core = revenue(contract(start="2026-02-10", months=1))
    run(core, *YEAR)
    assert recognised(core) == [(FEBRUARY, {"platform": 679}), (MARCH, {"platform": 321})]  # 19 and 9 of 28 days


def test_a_cancellation_leaves_what_was_earned():
    core = revenue(contract(("2026-02-01", 0)))
    run(core, *YEAR)
    state = core.contracts["RC-000001"].state
    assert sum(one.total_minor for one in core.recognitions) == sum(
        version.price_change_minor for version in state.versions
    )
    assert sum(one.total_minor for one in core.recognitions) == 1_000


def test_an_amount_that_shifts_between_products_is_recognised_though_its_sum_is_nothing():
    state = contract(products={"platform": 1, "support": 1})
    other = contract(products={"platform": 3, "support": 1})
    core = revenue(state)
    run(core, JANUARY)
    ask(core, ModifyContract("RC-000001", other))
    run(core, JANUARY, number=2)
    assert recognised(core) == [
        (JANUARY, {"platform": 510, "support": 510}),
        (JANUARY, {"platform": 254, "support": -255}),
    ]


def test_ids_are_unique_across_contracts_and_runs():
    core = revenue(contract(), contract(), contract(key="C-2"))
    run(core, JANUARY, FEBRUARY)
    assert len({one.id for one in core.recognitions}) == len(core.recognitions) == 6
    assert [one.id for one in ask(core, FindContracts("C-1"))] == ["RC-000001", "RC-000002"]
    assert [one.revenue_contract for one in core.recognitions] == ["RC-000001", "RC-000002", "RC-000003"] * 2


def test_what_was_earned_before_the_run_is_not_earned_again():
    core = Revenue(CALENDAR)
    before = core.preload(contract(start="2025-10-01"), CALENDAR.first_day(DECEMBER))
    assert before == 2_005  # 61 of 365 days
    run(core, DECEMBER)
    assert recognised(core) == [(DECEMBER, {"platform": round(12_000 * 92 / 365) - 2_005})]


def test_every_word_of_billing_is_taken_note_of():
    core = revenue()
    first, second = (ask(core, RecordBilling("INV-1", "C-1", 500), us) for us in (1, 2))
    assert first.id != second.id
    assert [(one.document, one.contract, one.total_minor, one.recorded_us) for one in core.billed] == [
        ("INV-1", "C-1", 500, 1), ("INV-1", "C-1", 500, 2),
    ]  # fmt: skip


def test_a_price_that_nothing_is_promised_for_is_refused_and_nothing_is_changed():
    """Without obligations, all of the price is the deliverables'."""
    milestone = Deliverable("milestone", 1, "on_acceptance", "on_acceptance", 100, 100)
    usage = Deliverable("calls", 1, "as_invoiced", "as_delivered", rate_minor=1)
    promised = replace(contract(), obligations=(), deliverables=(milestone,))
    for_nothing = replace(promised, deliverables=(usage,))
    core = revenue(promised)
    taken = deepcopy(core.contracts)

    assert refusal(core, CreateContract(for_nothing)) == (422, "invalid_contract")
    assert refusal(core, ModifyContract("RC-000001", for_nothing)) == (422, "invalid_contract")
    assert core.contracts == taken


def test_a_contract_that_is_not_there_cannot_be_modified():
    core = revenue()
    assert refusal(core, ModifyContract("RC-000009", contract())) == (404, "revenue_contract_not_found")
    assert core.contracts == {}


@pytest.mark.parametrize("state", [contract(), contract(("2026-03-01", 12))])
def test_applied_dates_each_version_by_its_first_appearance(state):
    core = revenue(as_of(state, 1), now_us=5)
    ask(core, ModifyContract("RC-000001", state), 7)
    ask(core, ModifyContract("RC-000001", as_of(state, 1)), 8)
    ask(core, ModifyContract("RC-000001", state), 9)
    assert core.contracts["RC-000001"].applied == {1: 5, 2: 7} if state.version == 2 else {1: 5}


def test_a_run_names_the_month_that_has_ended_and_earns_to_its_last_day():
    core = revenue(contract(start="2026-01-31"))
    run(core, JANUARY)
    assert recognised(core) == [(JANUARY, {"platform": round(12_000 / 365)})]
    assert CALENDAR.end_day(JANUARY) == day("2026-02-01")
    assert core.recognitions[0].run_us == at("2026-02-04", "08:00")


def test_a_revenue_contract_of_which_nothing_was_recognised_can_be_voided():
    core = revenue(contract())
    (taken,) = core.contracts.values()
    for reason in ("saga failed", "once more"):
        assert ask(core, VoidContract(taken.id, reason), 70) is taken
    assert taken.void == Void(70, "integration", "saga failed")
    run(core, *YEAR)
    assert recognised(core) == []
    assert core.operations[FindContracts].served(FindContracts("C-1"), 80) == []
    assert refusal(core, ModifyContract(taken.id, contract())) == (409, "revenue_contract_voided")
    assert refusal(core, VoidContract("RC-0", "nothing")) == (404, "revenue_contract_not_found")


def test_recognised_revenue_cannot_be_voided():
    core = revenue(contract())
    (taken,) = core.contracts.values()
    run(core, JANUARY)
    assert refusal(core, VoidContract(taken.id, "saga failed")) == (409, "revenue_recognised")
    assert taken.void is None
