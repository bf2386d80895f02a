"""A layer is called better only where an interval paired by seed excludes 0."""

import pytest

from reports.answer import Verdict, headline, in_one_currency, rare_events, unjudged, verdict
from reports.contrasts import Contrast, excludes_zero
from reports.measures import BREAKS, CALLS, DUPLICATES, LAG_P95, numbers, unit_of
from reports.page import render
from reports.reading import Results, seeds_shown
from reports.tables import everything
from reports.terminal import run_summary
from reports.thresholds import expectation_text, seen_over, seen_value
from tests.reports.samples import comparison, run, unfit

ZERO = {"mean": 0.0, "low": 0.0, "high": 0.0}
FEWER = {"mean": -4.0, "low": -6.0, "high": -2.0}
MORE = {"mean": 4.0, "low": 2.0, "high": 6.0}
LEVEL = {"mean": -4.0, "low": -9.0, "high": 1.0}


def compared(**differences):
    """Results for layers a, b and c with these differences by pair: `ab={"breaks": FEWER}`."""
    document = comparison(seeds=2)
    names = dict(zip("abc", document["layers"], strict=True))
    document["differences"] = {
        f"{names[pair[0]]} vs {names[pair[1]]}": {"duplicates": ZERO, "missing": ZERO, **found}
        for pair, found in differences.items()
    }
    return Results(document)


def test_an_interval_that_touches_zero_excludes_nothing():
    assert excludes_zero(FEWER)
    assert excludes_zero(MORE)
    assert not excludes_zero({"mean": 1.0, "low": 0.0, "high": 2.0})
    assert not excludes_zero({"mean": 1.0, "low": None, "high": None})


def test_the_layer_that_beats_every_other_is_named():
    results = compared(ab={"breaks": FEWER}, ac={"breaks": FEWER}, bc={"breaks": LEVEL})

    assert headline(results)[0] == "point-to-point kept better books than process-orchestration and event-driven."


def test_layers_that_are_level_share_the_lead():
    results = compared(ab={"breaks": LEVEL}, ac={"breaks": FEWER}, bc={"breaks": FEWER})

    assert headline(results)[:2] == [
        "point-to-point and process-orchestration kept better books than event-driven.",
        "Between point-to-point and process-orchestration, these seeds show no difference in the books that "
        "excludes 0.",
    ]


def test_no_layer_is_called_better_when_every_interval_includes_zero():
    results = compared(ab={"breaks": LEVEL}, ac={"breaks": LEVEL}, bc={"breaks": LEVEL})

    assert headline(results)[0] == "2 seeds do not tell the layers apart by their books."
    assert "better" not in " ".join(headline(results))


def test_a_trade_off_between_two_counts_is_no_win():
    both_ways = {"breaks": FEWER, "amount_off": MORE}
    results = compared(ab=both_ways, ac=both_ways, bc={"breaks": LEVEL})

    assert headline(results)[0].startswith("No layer kept better books on every count")


def test_a_partial_order_is_not_sold_as_a_ranking():
    results = compared(ab={"breaks": FEWER}, ac={"breaks": LEVEL}, bc={"breaks": LEVEL})

    assert headline(results)[0] == (
        "No layer kept better books than point-to-point and event-driven; "
        "process-orchestration did worse than point-to-point."
    )


def test_one_seed_calls_nobody_better():
    assert headline(Results(comparison(seeds=1))) == [
        "No interval from a single seed, so no layer is called better than another: run more seeds."
    ]


def test_layers_without_any_flaw_are_all_said_to_tie_out():
    document = comparison(layers=("event-driven", "process-orchestration"), seeds=2)
    for each in document["runs"]:
        each["duplicates"] = each["missing"] = {"invoices": 0}
        each["breaks"] = {"open_at_close": 0, "amount_minor": 0, "by_kind": {}, "by_cause": {}}
        each["metrics"]["amount_off"] = {"USD": 0}
    document["differences"] = {"event-driven vs process-orchestration": {"breaks": ZERO, "event_lag.p95_s": FEWER}}

    said = headline(Results(document))

    assert said[0] == "Every layer tied out on every seed: no duplicate, nothing missing, no break, USD 0.00 off."
    assert said[-1].startswith("event-driven was earlier: 95 % of changes arrived within")


def test_a_run_is_told_in_one_sentence():
    document = run(
        duplicates={"invoices": 1},
        missing={},
        breaks={"open_at_close": 2, "amount_minor": 1_234_567, "by_kind": {}, "by_cause": {}},
        metrics={"amount_off": {"USD": 1_234_567}, "event_lag": {"p95_s": 126.0, "never_share": 0.001}},
    )

    assert headline(Results(document)) == [
        "event-driven: 1 duplicate, 0 missing, 2 breaks open at close and USD 12,345.67 off; "
        "95 % of changes arrived within 2.1 min; 0.1 % never arrived."
    ]


