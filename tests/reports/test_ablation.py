"""What is said of a safeguard: it is needed, level, better gone, not exercised or unknown, and at what cost."""

import pytest

from reports.ablation import as_given, by_harm, finding, headline
from reports.ablation_text import ablation_table
from tests.reports.ablations import GIVEN, ablation, interval, pair, safeguard
from tests.reports.samples import run

DUPLICATES = {"duplicates": interval(12.4, 9.1, 15.7), "breaks": interval(14.0, 10, 18)}
UNSURE = {"duplicates": interval(2.0, -1, 5)}
APPEARING = [
    {"kind": "duplicate", "record": "journal_entry", "cause": "lost_response", **interval(8.0, 6, 10)},
    {"kind": "duplicate", "record": "invoice", "cause": "layer", **interval(6.0, 4, 8)},
]

NEEDED = safeguard("idempotency", "key", "none", harm=DUPLICATES, appears=APPEARING)
TESTED = safeguard("gate", "version", "none", hits={"out_of_order": 31}, zeros={"missing": 3e-5, "duplicates": 3e-5})
IDLE = safeguard("journal", against=["crash"], hits={})


def test_a_safeguard_is_needed_where_more_goes_wrong_without_it():
    assert finding(NEEDED) == "needed"
    assert NEEDED["sentence"] == (
        "Without idempotency=key: 12.4 [9.1, 15.7] more duplicates and 14 [10, 18] more breaks open at close, "
        "mainly duplicate (journal entry) by lost response. Having it costs nothing measurable."
    )


def test_what_goes_better_without_it_is_told_after_what_goes_worse():
    both = safeguard(
        harm={"missing": interval(52.0, 44, 60), "duplicates": interval(-29.0, -47, -11)}, appears=APPEARING
    )

    assert both["sentence"].startswith(
        "Without inbox=on: 52 [44, 60] more records missing, mainly duplicate (journal entry) by lost response, "
        "but 29 [11, 47] fewer duplicates. "
    )


def test_no_harm_is_claimed_where_the_interval_includes_zero():
    found = safeguard(harm=UNSURE, hits={"duplicate_delivery": 3})

    assert finding(found) == "unclear"
    assert "2 [-1, 5] more duplicates, which may be luck: more seeds would tell." in found["sentence"]
    assert "needs" not in headline(ablation(found))[0]


def test_what_was_put_to_the_test_and_never_happened_has_its_upper_bound():
    assert finding(TESTED) == "level"
    assert TESTED["sentence"].startswith(
        "Without gate=version: no harm that these seeds show, though it was put to the test (out of order 31 times); "
        "0 missing and 0 duplicates: with 95 % confidence below 0.3 in 10,000 changes."
    )


def test_a_safeguard_that_nothing_tests_is_not_exercised():
    assert finding(IDLE) == "not exercised"
    assert "this scenario does not exercise it: no fault that puts it to the test struck." in IDLE["sentence"]


def test_runs_that_are_the_same_call_by_call_cost_nothing_to_guard():
    same = safeguard(identical=True, hits={"duplicate_delivery": 9})

    assert finding(same) == "not exercised"
    assert "Having it costs nothing: every run is the same without it, call by call." in same["sentence"]


def test_a_change_that_no_fault_explains_is_not_called_idle():
    assert finding(safeguard(harm=UNSURE)) == "unclear"


def test_a_safeguard_for_no_faults_sake_is_never_called_untested():
    assert finding(safeguard("cache", against=[], hits={})) == "level"


def test_one_without_which_less_goes_wrong_is_said_to_do_harm():
    found = safeguard(harm={"missing": interval(-4.0, -6, -2)})

    assert finding(found) == "better without"
    assert "4 [2, 6] fewer records missing; here it does more harm than good." in found["sentence"]


def test_one_seed_claims_nothing():
    found = safeguard(
        harm={"duplicates": interval(7.0, None, None)}, cost={"durable_writes": interval(9.0, None, None)}
    )

    assert finding(found) == "unknown"
    assert "by one seed, which gives no interval" in found["sentence"]


def test_costs_and_savings_are_told_with_their_intervals():
    cost = {
        "durable_writes": interval(5400.0, 5300, 5500),
        "calls_per_contract": interval(-0.5, -0.7, -0.3),
        "event_lag.p95_s": interval(1.0, -2, 4),
    }

    assert safeguard(cost=cost)["sentence"].endswith(
        "Having it means 5,400 [5,300, 5,500] more durable writes, but 0.50 [0.30, 0.70] fewer API calls per contract."
    )


