"""What is said against a baseline: in rows, in sentences, in the verdict, in a terminal of any width, on the page."""

import pytest

from reports import against
from reports.answer import first_failure, verdict
from reports.page import render
from reports.reading import Results
from reports.terminal import comparison_table
from tests.reports.samples import baseline, comparison, run

WORSE = comparison(seeds=2, held=True, baseline=baseline())


def test_rows_are_the_judged_that_are_not_the_same_the_worst_first():
    rows = against.rows_of("event-driven", baseline()["layers"]["event-driven"])

    assert [(row.verdict, row.metric) for row in rows] == [
        ("worse", "duplicates"), ("unclear", "event_lag.p95_s"), ("better", "calls_per_contract"),
    ]  # fmt: skip
    assert rows[1].sentence == "event lag p95 1 min → 1.1 min (+6 s [5, 7], +10 %)"


def test_what_got_worse_fails_although_every_expectation_held():
    end = verdict(Results(WORSE))

    assert end.word == "FAIL"
    assert end.reason.startswith("every expectation held in every layer with seeds 0 and 1 (18 checks); ")
    assert end.reason.endswith(
        "worse than in the baseline: duplicates; better than in the baseline: API calls per contract."
    )
    assert first_failure(Results(WORSE))["layer"] == "event-driven"


def test_a_baseline_is_a_check_where_the_scenario_has_none():
    nothing_worse = baseline(regressions=[], improvements=[], layers={})
    end = verdict(Results(run(expectations=[], baseline=nothing_worse)))

    assert (end.word, "nothing got worse than in the baseline" in end.reason) == ("PASS", True)


def test_of_the_same_runs_nothing_more_is_said():
    same = baseline()["layers"]["event-driven"] | {"identical": True, "metrics": {}}
    found = baseline(layers={"event-driven": same}, remarks=[], estimates=0)

    assert (
        against.how_compared("event-driven", same) == "event-driven: the same runs, byte for byte, with seeds 0 and 1."
    )
    assert (against.unchanged(same), against.only_told(same), against.rule(found)) == ("", "", "")


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_terminal_shows_it_in_any_width(width):
    lines = comparison_table(WORSE, width=width).splitlines()
    text = " ".join(" ".join(lines).split())

    assert max(len(line) for line in lines if not line.startswith("replay: ")) <= width
    assert "Against the baseline runs/main" in text
    assert "worse" in text
    assert "Only told: retries 5 → 7." in text
    assert "the baseline was made by tieout 0.0.9, this is 0.1.0." in text


def test_the_page_has_a_section_and_leads_to_it():
    page = render(WORSE, {})

    assert '<a href="#baseline">Baseline</a>' in page
    assert '<th scope="row">duplicates</th><td class="mark">✗ worse</td><td class="number">0</td>' in page
    assert 'id="baseline"' not in render(comparison(seeds=2), {})


def test_names_from_outside_are_text_on_the_page():
    page = render(comparison(seeds=2, baseline=baseline(path="<script>x</script>")), {})

    assert "<code><script>" not in page
    assert "&lt;script&gt;x" in page