def test_a_difference_is_worded_by_its_sign_and_names_what_it_does_not_tell():
    contrast = Contrast("a", "b", {DUPLICATES: FEWER, BREAKS: LEVEL, CALLS: MORE, LAG_P95: {**FEWER, "low": None}})

    assert contrast.sentence() == (
        "a against b: 4 [2, 6] fewer duplicates, but 4.00 [2.00, 6.00] more API calls per contract."
    )
    assert contrast.reservations() == ["Not told apart: breaks open at close.", "No interval for event lag p95."]
    assert contrast.reversed().sentence() == (
        "b against a: 4.00 [2.00, 6.00] fewer API calls per contract, but 4 [2, 6] more duplicates."
    )


def test_the_layer_that_does_better_is_named_first():
    results = compared(ab={"breaks": MORE})

    assert [(pair.a, pair.b) for pair in results.contrasts] == [("process-orchestration", "point-to-point")]


def test_a_difference_keyed_the_other_way_round_is_turned():
    document = comparison(seeds=2)
    a, b, _ = document["layers"]
    document["differences"] = {f"{b} vs {a}": {"breaks": MORE}}

    assert Results(document).beats(a, b, [BREAKS])


def test_expectations_pass_only_if_they_held_in_every_run():
    assert verdict(Results(comparison(seeds=2, held=True))).word == "PASS"
    document = comparison(seeds=2, held=True)
    document["runs"][3]["expectations"][1]["held"] = False

    failed = verdict(Results(document))

    assert failed.word == "FAIL"
    assert failed.reason == (
        "process-orchestration broke duplicates == 0; point-to-point and event-driven held every expectation."
    )


def test_without_expectations_nothing_was_checked():
    assert verdict(Results(run(expectations=[]))).word == "UNCHECKED"
    assert verdict(Results(comparison(layers=(), seeds=0))).reason == "no run has finished, so nothing was checked."


def test_what_was_not_judged_did_not_hold():
    some = run(expectations=[*run(held=True)["expectations"], unfit()], remarks=["'missing eventually == 0' was not …"])
    none = run(expectations=[unfit()])

    assert verdict(Results(some)) == Verdict(
        "PASS", "every expectation that was judged held (3 checks). Not judged: missing eventually == 0."
    )
    assert verdict(Results(none)) == Verdict(
        "UNCHECKED",
        "no expectation was judged, so nothing was checked. missing eventually == 0 was not judged: "
        "outage of erp still struck on the run's last day, and left no time to heal.",
    )
    assert [(each.mark, each.held, each.of) for each in Results(some).thresholds][2:] == [("✓", 1, 1), ("–", 0, 0)]


def test_a_run_that_was_judged_and_one_that_was_not():
    document = comparison(layers=("event-driven",), seeds=2, held=True)
    document["runs"][0]["expectations"].append(unfit())
    document["runs"][1]["expectations"].append(unfit() | {"value": 0, "judged": True})

    found = Results(document).thresholds[-1]

    assert (found.mark, found.held, found.of, found.unjudged) == ("✓", 1, 1, (0,))
    assert unjudged(Results(document)) == [
        "missing eventually == 0 was not judged: outage of erp still struck on the run's last day, and left no time to "
        "heal (event-driven, seed 0)."
    ]


def test_what_strict_takes_for_a_failure_is_no_pass():
    held = run(held=True, silent=True)

    assert verdict(Results(held)).word == "PASS"
    strict = verdict(Results(held | {"settings": {"strict": True}}))
    assert strict.word == "UNCHECKED"
    assert strict.reason.endswith("That is no success with --strict: outage of revenue hit nothing.")
    assert verdict(Results(run(held=True, settings={"strict": True}))).word == "PASS", "there is nothing to remark"
    assert verdict(Results(run("point-to-point", silent=True, settings={"strict": True}))).word == "FAIL"


def test_a_fault_that_hit_nothing_is_said_with_the_verdict():
    results = Results(comparison(seeds=2, held=True, silent=True))

    assert verdict(results).reason.endswith("But a planned fault hit nothing.")
    assert [fault.sentence() for fault in results.silent_faults] == [
        "outage of revenue hit nothing in any run: what it was planned to test was not tested."
    ]


def test_a_fault_that_hit_nothing_in_one_run_names_the_run():
    document = comparison(seeds=2)
    document["runs"][3]["faults"][0]["hits"] = 0

    (fault,) = Results(document).silent_faults

    assert (
        fault.sentence() == "outage of billing hit nothing in process-orchestration (seed 1): there it tested nothing."
    )


def test_a_zero_is_told_with_the_rate_it_still_allows():
    document = run(flows=[], duplicates={"invoices": 0}, missing={"invoices": 2})
    assert rare_events(Results(document)) == []

    document["flows"] = [{"flow": "invoice->erp", "expected": 3000, "arrived": 2998, "quantiles_s": []}]
    assert rare_events(Results(document)) == [
        "event-driven: 0 duplicates in 3,000 changes to carry: "
        "with 95 % confidence the true rate is below 10 in 10,000 (rule of three)."
    ]


