"""A threshold reads as k6's do, a mistake in one is told with its remedy, and a verdict says what was seen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.expectations import AGGREGATES, METRICS, check, metric_and_text, threshold_of
from harness.statistics import NEVER, distribution

MINUTE_US = 60_000_000


def document(**fields):
    """A run document with nothing measured; `metrics` and other fields as given."""
    empty = {"metrics": {}, "flows": [], "faults": [], "duplicates": {}, "missing": {}, "breaks": {"by_kind": {}}}
    return empty | fields


def lags(*minutes):
    """A distribution's entry; None for what never arrived."""
    return distribution([NEVER if lag is None else lag * MINUTE_US for lag in minutes])


def verdict(metric, text, **fields):
    (only,) = check([threshold_of(metric, text)], document(**fields))
    return only


# --- reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "text", "aggregate", "operator", "limit", "unit"),
    [
        ("event_lag", "p(99) < 15min", "p(99)", "<", 900, "s"),
        ("event_lag", "max < 2h", "max", "<", 7200, "s"),
        ("event_lag", "avg <= 30 s", "avg", "<=", 30, "s"),
        ("event_lag", "min > 1.5 ms", "min", ">", 0.0015, "s"),
        ("event_lag", "p(50)<1 h 30 min", "p(50)", "<", 5400, "s"),
        ("event_lag", "p99 < 15min", "p(99)", "<", 900, "s"),
        ("event_lag.p99", "< 15min", "p(99)", "<", 900, "s"),
        ("event_lag.contract->billing.max", "eventually < 2h", "max", "<", 7200, "s"),
        ("invoice_delay.issued.p95", "< 2h", "p(95)", "<", 7200, "s"),
        ("backlog.mean", "< 0.5", None, "<", 0.5, "number"),
        ("event_lag", "never == 0", "never", "==", 0, "share"),
        ("event_lag", "never < 0.5%", "never", "<", 0.005, "share"),
        ("event_lag", "count >= 100", "count", ">=", 100, "count"),
        ("duplicates", "== 0", None, "==", 0, "count"),
        ("breaks", "<= 3", None, "<=", 3, "count"),
        ("missing", "!= 7", None, "!=", 7, "count"),
        ("failure_rate", "< 0.5%", None, "<", 0.005, "share"),
        ("failure_rate", "< 0.005", None, "<", 0.005, "share"),
        ("utilisation", "<= 80 %", None, "<=", 0.8, "share"),
        ("recovery_time", "< 2 h", None, "<", 7200, "s"),
        ("recovery_time", "== 0", None, "==", 0, "s"),
        ("amount_off", "<= 250", None, "<=", 250, "minor"),
        ("unexplained", ">= -5", None, ">=", -5, "minor"),
        ("calls_per_contract", "<= 7.5", None, "<=", 7.5, "number"),
        ("work_queue.age", "p(95) < 4 h", "p(95)", "<", 14_400, "s"),
        ("dead_letters.age", "max < 1 d", "max", "<", 86_400, "s"),
        ("work_queue.peak", "<= 40", None, "<=", 40, "count"),
        ("manual_adjustments", "== 0", None, "==", 0, "count"),
        ("manual_adjustments.amount_minor", "<= 250", None, "<=", 250, "minor"),
        ("manual_adjustments.share", "< 5%", None, "<", 0.05, "share"),
        ("close_cycle.hours", "< 200", None, "<", 200, "number"),
        ("business_status.exceptions.peak", "<= 9", None, "<=", 9, "count"),
        ("business_status.exceptions.oldest_s", "< 3 d", None, "<", 259_200, "s"),
        ("business_status.invoices_blocked.peak_minor", "<= 100", None, "<=", 100, "minor"),
        ("business_status.exceptions.peak_over_1_d", "== 0", None, "==", 0, "count"),
    ],
)
def test_a_threshold_is_read_with_its_unit(metric, text, aggregate, operator, limit, unit):
    found = threshold_of(metric, text)
    assert (found.aggregate, found.operator, found.limit, found.unit) == (aggregate, operator, limit, unit)


def test_a_threshold_is_known_by_its_metric_and_text():
    assert threshold_of("event_lag", "  p(99)   < 15min ").name == "event_lag p(99) < 15min"


