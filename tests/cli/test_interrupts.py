"""Ctrl-C and its relatives, sent to real processes: exit 130, what was finished is kept, nothing is left running."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.command_line import ended, surroundings, tree

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="these tests look for processes in /proc")

LONG = ("--layers", "event-driven", "--seeds", "10", "--set", "business.contracts=300")
"""Ten runs, each of which takes a while, and is told of as it finishes."""


@pytest.fixture
def started(here):
    """Starts a `tieout` in a session of its own; whatever is left of it is killed in the end."""
    begun = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments],
            cwd=here, env=surroundings(), text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        begun.append(process)
        return process

    yield start
    for process in begun:
        if alive(process):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def alive(process):
    """Whether the process or one that it started still runs."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def all_gone(process, within_s=10):
    until = time.monotonic() + within_s
    while alive(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(process)


@pytest.mark.parametrize("to_all", [False, True], ids=["to the program alone", "to all of its processes"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_comparison_keeps_what_was_finished(started, here, jobs, to_all):
    process = started("compare", "calm-month", "--jobs", jobs, "--out", "results", *LONG)
    assert "10% event-driven seed" in process.stderr.readline()
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    done = ended(process)

    assert done.status == 130, done.err
    assert all_gone(process)
    assert "Traceback" not in done.err
    document = json.loads((here / "results" / "compare.json").read_text())
    assert document["complete"] is False
    assert 1 <= len(document["runs"]) < 10
    assert f"tieout: interrupted: {len(document['runs'])} of 10 runs are in results" in done.err
    assert done.out.splitlines()[-1] == "Report: results/report.html"
    kept = [json.loads(path.read_text()) for path in sorted((here / "results" / "runs").glob("*/run.json"))]
    assert {run["seed"]: run["fingerprint"] for run in kept} == {
        run["seed"]: run["fingerprint"] for run in document["runs"]
    }
    assert "interrupted" in (here / "results" / "report.html").read_text()
    assert [path.name for path in here.iterdir()] == ["results"], "nothing partial is left"
    assert subprocess.run(
        [sys.executable, "-m", "harness", "report", "results", "--quiet"], cwd=here, env=surroundings(), check=False
    ).returncode == 0  # fmt: skip


@pytest.mark.parametrize("after_s", [0.05, 0.2, 0.5])
def test_impatience_costs_nothing_of_what_was_finished(started, here, after_s):
    process = started("compare", "calm-month", "--jobs", "2", "--out", "results", *LONG)
    assert "10% event-driven seed" in process.stderr.readline()
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(after_s)
    done = ended(process)

    assert done.status == 130, done.err
    assert all_gone(process)
    assert "Traceback" not in done.err
    assert json.loads((here / "results" / "compare.json").read_text())["complete"] is False


@pytest.mark.parametrize("to_all", [False, True], ids=["to the program alone", "to all of its processes"])
@pytest.mark.parametrize("verb", ["run", "compare"])
def test_interrupted_before_a_run_has_finished_nothing_is_written(started, here, verb, to_all):
    layers = ("--layers", "event-driven", "--jobs", "2", "--seeds", "2") if verb == "compare" else ()
    process = started(verb, "calm-month", *layers, "--set", "business.contracts=20000")
    wait_until_it_has_begun(process, verb)
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    done = ended(process)

    assert (done.status, done.out) == (130, ""), done.err
    assert done.err.splitlines()[-1] == "tieout: interrupted: nothing was written"
    assert "Traceback" not in done.err
    assert all_gone(process)
    assert tree(here) == {}


def wait_until_it_has_begun(process, verb):
    if verb == "run":
        assert "of the quarter" in process.stderr.readline()
        return
    until = time.monotonic() + 30
    while len(children(process.pid)) < 2 and time.monotonic() < until:
        time.sleep(0.02)


def children(pid):
    """The processes that a process has started: its number by command line. Without `ps`, which not all have."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parent = status.read_text().rpartition(")")[2].split()[1]
            if parent == str(pid):
                found[int(status.parent.name)] = (status.parent / "cmdline").read_text()
    return found


def test_interrupted_while_checking_determinism_nothing_is_left(started, here):
    process = started("run", "calm-month", "--check-determinism", "--set", "business.contracts=20000")
    wait_until_it_has_begun(process, "check")
    os.killpg(process.pid, signal.SIGINT)
    done = ended(process)

    assert (done.status, done.out) == (130, "")
    assert done.err.splitlines()[-1] == "tieout: interrupted: nothing was written"
    assert "Traceback" not in done.err
    assert all_gone(process)
    assert tree(here) == {}


def test_a_request_to_terminate_is_an_interrupt(started, here):
    process = started("compare", "calm-month", "--jobs", "2", "--out", "results", *LONG)
    assert "10% event-driven seed" in process.stderr.readline()
    process.terminate()
    done = ended(process)

    assert done.status == 130
    assert all_gone(process)
    assert json.loads((here / "results" / "compare.json").read_text())["complete"] is False


def test_workers_do_not_outlive_a_program_that_was_killed(started):
    process = started("compare", "calm-month", "--jobs", "2", *LONG)
    assert "10% event-driven seed" in process.stderr.readline()
    process.kill()

    assert all_gone(process)


def test_a_worker_that_was_killed_is_told_of(started, here):
    process = started("compare", "calm-month", "--jobs", "2", *LONG)
    assert "10% event-driven seed" in process.stderr.readline()
    workers = [pid for pid, command in children(process.pid).items() if "spawn_main" in command]
    os.kill(workers[0], signal.SIGKILL)
    done = ended(process)

    assert (done.status, done.out) == (4, "")
    assert "a worker process was ended from outside" in done.err.splitlines()[-1]
    assert "--jobs" in done.err.splitlines()[-1]
    assert all_gone(process)
    assert tree(here) == {}
