"""The terminal's table is plain text of the asked width, coloured only where that is asked for."""

import pytest

from reports.terminal import comparison_table, run_summary
from tests.reports.samples import LAYERS, comparison, run, unfit

DOCUMENT = comparison()


def lines_of(text):
    return [line for line in text.splitlines() if not line.startswith("replay: ")]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_line_fits_the_width(width):
    for text in (comparison_table(DOCUMENT, width=width), run_summary(run("point-to-point", silent=True), width=width)):
        assert max(map(len, lines_of(text))) <= width


def test_the_table_has_a_column_a_layer_where_it_fits():
    table = comparison_table(DOCUMENT, width=80).splitlines()

    assert table[2].split() == list(LAYERS)
    assert table[3].split() == ["duplicates", "55", "1.2", "0"]
    assert table[4].split("  ")[-1] == "[0, 0]"
    assert next(line for line in table if line.startswith("money off")).split() == [
        "money", "off", "USD", "2,197,539.41", "USD", "44,585.86", "USD", "0.00",
    ]  # fmt: skip


def test_a_narrow_table_puts_the_layers_below_each_other():
    text = comparison_table(DOCUMENT, width=70)

    assert "\nmoney off\n  point-to-point         USD 2,197,539.41  [2,037,820, 2,357,259]\n" in text


def test_it_says_what_the_seeds_tell_apart_and_what_not():
    text = " ".join(comparison_table(DOCUMENT, width=100).split())

    assert "event-driven kept better books than point-to-point and process-orchestration." in text
    assert "event-driven against point-to-point: 55 [49.8, 60.2] fewer duplicates" in text
    assert "Not told apart: missing and never arrived." in text


def test_a_unit_is_never_parted_from_its_number():
    for width in range(60, 101):
        for line in comparison_table(DOCUMENT, width=width).splitlines():
            assert not line.lstrip().startswith(("%", "min ", "1,981,832]")), line


def test_expectations_show_mark_value_and_limit():
    text = comparison_table(DOCUMENT, width=80)

    assert "  ✗  duplicates == 0          50 to 59       broken: seeds 0 to 4\n" in text
    assert "  ✓  event_lag p(99) < 15min  7.05 to 7.9 min\n" in text


def test_one_verdict_ends_it_after_the_command_that_replays_the_failure():
    text = comparison_table(DOCUMENT, width=100)

    assert text.count("verdict: ") == 1
    assert text.splitlines()[-3] == "replay: tieout run quarter-end-spike --layer point-to-point --seed 0"
    assert text.splitlines()[-2].startswith("verdict: FAIL: point-to-point and process-orchestration broke")


def test_a_passing_comparison_has_nothing_to_replay():
    text = comparison_table(comparison(seeds=2, held=True))

    assert "replay" not in text
    assert "verdict: PASS" in text


def test_what_was_not_judged_has_a_mark_of_its_own():
    text = run_summary(run(expectations=[*run(held=True)["expectations"], unfit()]))

    assert "\n  –  missing eventually == 0" in text
    assert "missing eventually == 0 was not judged: outage of erp still struck on the" in text
    assert "verdict: PASS: every expectation that was judged held (3 checks)." in text


def test_a_fault_that_hit_nothing_is_shouted():
    text = run_summary(run(silent=True))

    assert "PLANNED FAULTS THAT HIT NOTHING\n  outage of revenue hit nothing in any run" in text
    assert "PLANNED FAULTS" not in run_summary(run())


def test_a_run_tells_its_breaks_and_its_faults():
    text = run_summary(run("point-to-point"))

    assert "\nduplicate document  21\n" in text
    assert "\noutage of billing          2026-03-31 13:00  to  2026-03-31 15:00  411\n" in text


def test_no_escape_is_written_without_colour(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    for text in (comparison_table(DOCUMENT), run_summary(run())):
        assert "\x1b" not in text
        assert not any(mark in text for mark in "│┃━─┏└")


def test_colour_is_the_callers_choice_alone(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    assert "\x1b[1;31mverdict: FAIL" in comparison_table(DOCUMENT, colour=True)


def test_the_surroundings_do_not_change_the_width(monkeypatch):
    expected = comparison_table(DOCUMENT, width=90)
    monkeypatch.setenv("COLUMNS", "40")

    assert comparison_table(DOCUMENT, width=90) == expected


def test_markup_and_escapes_in_names_stay_text():
    hostile = "[red]x[/] :smile: \x1b[31m"
    text = comparison_table(comparison(layers=(hostile, "b"), seeds=2), width=120)

    assert "[red]x[/] :smile: �[31m" in text
    assert "\x1b" not in text


def test_a_document_with_nothing_optional_is_still_shown():
    document = {
        "schema": "tieout.run/1", "scenario": "s", "layer": "mine", "seed": 3, "metrics": {}, "duplicates": {},
        "missing": {}, "expectations": [],
        "breaks": {"open_at_close": 0, "amount_minor": 0, "by_kind": {}, "by_cause": {}},
    }  # fmt: skip

    text = run_summary(document)

    assert text.startswith("s: mine, seed 3\n")
    assert "verdict: UNCHECKED" in text


def test_a_comparison_without_a_finished_run_says_so():
    assert "no run has finished" in comparison_table(comparison(layers=(), seeds=0))