def test_a_part_of_a_metric_follows_a_dot():
    found = threshold_of("event_lag.contract->billing", "p(95) < 1 min")
    assert (found.metric, found.part) == ("event_lag", "contract->billing")
    assert found.name == "event_lag.contract->billing p(95) < 1 min"


@pytest.mark.parametrize(
    ("metric", "text", "told"),
    [
        ("event_lags", "max < 2h", ["'event_lags' is no metric", "did you mean 'event_lag'?", "known are amendment"]),
        ("duplicates.invoice", "== 0", ["duplicates has no part 'invoice'", "did you mean 'invoices'?", "it has cust"]),
        ("event_lag.contract->bill", "max < 2h", ["did you mean 'contract->billing'?"]),
        ("duplicates.", "== 0", ["duplicates has no such part"]),
        ("breaks.stale_amendement", "== 0", ["did you mean 'stale_amendment'?"]),
        ("invoice_delay", "max < 2h", ["parts that do not add up", "invoice_delay.issued or invoice_delay.posted"]),
        ("event_lag", "quickly", ["'quickly' compares nothing", "write 'p(99) < 15min'", "< <= > >= == !="]),
        ("duplicates", "0", ["'0' compares nothing", "write '== 0'"]),
        ("duplicates", "= 0", ["'=' is no comparison", "== !="]),
        ("duplicates", "=> 0", ["'=>' is no comparison"]),
        ("event_lag", "< 15min", ["event_lag is a distribution", "p(0) to p(100), min, med", "'p(99) < 15min'"]),
        ("event_lag", "p999 < 15min", ["'p999' is no number of it: write p(0) to p(100)"]),
        ("event_lag.p101", "< 15min", ["'p101' is no number of it: write p(0) to p(100)"]),
        ("event_lag.p99_s", "< 15min", ["did you mean 'p99'?"]),
        ("event_lag.p99", "p(95) < 15min", ["event_lag has no part 'p99'"]),
        ("event_lag", "median < 15min", ["'median' is no number of it; did you mean 'med'?"]),
        ("event_lag", "eventualy p(99) < 15min", ["did you mean 'eventually'?"]),
        ("missing", "eventualy == 0", ["'eventualy' does not say when it has to hold; did you mean 'eventually'?"]),
        ("duplicates", "allways == 0", ["did you mean 'always'?"]),
        ("duplicates", "== -1", ["a count is a whole number from 0 on, never -1: write '== 0'"]),
        ("duplicates", "eventually == 0.5", ["never 0.5: write 'eventually == 0'"]),
        ("event_lag", "count > -1", ["never -1: write 'count > 0'"]),
        ("failure_rate", "< 500%", ["500% is no share"]),
        ("event_lag", "p(99.9) < 15min", ["'p(99.9)' is no number of it", "did you mean 'p(99)'?"]),
        ("event_lag", "p(101) < 15min", ["'p(101)' is no number of it: write p(0) to p(100)"]),
        ("event_lag", "average < 15min", ["did you mean 'avg'?", "never, count"]),
        ("duplicates", "max == 0", ["duplicates is one number", "drop 'max'", "write '== 0'"]),
        ("event_lag", "max < 15", ["15 has no unit", "write 15 s, 15 min or 15 h"]),
        ("event_lag", "max < 15 fortnights", ["'15 fortnights' is no duration", "2.5 h"]),
        ("event_lag", "max < ", ["an empty duration"]),
        ("failure_rate", "< 5", ["5 is no share of 1", "write 5% for per cent"]),
        ("failure_rate", "< 5 min", ["'5 min' is no limit here", "0.5% or 0.005"]),
        ("duplicates", "< 5%", ["'5%' is no limit here", "write a number"]),
        ("amount_off", "< 2.50 USD", ["'2.50 USD' is no limit here", "minor units such as 250"]),
        ("event_lag", "count < 5 s", ["'5 s' is no limit here", "write a number"]),
    ],
)
def test_a_mistake_is_told_with_the_text_what_was_expected_and_the_remedy(metric, text, told):
    with pytest.raises(ValueError) as error:
        threshold_of(metric, text)
    message = str(error.value)
    assert [part for part in told if part not in message] == []
    assert repr(metric) in message or repr(text.strip()) in message
    assert "\n" not in message


