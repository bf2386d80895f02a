"""An example that failed is kept, and tried first, until it passes."""

import json

import pytest

from harness.testing.kept import Example, forget, keep, read

FAILING = """
@pytest.mark.tieout(scenario="calm-month", layer=OrderSync, seeds=2, set=SMALL, expect="api_calls == 1")
def test_z(): ...
"""
MENDED = FAILING.replace("== 1", "> 1")
QUIET = "\ndef test_a(): ...\n"


def order(out):
    return [line.split("::")[1].split()[0] for line in out.splitlines() if "::" in line and "%]" in line]


def test_it_is_one_small_file_with_what_replays_it(project):
    project.test(FAILING)
    project.pytest("--tieout-seed=31", status=1)
    (file,) = project.failures.iterdir()
    said = json.loads(file.read_text("utf-8"))

    assert file.stat().st_size < 2000
    assert said["schema"] == "tieout.failure/1"
    assert (said["test"], said["seed"], said["scenario"]) == ("test_it.py::test_z", 31, "calm-month")
    assert (said["layer"], said["expected"]) == ("order_sync:OrderSync", ["api_calls == 1"])
    assert said["overrides"] == ["business.contracts=20", "calendar.lead_in=0 d"]
    assert "broke api_calls == 1" in project.tieout(said["replay"]).stdout


def test_it_is_tried_first_until_it_passes(project):
    project.test(QUIET + FAILING)
    project.pytest("--tieout-seed=31", status=1)
    again = project.pytest("-v", status=1)
    assert order(again.out) == ["test_z[seed-31]", "test_a", "test_z[seed-0]", "test_z[seed-1]"]
    assert "tieout: seeds as each test says, 1 that failed before first" in again.out
    assert "3 failing in" in again.out

    project.test(QUIET + MENDED)
    assert order(project.pytest("-v").out) == ["test_z[seed-0]", "test_z[seed-1]", "test_z[seed-31]", "test_a"]
    assert not [*project.failures.iterdir()]
    assert order(project.pytest("-v").out) == ["test_a", "test_z[seed-0]", "test_z[seed-1]"]


def test_workers_agree_on_the_tests_while_examples_come_and_go(project):
    project.test(QUIET + FAILING)
    project.pytest("-n", "2", status=1)
    assert len([*project.failures.glob("*.json")]) == len([*project.failures.iterdir()]) == 2
    project.pytest("-n", "2", status=1)
    project.test(QUIET + MENDED)
    project.pytest("-n", "2")

    assert not [*project.failures.iterdir()]


def test_a_run_that_names_no_seed_tries_the_one_that_failed_beside_its_own(project):
    free = """
def test_a(): ...
def test_free(tieout):
    assert tieout.run("calm-month", layer=OrderSync, set=SMALL, expect="api_calls {}").held
def test_pinned(tieout):
    assert tieout.run("calm-month", layer=OrderSync, set=SMALL, seed=5, expect="api_calls {}").held
"""
    project.test(free.format("== 1", "== 1"))
    project.pytest("--tieout-seed=31", status=1)
    project.test(free.format("> 1", "> 1"))

    assert order(project.pytest("-v").out) == ["test_free[seed-31]", "test_pinned", "test_a", "test_free[as-written]"]
    assert order(project.pytest("-v").out) == ["test_a", "test_free", "test_pinned"]


def test_the_folder_is_a_setting(project):
    project.test(FAILING)
    (project.folder / "pytest.ini").write_text("[pytest]\npythonpath = .\ntieout_failures = kept/here\n")
    project.pytest(status=1)
    assert len([*(project.folder / "kept" / "here").iterdir()]) == 2
    project.pytest("--tieout-failures=there", status=1)
    assert len([*(project.folder / "there").iterdir()]) == 2
    assert not project.failures.exists()


def test_where_nothing_can_be_kept_the_test_still_says_why_it_failed(project):
    project.test(FAILING)
    (project.folder / ".tieout").write_text("a file, not a folder")
    out = project.pytest("--tieout-seeds=1", status=1).out

    assert "✗ api_calls == 1" in out
    assert "the example could not be kept in" in out


@pytest.fixture
def one():
    return Example(test="a.py::test[x]", seed=3, scenario="calm-month", layer="event-driven", overrides=("a=b",))


def test_an_example_comes_back_as_it_was(tmp_path, one):
    keep(tmp_path, one)
    keep(tmp_path, one)

    assert read(tmp_path) == [one]
    forget(tmp_path, one.test, [4, 3])
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "tieout.failure/1", "test": 1}', "\udc80"]
)
def test_files_that_are_no_examples_are_passed_over(tmp_path, one, text):
    (tmp_path / "odd.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    keep(tmp_path, one)

    assert read(tmp_path) == [one]
