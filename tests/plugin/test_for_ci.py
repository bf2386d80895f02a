"""What CI is told of tests with scenarios: on GitHub by itself, once, also under xdist; and what was not judged."""

from xml.etree import ElementTree as xml

import pytest

TESTS = """
@pytest.mark.tieout("lost-responses", layer="order_sync:OrderSync:idempotency=none", seeds=2, set=SMALL)
def test_broken(): ...

@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=2, set=SMALL, expect="sometimes duplicates > 0")
def test_held(): ...

def test_of_their_own():
    assert 1 == 2
"""

UNFIT = """
END = [{"kind": "outage", "system": "billing", "from": "2026-05-10 12:00", "for": "701 h"}]

@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=1, faults=END,
                    set={**SMALL, "expect": "{}"}, expect="eventually missing == 0")
def test_unfit(): ...

@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=1, faults=END,
                    set={**SMALL, "expect": "{}"}, expect=["eventually missing == 0", "duplicates == 0"])
def test_in_part(): ...

def test_asserted(tieout):
    result = tieout.run("calm-month", layer=OrderSync, seed=0, set={**SMALL, "expect": "{}"}, faults=END)
    result.assert_held("eventually missing == 0")
    assert [(each.text, each.judged) for each in result.unjudged] == [("missing eventually == 0", False)]
"""


@pytest.fixture
def github(project):
    """What a job on GitHub sets."""
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(project.folder / "page.md")}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_github_is_told_once(project, github, workers):
    project.test(TESTS)
    out = project.pytest(*workers, status=1, **github).out
    page = (project.folder / "page.md").read_text(encoding="utf-8")

    assert page.count("## ") - page.count("### ") == 1
    assert page.startswith(
        "## ❌ FAIL: tests with scenarios\n\n2 of 4 tests with a scenario failed; 1 expectation never"
    )
    assert "### Never came about\n\n- test\\_it.py::test\\_held: duplicates sometimes &gt; 0: in none of 2 runs" in page
    for seed in (0, 1):
        assert f"### Failed: test\\_it.py::test\\_broken\\[seed-{seed}\\]" in page
        assert f"--layer order_sync:OrderSync:idempotency=none --seed {seed}\n```" in page
    assert "\n\nDuplicate: " in page
    errors = [line for line in out.splitlines() if line.startswith("::error title=")]
    assert len(errors) == 3
    assert errors[0].startswith("::error title=test_it.py%3A%3Atest_broken[seed-0] failed::lost-responses, ")
    assert "%0ADuplicate: " in errors[0] and "%0Areplay: tieout run lost-responses " in errors[0]
    assert "of_their_own" not in page + "".join(errors), "pytest tells of those"


def test_what_held_is_a_page_and_no_annotation(project, github):
    project.test('''
@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=2, set=SMALL)
def test_it(): ...
''')  # fmt: skip
    out = project.pytest(**github).out

    assert "\n::" not in out
    assert (
        (project.folder / "page.md")
        .read_text(encoding="utf-8")
        .startswith("## ✅ PASS: tests with scenarios\n\n2 tests")
    )


def test_elsewhere_nothing_is_written(project):
    project.test(TESTS)
    out = project.pytest(status=1, GITHUB_ACTIONS="", GITHUB_STEP_SUMMARY=str(project.folder / "page.md")).out

    assert "::error" not in out
    assert not (project.folder / "page.md").exists()


def test_what_was_not_judged_is_skipped_or_told(project, github):
    project.test(UNFIT)
    out = project.pytest("-rs", "--junit-xml=report.xml", **github).out
    why = "missing eventually == 0 was not judged: outage of billing still struck on the run's last day"

    assert "2 passed, 1 skipped" in out
    cases = xml.parse(project.folder / "report.xml").iter("testcase")
    skipped = {case.get("name"): case.find("skipped") for case in cases}
    assert [name for name, found in skipped.items() if found is not None] == ["test_unfit[seed-0]"]
    assert skipped["test_unfit[seed-0]"].get("message").startswith(why)
    for test in ("test_unfit[seed-0]", "test_in_part[seed-0]", "test_asserted"):
        assert f"test_it.py::{test}: {why}" in out
    assert "### Not judged\n\n- " in (project.folder / "page.md").read_text(encoding="utf-8")
    assert out.count("\n::warning title=an expectation was not judged::") == 3