@given(st.text(max_size=30), st.sampled_from(sorted(METRICS)))
def test_no_text_breaks_the_reader(text, metric):
    """Whatever a person writes is a threshold, or a ValueError that quotes it."""
    try:
        threshold_of(metric, text)
    except ValueError as error:
        assert metric in str(error) or repr(" ".join(text.split())) in str(error)


# --- judging -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("< 3", False), ("<= 3", True), ("> 3", False), (">= 3", True), ("== 3", True), ("!= 3", False),
        ("< 4", True), ("<= 2", False), ("> 2", True), (">= 4", False), ("== 4", False), ("!= 4", True),
    ],
)  # fmt: skip
def test_a_number_is_compared_as_written(text, held):
    assert verdict("retries", text, metrics={"retries": 3}).held is held


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p(50) < 1h", 300), ("p(95) < 1h", 570), ("p(99) < 1h", 594), ("p(98) < 1h", 588), ("p(0) < 1h", 6),
        ("p(100) < 1h", 600), ("min < 1h", 6), ("med < 1h", 300), ("max < 1h", 600), ("avg < 1h", 303),
        ("count == 100", 100), ("never == 0", 0),
    ],
)  # fmt: skip
def test_every_number_of_a_distribution_is_exact(text, value):
    seen = verdict("event_lag", text, metrics={"event_lag": lags(*(step / 10 for step in range(1, 101)))})
    assert (seen.value, seen.held) == (value, True)


def test_the_exact_summary_is_preferred_to_the_quantiles():
    entry = lags(1, 2) | {"p99_s": 77.0}
    assert verdict("event_lag", "p(99) < 1h", metrics={"event_lag": entry}).value == 77.0


def test_the_entry_says_name_limit_value_and_verdict():
    seen = verdict("event_lag", "p(99) < 15min", metrics={"event_lag": lags(1, 20)})
    assert seen.entry() == {
        "name": "event_lag p(99) < 15min",
        "limit": 900,
        "value": 1200.0,
        "held": False,
        "unit": "s",
    }


@pytest.mark.parametrize("text", ["max < 365 d", "p(99) < 365 d", "avg < 365 d", "max > 0", "max != 1 s"])
def test_what_never_came_holds_no_threshold(text):
    seen = verdict("event_lag", text, metrics={"event_lag": lags(1, 1, None)})
    assert (seen.value, seen.held, seen.entry()["remark"]) == (None, False, "it never came")


def test_the_percentiles_below_what_never_came_are_still_judged():
    entry = lags(*[1] * 99, None)
    assert verdict("event_lag", "p(99) < 2 min", metrics={"event_lag": entry}).held
    assert verdict("event_lag", "never <= 1%", metrics={"event_lag": entry}).held
    assert not verdict("event_lag", "never < 1%", metrics={"event_lag": entry}).held


def test_of_no_samples_everything_holds_with_a_remark():
    seen = verdict("amendment_sync_time", "p(99) < 1 min", metrics={"amendment_sync_time": lags()})
    assert (seen.value, seen.held) == (None, True)
    assert seen.entry()["remark"].startswith("no samples")


def test_how_many_samples_there_were_can_itself_be_expected():
    seen = verdict("amendment_sync_time", "count > 0", metrics={"amendment_sync_time": lags()})
    assert (seen.value, seen.held) == (0, False)


def test_what_the_run_does_not_measure_is_not_held():
    seen = verdict("freshness", "< 6 d")
    assert (seen.value, seen.held, seen.remark) == (None, False, "this run does not measure it")


def test_a_flow_is_judged_by_its_own_lags():
    flows = [
        {"flow": "contract->billing", "expected": 2, "arrived": 2, **lags(1, 2)},
        {"flow": "contract->erp", "expected": 4, "arrived": 3, **lags(9, 9, 9, None)},
    ]
    for flow in flows:
        del flow["count"], flow["never_share"]  # a flow tells them as expected and arrived
    measured = {"flows": flows, "metrics": {"event_lag": lags(1, 2, 9, 9, 9, None)}}
    assert verdict("event_lag.contract->billing", "max <= 2 min", **measured).held
    assert verdict("event_lag.contract->erp", "p(50) < 1 min", **measured).value == 540
    assert verdict("event_lag.contract->erp", "never == 0", **measured).value == 0.25
    assert verdict("event_lag.contract->erp", "count == 4", **measured).held
    assert not verdict("event_lag.invoice->erp", "max < 1 h", **measured).held