def test_measures_are_found_under_the_names_a_harness_may_give_them():
    document = comparison(seeds=2)
    layer = "event-driven"
    document["layers"][layer]["event_lag_p95_s"] = FEWER
    del document["layers"][layer]["event_lag.p95_s"]

    assert Results(document).interval(layer, LAG_P95) == FEWER


def test_a_mean_without_an_interval_is_taken_from_the_runs():
    document = comparison(seeds=2)
    document["layers"] = {layer: {} for layer in document["layers"]}
    expected = sum(each["breaks"]["open_at_close"] for each in document["runs"][:2]) / 2

    assert Results(document).interval("point-to-point", BREAKS) == {"mean": expected, "low": None, "high": None}


def test_numbers_of_a_run_are_totals():
    document = run("point-to-point")

    told = numbers(document)

    assert told["duplicates"] == sum(document["duplicates"].values()) > 0
    assert told["amount_off"] == document["metrics"]["amount_off"]["USD"] > 0
    assert told["event_lag.p95_s"] == document["metrics"]["event_lag"]["p95_s"]


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("event_lag", "span"), ("event_lag.count", "count"), ("event_lag.never_share", "share"), ("breaks", "count"),
        ("amount_off.USD", "money"), ("recovery_time", "span"), ("failure_rate", "share"), ("retries", "count"),
        ("calls_per_contract", "ratio"), ("amendment_sync_time.p95_s", "span"),
    ],
)  # fmt: skip
def test_a_metric_tells_its_unit_by_its_name(metric, unit):
    assert unit_of(metric) == unit


def checks(name, *values, **more):
    return [{"name": name, "limit": 0, "value": value, "held": True, **more} for value in values]


def test_values_over_seeds_are_a_range_in_one_unit():
    assert seen_over(checks("event_lag", 360.0, 407.4)) == "6 to 6.79 min"
    assert seen_over(checks("event_lag", 36.0, None)) == "36 s, or never"
    assert seen_over(checks("event_lag", 36.0, None, remark="it never came")) == "36 s, or it never came"
    assert seen_over(checks("duplicates", 3, 3)) == "3"
    assert seen_over(checks("amount_off == 0", 123, 45_600, unit="minor")) == "USD 1.23 to 456.00"
    assert seen_over(checks("note", "a", "b")) == "a, b"


def test_a_value_takes_the_unit_of_its_entry_or_of_its_metric():
    assert [seen_value(each) for each in checks("event_lag max < 24 h", 86400, unit="s")] == ["1 d"]
    assert [seen_value(each) for each in checks("event_lag never < 1%", 0.004, unit="share")] == ["0.4 %"]
    assert [seen_value(each) for each in checks("event_lag.contract->billing p(99) < 15min", 90)] == ["1.5 min"]
    assert [seen_value(each) for each in checks("amount_off == 0", 1_234_567, unit="minor")] == ["USD 12,345.67"]
    assert [seen_value(each) for each in checks("amount_off", {"USD": 5})] == ["USD 0.05"]


def test_a_value_of_another_currency_is_shown_in_it():
    seen = checks("amount_off.EUR < 9", 500, 700, unit="minor", currency="EUR")

    assert seen_value(seen[0]) == "EUR 5.00"
    assert seen_over(seen) == "EUR 5.00 to 7.00"


def group(layer="event-driven"):
    """A run of a group: 20.00 dollars off, and 10.00 euros, which come to 15.00 dollars more."""
    document = run(layer)
    document["breaks"] |= {"amount_minor": 3_500, "currency": "USD"}
    document["metrics"]["amount_off"] = {"USD": 2_000, "EUR": 1_000}
    return document


def test_a_group_s_money_off_is_told_in_one_currency_and_which_is_said():
    results = Results(group())

    assert numbers(group())["amount_off"] == 3_500
    assert "USD 35.00 off" in headline(results)[0]
    assert in_one_currency(results) == (
        "Money off is told in USD; what is in EUR counts at the rates of the last month."
    )
    assert in_one_currency(results) in run_summary(group(), width=120)
    assert "is told in USD; what is in EUR" in render(group())
    assert {row[0]: row[1] for row in everything(results).rows}["amount_off.EUR"] == "EUR 10.00"


def test_where_there_is_one_currency_nothing_is_said_of_others():
    assert in_one_currency(Results(run())) == ""
    assert "is told in USD" not in run_summary(run(), width=120) + render(run())


def test_a_name_that_says_the_limit_is_not_followed_by_it():
    assert expectation_text({"name": "event_lag max < 24 h", "limit": 86400}) == "event_lag max < 24 h"
    assert expectation_text({"name": "event_lag", "limit": "p(99) < 15min"}) == "event_lag p(99) < 15min"
    assert expectation_text({"name": "event_lag.contract->billing", "limit": "max < 2 h"}) == (
        "event_lag.contract->billing max < 2 h"
    )


def test_seeds_are_named_shortly():
    assert [seeds_shown(seeds) for seeds in ([3], [0, 1, 2], [0, 2], [])] == [
        "seed 3", "seeds 0 to 2", "seeds 0 and 2", "no seed",
    ]  # fmt: skip