def test_a_cost_that_nobody_can_see_is_not_told():
    assert safeguard(cost={"calls_per_contract": interval(0.001, 0.0005, 0.0015)})["sentence"].endswith(
        "Having it costs nothing measurable."
    )


def test_the_most_harmful_to_lose_comes_first():
    worse = safeguard("attempts", harm={"breaks": interval(90.0, 80, 100)})

    assert sorted([IDLE, NEEDED, TESTED, worse], key=by_harm) == [worse, NEEDED, IDLE, TESTED]


@pytest.mark.parametrize(
    ("beyond", "said"),
    [
        (interval(9.0, 7, 11), "9 [7, 11] more duplicates than both alone add up to: each covers for the other."),
        (interval(-9.0, -11, -7), "9 [7, 11] fewer duplicates than both alone add up to: they guard against the same."),
        (interval(9.0, -1, 19), "no more than both alone add up to, as far as these seeds tell."),
    ],
)
def test_two_safeguards_are_told_by_what_they_do_beyond_each_alone(beyond, said):
    assert pair("inbox", "gate", beyond={"duplicates": beyond})["sentence"] == f"Without inbox and gate: {said}"


def test_the_answer_names_what_is_needed_what_is_level_and_what_was_not_tested():
    assert headline(ablation(NEEDED, TESTED, IDLE)) == [
        "Under quarter-end-spike, event-driven needs idempotency: without it, failures appear.",
        "Losing gate alone does no harm that these seeds show.",
        "The scenario does not exercise journal.",
    ]


def test_only_the_layer_as_given_is_judged():
    judged = as_given(ablation(NEEDED, IDLE))

    assert list(judged["layers"]) == ["event-driven"]
    assert {run["layer"] for run in judged["runs"]} == {"event-driven"}
    assert len(judged["runs"]) == 3


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_line_of_the_table_fits_the_terminal(width):
    text = ablation_table(ablation(NEEDED, TESTED, IDLE, pairs=[pair("inbox", "gate")]), width=width)

    lines = [line for line in text.splitlines() if not line.startswith("replay: ")]
    assert max(map(len, lines)) <= width


def test_the_table_has_a_row_a_safeguard_and_brackets_what_is_not_apart():
    text = ablation_table(ablation(NEEDED, safeguard(harm=UNSURE, hits={"duplicate_delivery": 3})), width=80)

    rows = [line.split() for line in text.splitlines()]
    assert ["idempotency=none", "+12.4", "0", "+14", "0", "0"] in rows
    assert ["inbox=off", "(+2)", "0", "0", "0", "0"] in rows
    assert "in brackets: its 95 % interval includes 0" in text
    assert text.splitlines()[-1].startswith("verdict: PASS: every expectation held with seeds 0 to 2")


def test_what_a_safeguard_is_set_to_without_is_told():
    one = safeguard("attempts", "unlimited", "1", harm={"breaks": interval(9.0, 8, 10)})

    assert one["sentence"].startswith("Without attempts=unlimited, with 1 instead: 9 [8, 10] more breaks open at close")
    text = ablation_table(ablation(one), width=80)
    assert "\nattempts=1 " in text
    assert "\nattempts=unlimited " in text


def test_columns_bear_the_names_that_they_have_elsewhere():
    text = ablation_table(ablation(NEEDED), width=80)

    assert "breaks at close" in text
    assert "never arrived" in text


def test_a_lag_that_was_never_reached_is_explained():
    never = {"event_lag.p95_s": interval(None, None, None)}

    assert "\nn/a: in some run," in ablation_table(ablation(safeguard(cost=never)), width=120)
    assert "n/a" not in ablation_table(ablation(NEEDED), width=120)


def test_a_difference_that_rounds_to_nothing_has_no_sign_and_no_brackets():
    nearly = {"calls_per_contract": interval(-0.001, -0.002, 0.001)}

    row = next(line for line in ablation_table(ablation(safeguard(cost=nearly))).splitlines() if "inbox=on" in line)
    assert row.split() == ["inbox=on", "0.00", "0", "0", "0"]


def test_interrupted_before_a_seed_was_finished_nothing_is_judged():
    given = run(GIVEN, held=True)
    text = ablation_table(ablation(seeds=2) | {"layers": {}, "seeds": 0, "complete": False, "runs": [given]}, width=80)

    assert "no seed finished" in text.splitlines()[0]
    assert "PASS" not in text
    assert "verdict: UNCHECKED: interrupted before every layer had finished a seed" in " ".join(text.split())


def test_nothing_finished_is_nothing_compared():
    text = ablation_table(ablation(seeds=2) | {"layers": {}, "complete": False}, width=80)

    assert "No seed has been finished by every variant" in text