def test_kinds_add_up_where_none_is_named():
    kinds = {"customers": 2, "invoices": 3, "orders": 0}
    assert verdict("duplicates", "== 5", metrics={"duplicates": kinds}).held
    assert verdict("duplicates.invoices", "== 3", metrics={"duplicates": kinds}).held


def test_a_kind_is_found_where_the_document_keeps_it():
    measured = {"metrics": {"duplicates": 3}, "duplicates": {"invoices": 3}}
    assert verdict("duplicates", "== 3", **measured).held
    assert verdict("duplicates.invoices", "== 3", **measured).held
    assert verdict("breaks.stale_amendment", "== 4", breaks={"by_kind": {"stale_amendment": 4}}).held
    assert verdict("breaks", "== 6", breaks={"by_kind": {"stale_amendment": 4, "duplicate": 2}}).held
    assert verdict("fault_hits.outage of billing", "> 0", faults=[{"name": "outage of billing", "hits": 1}]).held


def test_a_kind_that_did_not_occur_counts_zero():
    assert verdict("breaks.duplicate", "== 0", breaks={"by_kind": {"stale_amendment": 4}}).value == 0
    assert verdict("breaks", "== 0", breaks={"by_kind": {}}).value == 0
    assert verdict("missing.orders", "< 1", metrics={"missing": {"invoices": 2}}, missing={"invoices": 2}).value == 0


def test_a_kind_is_not_zero_where_nothing_was_counted():
    assert verdict("duplicates_ever.orders", "== 0").remark == "this run does not measure it"


def test_a_fault_that_was_not_planned_is_not_held():
    assert verdict("fault_hits.outage of erp", "== 0", faults=[{"name": "outage of billing", "hits": 1}]).held is False


def test_the_delay_of_an_invoice_is_judged_on_either_of_its_ways():
    delays = {"issued": lags(1), "posted": lags(5, None)}
    assert verdict("invoice_delay.issued", "max <= 1 min", metrics={"invoice_delay": delays}).held
    assert verdict("invoice_delay.posted", "never < 1%", metrics={"invoice_delay": delays}).value == 0.5


def test_the_count_stands_for_cut_off_errors_and_all_kinds_for_the_failure_rate():
    assert verdict("cut_off_errors", "== 0", metrics={"cut_off_errors": {"count": 2, "amount_minor": 900}}).value == 2
    rates = {"5xx": 0.01, "429": 0.02, "all": 0.03}
    assert verdict("failure_rate", "< 1%", metrics={"failure_rate": rates}).value == 0.03
    assert verdict("failure_rate.429", "< 1%", metrics={"failure_rate": rates}).value == 0.02


def test_the_worst_part_stands_for_a_metric_whose_parts_do_not_add_up():
    assert verdict("recovery_time", "< 1 h", metrics={"recovery_time": {"a": 60, "b": 7200}}).value == 7200
    assert verdict("unexplained", "== 0", metrics={"unexplained": {"USD": -5, "EUR": 0}}).value == -5
    assert verdict("utilisation", "< 80%", metrics={"utilisation": {"crm": 0.1, "erp": 0.9}}).value == 0.9


def test_parts_may_have_parts():
    calls = {"erp": {"post": 3, "find": 4}, "crm": {}}
    assert verdict("api_calls", "< 100", metrics={"api_calls": calls}).value == 7
    assert verdict("api_calls.erp", "< 100", metrics={"api_calls": calls}).value == 7
    assert verdict("api_calls.erp.find", "< 100", metrics={"api_calls": calls}).value == 4


def test_one_part_that_never_came_fails_the_whole():
    seen = verdict("recovery_time", "< 1 h", metrics={"recovery_time": {"a": 60, "b": None}})
    assert (seen.value, seen.held) == (None, False)


def test_no_parts_are_no_samples():
    assert verdict("recovery_time", "< 1 h", metrics={"recovery_time": {}}).remark.startswith("no samples")


