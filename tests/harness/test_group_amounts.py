"""A group's amounts are told in the currency it reports in, wherever breaks and adjusting entries are summed up."""

from datetime import date
from functools import lru_cache

from harness.comparison import Runs, comparison
from harness.expectations import check, threshold_of
from harness.oracle.months import month_of
from harness.replication import replicate
from reports.measures import numbers
from scenarios.load import loads

TROUBLED = """
name: troubled-group
title: Half of a group sells in euros, and lost answers make a mess of two months
calendar: {quarter_start: 2026-01-01, months: 2, lead_in: 7 d}
business:
  contracts: 60
  amendments: {per_contract_year: 3}
  entities: [{name: emea, currency: EUR, share: 0.5, price: 0.92}]
  rates: {EUR: {2025-12: 1.5, 2026-02: 2}}
faults:
  - {kind: lost_response, system: erp, share: 0.1}
  - {kind: late_delivery, system: billing, from: 2026-01-10, for: 15 d, share: 0.2, delay: {low: 20 d, high: 25 d}}
  - {kind: lost_request, system: revenue, share: 0.3}
  - {kind: duplicate_delivery, system: revenue, share: 0.2}
  - {kind: lost_response, system: billing, share: 0.05}
"""
MILLI = {"USD": 1000, "EUR": 2000}
"""The worth of a unit in the last month, in thousandths of a dollar."""


@lru_cache(maxsize=1)
def troubled():
    return replicate(loads(TROUBLED, "troubled"), "point-to-point", 0)


def worth(breaks):
    return sum(one.amount_minor * MILLI[one.currency] for one in breaks) // 1000


def verdicts(*asked):
    return check([threshold_of(metric, text) for metric, text in asked], troubled().document)


def test_money_off_is_by_currency_and_comes_to_a_sum_in_the_one_that_is_reported_in():
    document, breaks = troubled().document, troubled().audit.open
    by_currency = document["metrics"]["amount_off"]
    total_minor = document["breaks"]["amount_minor"]

    assert list(by_currency) == ["USD", "EUR"] and all(by_currency.values())
    assert total_minor == worth(breaks) == by_currency["USD"] + 2 * by_currency["EUR"]
    assert document["breaks"]["currency"] == "USD"
    assert sum(each["amount_minor"] for each in document["breaks"]["tally"]) == total_minor


def test_the_expectation_of_all_money_off_is_of_that_sum_and_one_of_a_currency_of_its_own():
    off = troubled().document["metrics"]["amount_off"]
    whole, euros = verdicts(("amount_off", "== 0"), ("amount_off.EUR", "== 0"))

    assert (whole.value, whole.entry()["currency"]) == (off["USD"] + 2 * off["EUR"], "USD")
    assert (euros.value, euros.entry()["currency"]) == (off["EUR"], "EUR")
    assert verdicts(("amount_off", f"<= {whole.value}"))[0].held
    assert not verdicts(("amount_off", f"<= {whole.value - 1}"))[0].held


def test_layers_are_compared_by_that_sum():
    done = troubled()
    runs = Runs([done.document], {("point-to-point", 0): done.event_lags_us})
    document = comparison(loads(TROUBLED, "troubled"), ["point-to-point"], runs, "")

    assert numbers(done.document)["amount_off"] == worth(done.audit.open)
    assert document["layers"]["point-to-point"]["amount_off"]["mean"] == worth(done.audit.open)
    assert document["currency"] == "USD"


def test_the_steps_of_the_close_sum_up_in_the_currency_that_is_reported_in():
    done = troubled()
    steps = {step.name: step.minor for step in done.closed.steps}

    items = [one for one in done.audit.open if one.record == "open_item"]
    entries = [one for one in done.audit.open if one.record == "journal_entry"]
    assert {one.currency for one in entries} == {"USD", "EUR"}
    assert steps["billing to receivables"] == worth(items) > 0
    assert steps["revenue to ledger"] == worth(entries)
    assert steps["tie-out"] == worth(done.audit.open)


def test_adjusting_entries_are_translated_at_the_rates_of_their_periods():
    done, february = troubled(), month_of(date(2026, 2, 1).toordinal())
    sums = {"USD": 0, "early euros": 0, "late euros": 0}
    for entry in done.closed.entries:
        late = "late euros" if entry.period >= february else "early euros"
        sums[late if entry.currency == "EUR" else "USD"] += sum(max(0, minor) for _, _, minor in entry.postings)

    assert all(sums.values())
    worth_minor = sums["USD"] + -(-sums["early euros"] * 3 // 2) + 2 * sums["late euros"]
    assert done.document["metrics"]["manual_adjustments"]["amount_minor"] == worth_minor


def test_nothing_off_in_a_currency_is_measured_as_nothing():
    calm = loads(TROUBLED[: TROUBLED.index("faults:")], "calm")
    document = replicate(calm, "event-driven", 0).document

    assert document["metrics"]["amount_off"] == {"USD": 0, "EUR": 0}
    assert check([threshold_of("amount_off.EUR", "== 0")], document)[0].held
