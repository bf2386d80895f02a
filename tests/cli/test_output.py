"""Data to standard output, all else to standard error; colours only where somebody sees them; readers may leave."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import SMALL, ended, program, surroundings

RUN = ("run", "calm-month", *SMALL)
COMPARE = ("compare", "calm-month", "--seeds", "2", "--jobs", "1", *SMALL)
ESCAPE = "\x1b["


def test_progress_and_remarks_go_to_standard_error(tieout):
    done = tieout(*RUN)

    assert "calm-month, event-driven, seed 0: 100% of the quarter\n" in done.err
    assert done.err.count("\n") <= 10
    assert "%" not in done.out.split("Expectations")[0].replace("0 %", "")
    assert done.out.splitlines()[-1].startswith("Report: runs/calm-month/event-driven-seed0-")


def test_quiet_leaves_the_data_alone(tieout):
    done = tieout(*RUN, "--quiet")

    assert done.err == ""
    assert "verdict: PASS" in done.out


def test_a_comparison_tells_of_the_runs_as_they_finish(tieout):
    done = tieout(*COMPARE)

    lines = done.err.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("calm-month, 6 runs: 17% point-to-point seed 0 in ")
    assert lines[-1].startswith("calm-month, 6 runs: 100% event-driven seed 1 in ")


@pytest.mark.parametrize("command", [RUN, COMPARE], ids=lambda command: command[0])
class TestColours:
    def test_none_in_a_pipe(self, tieout, command):
        done = tieout(*command)

        assert ESCAPE not in done.out + done.err

    def test_forced(self, tieout, command, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")

        assert ESCAPE in tieout(*command).out

    def test_refusal_comes_before_force(self, tieout, command, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("NO_COLOR", "1")

        assert ESCAPE not in tieout(*command).out

    def test_none_in_a_document(self, tieout, command, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")

        assert ESCAPE not in tieout(*command, "--json").out


def in_terminal(*arguments, cwd, **environment):
    """What `tieout` shows on a terminal of 100 columns: both streams, as they come."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd, env=surroundings(COLUMNS="100", **environment), stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:  # Linux says so when the other side has closed
        pass
    os.close(ours)
    return process.wait(60), shown.decode()


def test_a_terminal_gets_colours_and_a_bar_that_goes_away(here):
    status, shown = in_terminal(*RUN, cwd=here, TERM="xterm-256color")

    assert status == 0
    assert f"{ESCAPE}1;32mverdict: PASS" in shown
    assert f"{ESCAPE}?25l" in shown, "the bar hides the cursor"
    assert shown.count(f"{ESCAPE}?25h") == shown.count(f"{ESCAPE}?25l"), "and shows it again"


def test_a_terminal_that_cannot_do_it_gets_plain_lines(here):
    status, shown = in_terminal(*RUN, cwd=here, TERM="dumb")

    assert status == 0
    assert ESCAPE not in shown
    assert "100% of the quarter" in shown


def test_continuous_integration_gets_plain_lines_even_on_a_terminal(here):
    status, shown = in_terminal(*RUN, cwd=here, TERM="xterm-256color", CI="true")

    assert status == 0
    assert f"{ESCAPE}?25l" not in shown
    assert "100% of the quarter" in shown


@pytest.mark.parametrize("columns", ["20", "60", "100", "300"])
def test_lines_fit_the_width(tieout, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)

    lines = tieout(*COMPARE).out.splitlines()

    whole = [line for line in lines if not line.startswith(("Report: ", "replay: "))]
    assert max(map(len, whole)) <= min(max(int(columns), 40), 120)


@pytest.mark.parametrize("arguments", [RUN, ("scenarios", "schema")], ids=lambda words: words[0])
def test_a_reader_that_leaves_changes_nothing(here, arguments):
    process = program(*arguments, cwd=here)
    process.stdout.close()

    assert process.stderr.read().replace("of the quarter", "").count("Error") == 0
    process.stderr.close()
    assert process.wait(60) == 0


def test_a_listener_that_leaves_changes_nothing(here):
    process = program(*RUN, cwd=here)
    process.stderr.close()
    shown = process.stdout.read()
    process.stdout.close()

    assert process.wait(60) == 0
    assert "verdict: PASS" in shown


def test_the_first_line_alone_can_be_read(here):
    done = subprocess.run(
        f"{sys.executable} -m harness scenarios schema | head -1",
        shell=True, cwd=here, env=surroundings(), text=True, capture_output=True, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_an_error_of_the_surroundings(here):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "harness", "scenarios", "list"],
            cwd=here, env=surroundings(), text=True, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip

    assert done.returncode == 4
    assert done.stderr == "tieout: cannot go on: [Errno 28] No space left on device\n"


def test_a_stream_that_lacks_a_character_gets_another(here):
    done = ended(program(*RUN, "--quiet", cwd=here, PYTHONIOENCODING="ascii"))

    assert done.status == 0
    assert "✓" not in done.out
    assert "?  duplicates == 0" in done.out
