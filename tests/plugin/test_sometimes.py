"""What has to come about sometimes is judged over all seeds of a test, wherever they were run."""

import pytest

from harness.testing.sometimes import Together

NEVER = "test_it[duplicates sometimes > 0]"


@pytest.fixture
def unreached(project):
    project.test('''
@pytest.mark.tieout(scenario="calm-month", layer=OrderSync, seeds=3, set=SMALL, expect="sometimes duplicates > 0")
def test_it(): ...
''')  # fmt: skip
    return project


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_what_never_came_about_fails_as_a_case_of_its_own(unreached, workers):
    cases = unreached.cases(*workers, status=1)

    assert cases == {**{f"test_it[seed-{seed}]": "passed" for seed in range(3)}, NEVER: "failed"}


def test_the_summary_tells_of_it_and_of_faults_that_touched_nothing(project):
    project.test('''
idle = [{"kind": "outage", "system": "erp", "from": "2026-05-03 00:00", "for": "1 min", "name": "a quiet minute"}]

@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=2, set=SMALL, faults=idle, expect="sometimes duplicates > 0")
def test_it(): ...
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "duplicates sometimes > 0: in none of 2 runs; this test never came to what it is there for" in out
    assert f"FAILED test_it.py::{NEVER}" in out
    assert "[100%]" in out
    assert "1 failed, 2 passed" in out
    assert "test_it.py::test_it: planned fault 'a quiet minute' touched nothing in 2 runs" in out


def test_of_one_run_it_is_not_said_in_the_plural(project):
    project.test('''
idle = [{"kind": "outage", "system": "erp", "from": "2026-05-03 00:00", "for": "1 min", "name": "a quiet minute"}]

@pytest.mark.tieout("calm-month", layer=OrderSync, seeds=1, set=SMALL, faults=idle, expect="sometimes duplicates > 0")
def test_it(): ...
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "planned fault 'a quiet minute' touched nothing in its only run" in out
    assert "duplicates sometimes > 0: not in its only run; this test never came to" in out


@pytest.mark.parametrize("arguments", [["--tieout-seed=1"], ["-k", "seed-1 or seed-2"]])
def test_some_of_the_seeds_do_not_say(unreached, arguments):
    assert NEVER not in unreached.cases(*arguments)


def test_what_came_about_once_is_enough(project):
    project.test('''
@pytest.mark.tieout(scenario="calm-month", layer=OrderSync, seeds=3, set=SMALL)
def test_calls(tieout_result):
    print("calls", tieout_result.value("api_calls"))
''')  # fmt: skip
    calls = [line.split()[-1] for line in project.pytest("-s").out.splitlines() if "calls " in line]
    assert len(set(calls)) > 1, "else it tells nothing"
    project.test(f'''
ONCE = "sometimes api_calls == {calls[0]}"

@pytest.mark.tieout(scenario="calm-month", layer=OrderSync, seeds=3, set=SMALL, expect=ONCE)
def test_it(): ...

def test_alone(tieout):
    result = tieout.run("calm-month", layer=OrderSync, seed=1, set=SMALL, expect=ONCE)
    assert not result.held, "a run by itself is all that there is"
''')  # fmt: skip

    assert set(project.cases().values()) == {"passed"}


def share(seed, seeds=(0, 1), held=False, hits=0):
    return {"test": "t", "seed": seed, "seeds": seeds, "sometimes": {"x > 0": held}, "faults": {"down": hits}}


def judged(*shares):
    together = Together()
    for each in shares:
        together.take(each)
    return [*together.unreached()], [*together.idle_faults()]


def test_runs_are_judged_together_in_any_order():
    assert judged(share(0), share(1)) == ([("t", "x > 0", 2)], [("t", "down", 2)])
    assert judged(share(1), share(0, held=True, hits=3)) == ([], [])
    assert judged(share(1)) == ([], [("t", "down", 1)]), "a seed is missing"
    assert judged(share(0, seeds=())) == ([], [("t", "down", 1)]), "it was run alone"
    assert judged(share(0), share(1), share(9)) == ([("t", "x > 0", 3)], [("t", "down", 3)]), "one more than asked for"
