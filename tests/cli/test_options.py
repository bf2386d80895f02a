"""The command line itself: what it refuses, and the help it gives."""

import subprocess
import sys

import click
import pytest

from harness import cli
from tests.cli.command_line import ROOT, ended, program, tree

REFUSED = {
    ("run",): ("missing argument 'SCENARIO'", "tieout run --help"),
    ("run", "calm-month", "again"): ("unexpected extra argument (again)", "tieout run --help"),
    ("run", "calm-month", "--sedd", "3"): ("no such option", "--seed"),
    ("run", "calm-month", "--seed", "-1"): ("'--seed'", "-1 is not in the range"),
    ("run", "calm-month", "--seed", "one"): ("'--seed'", "'one' is not a valid integer"),
    ("run", "calm-month", "--seed"): ("'--seed' requires an argument",),
    ("run", "calm-month", "--layers", "all"): ("no such option", "--layer"),
    ("compare", "calm-month", "--seeds", "0"): ("'--seeds'", "0 is not in the range"),
    ("compare", "calm-month", "--jobs", "0"): ("'--jobs'", "0 is not in the range"),
    ("compare", "calm-month", "--seed", "1", "--seeds", "2"): ("--seed and --seeds are both given", "compare --help"),
    ("report",): ("missing argument 'RUN_DIR'",),
    ("report", "nowhere"): ("nowhere cannot be read", "name a finished run's directory"),
    ("report", "."): (". holds neither compare.json nor run.json",),
    ("runn", "calm-month"): ("no such command 'runn'", "did you mean run?"),
    ("zzz",): ("no such command 'zzz'", "tieout --help"),
    ("--verbose",): ("no such option '--verbose'",),
    ("scenarios", "shw"): ("no such command 'shw'", "tieout scenarios --help"),
    ("scenarios", "show", "nothing"): ("nothing: found no such file or scenario",),
    ("validate",): ("missing argument 'FILE...'",),
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_cannot_be_understood_ends_with_2_and_one_line(tieout, here, arguments):
    done = tieout(*arguments)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("tieout: ")
    assert done.err.count("\n") == 1
    for part in REFUSED[arguments]:
        assert part in done.err
    assert tree(here) == {}


def test_the_seed_of_the_environment_is_checked_and_named(tieout, monkeypatch):
    monkeypatch.setenv("TIEOUT_SEED", "seven")

    done = tieout("run", "calm-month")

    assert (done.status, done.out) == (2, "")
    assert "'seven' is not a valid integer" in done.err
    assert "TIEOUT_SEED" in done.err


def test_without_a_command_the_help_is_shown(tieout):
    done = tieout()

    assert (done.status, done.out) == (2, "")
    assert all(name in done.err for name in cli.COMMANDS)


@pytest.mark.parametrize("name", ["", *cli.COMMANDS])
def test_every_command_has_help(tieout, name):
    done = tieout(*filter(None, [name]), "--help")

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Usage: tieout {name}".rstrip())


def test_the_list_of_commands_says_what_each_one_says_of_itself():
    context = click.Context(cli.commands)
    for name, (_, line) in cli.COMMANDS.items():
        command = cli.commands.get_command(context, name)

        assert command is not None
        assert line.split()[0] in command.help.split(".")[0].split(), f"{name}: {line} / {command.help}"


def test_help_does_not_wait_for_the_simulation_to_be_imported():
    program = "import sys; from harness.cli import run; run(['--help']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    imported = set(done.stdout.splitlines()[-1].split())
    assert not imported & {"simpy", "pydantic", "numpy", "duckdb", "matplotlib", "rich", "harness.simulation"}


def test_python_m_harness_is_the_same_program(here):
    done = ended(program("--version", cwd=here))

    assert done.status == 0
    assert done.out.startswith("tieout, version ")


def test_a_folder_that_hides_our_packages_is_named(here):
    (here / "reports").mkdir()
    (here / "reports" / "__init__.py").touch()

    done = ended(program("run", "calm-month", cwd=here))

    assert (done.status, done.out) == (4, "")
    assert f"{here / 'reports'} hides Tieout's own package 'reports'" in done.err
    assert "run from another folder" in done.err


def test_a_folder_of_ones_own_scenarios_hides_nothing(here):
    (here / "scenarios").mkdir()

    assert ended(program("scenarios", "list", cwd=here)).status == 0


def test_the_library_is_listed_with_its_titles(tieout):
    done = tieout("scenarios")

    assert done.status == 0
    assert done.out == tieout("scenarios", "list").out
    titles = dict(line.split("  ", 1) for line in done.out.splitlines())
    assert titles["calm-month"].strip() == "An ordinary month, in which nothing goes wrong"


def test_a_scenario_is_shown_as_it_was_written(tieout, here):
    shown = tieout("scenarios", "show", "calm-month")
    (here / "mine.yaml").write_text(shown.out)

    assert shown.out.startswith("# yaml-language-server: $schema=")
    assert tieout("scenarios", "show", "mine.yaml").out == shown.out
    assert tieout("scenarios", "check", "mine.yaml").status == 0


def test_the_layers_are_listed_with_their_options(tieout):
    done = tieout("layers")

    assert done.status == 0
    for name in ("point-to-point", "process-orchestration", "event-driven"):
        assert f"\n{name}\n" in f"\n{done.out}"
    assert "inbox=on" in done.out
