"""The page of a job's summary: the answer first, what a reader of a red build needs, below GitHub's limit."""

import re

import pytest

from reports.summary import SIZE_MAX, promises_summary, summary
from tests.reports.samples import baseline, comparison, conformance, run, unfit


def test_the_answer_comes_first_and_the_command_next():
    lines = summary(run("point-to-point", held=False)).splitlines()

    assert lines[0] == "## ❌ FAIL: quarter-end-spike, point-to-point, seed 0"
    assert lines[2].startswith("point-to-point broke event\\_lag p(99) < 15min".replace("<", "&lt;"))
    assert lines[4:8] == [
        "### Run it again", "", "```sh", "tieout run quarter-end-spike --layer point-to-point --seed 0",
    ]  # fmt: skip


def test_what_held_needs_no_command():
    page = summary(run(held=True))

    assert page.startswith("## ✅ PASS: ")
    assert "Run it again" not in page


def test_what_was_not_judged_is_told_with_its_reason():
    page = summary(run(expectations=[*run(held=True)["expectations"], unfit()]))

    assert (
        "| – | event-driven | missing eventually == 0 | 36 |  | seed 0: outage of erp still struck on the run" in page
    )
    assert "not judged" not in summary(run(held=True))


def test_with_strict_a_remark_is_no_pass():
    page = summary(run(held=True, silent=True, settings={"strict": True}))

    assert page.startswith("## ⚠️ UNCHECKED: ")
    assert "That is no success with --strict: outage of revenue hit nothing." in page


def test_nothing_checked_is_neither():
    assert summary(run(expectations=[])).startswith("## ⚠️ UNCHECKED: ")


def test_the_parts_are_verdicts_measures_and_breaks_by_kind_and_cause():
    page = summary(comparison(seeds=2, silent=True, baseline=baseline()))

    assert [line[4:] for line in page.splitlines() if line.startswith("### ")] == [
        "Run it again", "Planned faults that hit nothing", "Expectations", "Against the baseline", "Answer", "Measures",
        "Breaks by kind", "Breaks by cause",
    ]  # fmt: skip
    assert "| ✗ | point-to-point | duplicates == 0 | " in page
    assert "| worse | duplicates | 0 | 2 | +2 |  |" in page
    assert "| better | API calls per contract | 10.00 | 8.00 | -2.00 \\[-3.00, -1.00\\] | -20 % |" in page
    assert "| lost response | " in page


def test_hostile_names_are_text():
    page = summary(run("a|b`<img src=x>", scenario="[x](http://y)\n# z", held=False))
    page = re.sub(r"^(```+)sh\n.*?^\1$", "", page, flags=re.DOTALL | re.MULTILINE)

    assert "<img" not in page
    assert "# z" not in page.splitlines()
    assert re.search(r"(?<!\\)\[x(?<!\\)\]", page) is None


@pytest.mark.parametrize("size", [0, 100, 500, 2000, 8000])
def test_it_fits_any_size(size):
    page = summary(comparison(seeds=5, baseline=baseline()), size)

    assert len(page.encode()) <= size
    assert not page or "Left out" in page.splitlines()[-1] or size == 8000


def test_many_layers_and_expectations_stay_below_githubs_limit():
    asked = [
        {"name": f"metric_{number} {'x' * 500} == 0", "limit": 0, "value": 1, "held": False, "unit": "count"}
        for number in range(3000)
    ]
    page = summary(comparison(seeds=2, held=False) | {"runs": [run(expectations=asked, seed=0)]})

    assert len(page.encode()) <= SIZE_MAX < 1 << 20
    assert "… and 2,900 more rows, which the report has." in page


def test_promises_are_a_row_each_and_a_broken_one_has_its_command():
    page = promises_summary(conformance())

    assert page.startswith("## ❌ FAIL: mine:Layer\n\n1 of 2 promises held.\n")
    assert "| n/a | ties | whatever is first | 0 of 0 |" in page
    assert "```sh\ntieout run s --seed 1\n```" in page