def test_the_backlog_is_judged_by_its_peak_unless_told_otherwise():
    backlog = {"peak": 40, "area": 9_000}
    assert verdict("backlog", "< 50", metrics={"backlog": backlog}).value == 40
    assert verdict("backlog.area", "< 50", metrics={"backlog": backlog}).value == 9_000
    assert verdict("backlog", "< 50", metrics={"backlog": {"area": 1}}).remark == "this run does not measure it"


def test_verdicts_come_in_the_order_of_their_thresholds():
    thresholds = [threshold_of("missing", "== 0"), threshold_of("duplicates", "== 0")]
    seen = check(thresholds, document(metrics={"duplicates": 0, "missing": 1}))
    assert [(each.threshold.metric, each.held) for each in seen] == [("missing", False), ("duplicates", True)]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.integers(0, 100), st.integers(0, 10**6))
def test_a_percentile_holds_exactly_if_its_share_of_lags_does(minutes, percent, limit):
    """p(N) ≤ limit says that N per cent of the lags are within it."""
    seen = verdict("event_lag", f"p({percent}) <= {limit} min", metrics={"event_lag": lags(*minutes)})
    within = sum(lag <= limit for lag in minutes)
    assert seen.held == (within >= 1 and 100 * within >= percent * len(minutes))


def test_every_metric_can_be_written_and_judged():
    """The example that an error message offers for a metric is itself a good threshold for it."""
    for name, metric in METRICS.items():
        written = name if metric.whole else f"{name}.{metric.parts[0]}"
        with pytest.raises(ValueError) as error:
            threshold_of(written, "quickly")
        example = str(error.value).split("write '")[1].split("'")[0]
        assert threshold_of(written, example).unit == metric.unit
        measured = lags(1, 2) if metric.distribution else 0
        assert verdict(written, example, metrics={name: measured if metric.whole else {metric.parts[0]: measured}}).held


def test_the_aggregates_offered_are_the_aggregates_understood():
    for aggregate in AGGREGATES:
        limit = {"never": "1%", "count": "1"}.get(aggregate, "1 s")
        assert threshold_of("event_lag", f"{aggregate} > {limit}").aggregate == aggregate


# --- people, queues and the close --------------------------------------------------------------------

PEOPLE = {
    "work_queue": {"in": 9, "open": 2, "peak": 4, "age": lags(1, 2, 3)},
    "manual_adjustments": {"count": 3, "amount_minor": 1_200, "share": 0.25},
    "close_cycle": {"business_days": 7, "hours": 226.5},
    "business_status": {"exceptions": {"mean": 0.5, "peak": 4, "peak_minor": 900, "oldest_s": 7_200.0}},
    "manual_touches": 5,
}


@pytest.mark.parametrize(
    ("metric", "text", "value", "held"),
    [
        ("work_queue", "< 10", 9, True),
        ("work_queue.open", "== 0", 2, False),
        ("work_queue.age", "p(99) <= 3 min", 180, True),
        ("work_queue.age", "max < 3 min", 180, False),
        ("manual_adjustments", "< 3", 3, False),
        ("manual_adjustments.share", "<= 25%", 0.25, True),
        ("close_cycle.hours", "< 226", 226.5, False),
        ("close_cycle.business_days", "<= 7", 7, True),
        ("business_status.exceptions.peak", "< 4", 4, False),
        ("business_status.exceptions.oldest_s", "<= 2 h", 7_200, True),
        ("manual_touches", "== 5", 5, True),
    ],
)
def test_queues_people_and_the_close_are_judged(metric, text, value, held):
    seen = verdict(metric, text, metrics=PEOPLE)
    assert (seen.value, seen.held) == (value, held)


@pytest.mark.parametrize("metric", ["close_cycle", "business_status"])
def test_parts_that_do_not_add_up_have_to_be_named(metric):
    with pytest.raises(ValueError, match=rf"{metric}' has parts that do not add up: write {metric}\."):
        threshold_of(metric, "< 5")


def test_a_status_that_there_is_not_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r"did you mean 'exceptions\.peak'"):
        threshold_of("business_status.exception.peak", "< 5")


# --- when it has to hold -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "metric", "text"),
    [
        ("duplicates == 0", "duplicates", "== 0"),
        ("event_lag.p99 < 15 min", "event_lag", "p(99) < 15 min"),
        ("event_lag p(99) < 15min", "event_lag", "p(99) < 15min"),
        ("event_lag.contract->billing.max<2h", "event_lag.contract->billing", "max <2h"),
        ("work_queue.age.p95 < 4 h", "work_queue.age", "p(95) < 4 h"),
        ("work_queue.peak <= 40", "work_queue.peak", "<= 40"),
        ("always duplicates.invoices == 0", "duplicates.invoices", "always == 0"),
        ("eventually missing == 0", "missing", "eventually == 0"),
        ("missing eventually == 0", "missing", "eventually == 0"),
        ("sometimes skipped.repeats > 0", "skipped.repeats", "sometimes > 0"),
        ("event_lag.p(99) < 15 min", "event_lag", "p(99) < 15 min"),
        ("event_lag p99 < 15 min", "event_lag", "p(99) < 15 min"),
        ("sometimes fault_hits.outage of billing > 0", "fault_hits.outage of billing", "sometimes > 0"),
        ("delivery_lag.to the ERP eventually p99 < 1 h", "delivery_lag.to the ERP", "eventually p(99) < 1 h"),
    ],
)
def test_a_threshold_can_be_said_in_one_line(expression, metric, text):
    assert metric_and_text(expression) == (metric, text)
    assert threshold_of(metric, text).name == f"{metric} {text}"


@pytest.mark.parametrize(
    ("metric", "text"),
    [("event_lag", "p(99) < 15 min"), ("event_lag", "p99 < 15 min"), ("event_lag.p99", "< 15 min")],
)
def test_the_same_is_said_in_a_file_and_in_one_line(metric, text):
    assert threshold_of(metric, text) == threshold_of(*metric_and_text(f"{metric} {text}"))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("duplicates", "compares no metric"),
        ("== 0", "compares no metric"),
        ("duplicate == 0", "did you mean 'duplicates'?"),
        ("event_lag < 3 min", "names no number of it"),
        ("always missing == 0", "write 'eventually missing == 0'"),
        ("event_lag.p99 < 15", "'event_lag.p99 < 15': 15 has no unit"),
        ("event_lag.p101 < 15 min", "'event_lag.p101 < 15 min': 'p101' is no number of it"),
        ("eventualy missing == 0", "'eventualy' is no metric; did you mean 'eventually'?"),
        ("missing eventualy == 0", "'eventualy' does not say when it has to hold; did you mean 'eventually'?"),
        ("eventually duplicates max == 0", "write 'eventually duplicates == 0'"),
        ("duplicates == -1", "write 'duplicates == 0'"),
        ("replayed == 1", "'replayed' is no metric; known are"),
        ("sometimes duplicates.p99 == 0", "no part 'p99'"),
    ],
)
def test_a_mistake_in_one_line_is_told_with_its_remedy(expression, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        metric_and_text(expression)


def test_always_counts_also_what_was_put_right_again():
    counts = {"duplicates": {"invoices": 0}, "metrics": {"duplicates_ever": {"invoices": 2}}}

    assert verdict("duplicates", "== 0", **counts).held
    seen = verdict("duplicates", "always == 0", **counts)
    assert (seen.held, seen.value, seen.threshold.when) == (False, 2, "always")
    assert not verdict("duplicates.invoices", "always == 0", **counts).held


def test_eventually_is_not_asked_of_a_run_whose_faults_have_left_it_no_time_to_heal():
    day_s = 86_400
    gone = {"name": "outage-1", "hits": 3, "last_s": 30 * day_s, "until_s": 31 * day_s}
    still = gone | {"name": "outage-2", "last_s": 30 * day_s + 1}
    never = gone | {"name": "outage-3", "hits": 0, "last_s": None}
    fields = {"missing": {"invoices": 1}, "simulated_s": 31 * day_s}

    healed = verdict("missing", "eventually == 0", faults=[gone, never], **fields)
    assert (healed.held, healed.judged, healed.value) == (False, True, 1)
    unhealed = verdict("missing", "eventually == 0", faults=[gone, still], **fields)
    assert (unhealed.held, unhealed.judged) == (True, False)
    assert "outage-2 still struck on the run's last day" in unhealed.remark
    assert unhealed.entry()["judged"] is False
    assert not verdict("missing", "== 0", faults=[still], **fields).held
