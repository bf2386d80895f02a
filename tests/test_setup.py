"""Setting up: what `make` does with a machine, what CI runs, which versions are pinned, what is packaged.

The real thing takes a network and minutes, so programs that write down how they were called stand in for Python,
pip and tieout; make itself is the real one.
"""

import fnmatch
import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

with_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

PYTHON = """\
#!/bin/sh
echo "python $*" >> "{log}"
case "$*" in
    "-c import sys;"*) exit {old} ;;
    "-c import ensurepip"*) exit {bare} ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"pip install"*) exit {offline} ;;
esac
"""

TIEOUT = """\
#!/bin/sh
echo "tieout $*" >> "{log}"
echo "Report: runs/quarter-end-spike/latest/report.html"
exit {status}
"""


@pytest.fixture
def machine(tmp_path):
    """A copy of the project's set-up on a machine whose Python and tieout only write down how they were called."""
    home, log = tmp_path / "tieout", tmp_path / "log"
    home.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt", ".ci"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name)

    class Machine:
        folder = home

        def has(self, *, old=0, bare=0, offline=0):
            log.touch()
            return program(tmp_path / "python3", PYTHON.format(log=log, old=old, bare=bare, offline=offline))

        def is_set_up(self, *, status=0):
            (home / ".venv" / "bin").mkdir(parents=True)
            log.touch()
            for name in ("python", "ruff", "mypy"):
                program(home / ".venv" / "bin" / name, f'#!/bin/sh\necho "{name} $*" >> "{log}"\n')
            program(home / ".venv" / "bin" / "tieout", TIEOUT.format(log=log, status=status))
            (home / ".venv" / ".ready").touch()

        def make(self, *arguments):
            return subprocess.run(
                ["make", *arguments], cwd=home, capture_output=True, text=True, check=False,
                env=surroundings(tmp_path),
            )  # fmt: skip

        @property
        def called(self):
            return log.read_text().splitlines()

    return Machine()


def surroundings(programs):
    """The environment, with programs that come before others; not those of a make that the suite runs under."""
    of_make = ("PYTHON", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in of_make}
    return {**kept, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


INSTALL = (
    "python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .[dev]"
)  # fmt: skip


@with_make
class TestSetUp:
    def test_a_bare_machine_gets_an_environment_with_the_pinned_versions(self, machine):
        machine.has()

        assert machine.make(".venv/.ready").returncode == 0
        assert [call for call in machine.called if " -c " not in call] == ["python -m venv .venv", INSTALL]

    @pytest.mark.parametrize("goal", ["demo", "test", "lint", "bench"])
    def test_every_goal_sets_up_first(self, machine, goal):
        machine.has()
        planned = machine.make("--dry-run", goal).stdout

        assert planned.index("-m venv .venv") < planned.index("pip install") < planned.index("touch .venv/.ready")
        assert planned.index("touch .venv/.ready") < planned.rindex(".venv/bin/")

    def test_what_is_set_up_stays_until_requirements_change(self, machine):
        machine.has()
        machine.make(".venv/.ready")
        calls = len(machine.called)

        machine.make(".venv/.ready")
        assert len(machine.called) == calls
        for name in ("constraints.txt", "pyproject.toml"):
            later = (machine.folder / ".venv" / ".ready").stat().st_mtime + 10
            os.utime(machine.folder / name, (later, later))
            before = machine.called.count(INSTALL)
            machine.make(".venv/.ready")
            assert machine.called.count(INSTALL) == before + 1

    def test_an_old_python_is_refused_with_what_to_do(self, machine):
        old = machine.has(old=1)
        done = machine.make("demo", f"PYTHON={old}")

        assert done.returncode != 0
        assert f"tieout: {old} is not Python 3.11 or newer: install one, or name it" in done.stderr
        assert not (machine.folder / ".venv").exists()

    def test_a_newer_python_is_found_beside_an_old_one(self, machine):
        old = machine.has(old=1)
        program(old.with_name("python3.12"), PYTHON.format(log=old.with_name("log"), old=0, bare=0, offline=0))
        planned = machine.make("--dry-run", "demo").stdout

        assert "\npython3.12 -m venv .venv" in planned or "\npython3.13 -m venv .venv" in planned

    def test_a_python_without_venv_is_refused_with_what_to_do(self, machine):
        bare = machine.has(bare=1)
        done = machine.make("demo", f"PYTHON={bare}")

        assert done.returncode != 0
        assert "cannot make virtual environments: install its venv package" in done.stderr

    def test_an_installation_that_failed_is_tried_again(self, machine):
        offline = machine.has(offline=1)

        assert machine.make("demo", f"PYTHON={offline}").returncode != 0
        assert not (machine.folder / ".venv" / ".ready").exists()


@with_make
class TestGoals:
    @pytest.mark.parametrize("status", [0, 1])
    def test_the_demo_ends_with_the_report_whether_or_not_every_layer_holds(self, machine, status):
        machine.is_set_up(status=status)
        done = machine.make("demo")

        assert done.returncode == 0
        assert machine.called == ["tieout compare quarter-end-spike"]
        assert done.stdout.splitlines()[-1] == "Report: runs/quarter-end-spike/latest/report.html"

    @pytest.mark.parametrize("status", [2, 3, 4, 130])
    def test_the_demo_fails_with_anything_else(self, machine, status):
        machine.is_set_up(status=status)

        assert machine.make("demo").returncode != 0

    def test_tests_are_run_all_of_them(self, machine):
        machine.is_set_up()

        assert machine.make("test").returncode == 0
        (call,) = machine.called
        words = call.removeprefix("python -m pytest ").split()
        assert all(word.startswith("-") or word in {"auto", "4", "worksteal"} for word in words), "no test is left out"
        assert PROJECT["tool"]["pytest"]["ini_options"]["testpaths"] == ["tests"]

    def test_sweeps_are_tests_that_try_all_there_is(self, machine):
        machine.is_set_up()

        assert machine.make("sweeps").returncode == 0
        (call,) = machine.called
        assert call.endswith(" tests/harness/sweeps tests/harness/hypotheses --exhaustive")
        assert (ROOT / "tests/harness/sweeps/test_swarm.py").is_file()

    def test_lint_is_rules_format_and_types(self, machine):
        machine.is_set_up()

        assert machine.make("lint").returncode == 0
        assert machine.called == ["ruff check .", "ruff format --check .", "mypy "]

    def test_the_benchmarks_are_a_module(self, machine):
        machine.is_set_up()

        assert machine.make("bench").returncode == 0
        assert machine.called == ["python -m benchmarks"]
        assert (ROOT / "benchmarks" / "__main__.py").is_file()

    def test_cleaning_leaves_results_alone(self, machine):
        machine.is_set_up()
        (machine.folder / "runs").mkdir()

        assert machine.make("clean").returncode == 0
        assert not (machine.folder / ".venv").exists()
        assert (machine.folder / "runs").exists()


def test_continuous_integration_runs_tests_sweeps_and_lint_with_nobody_watching(machine, tmp_path):
    log = tmp_path / "log"
    program(tmp_path / "make", f'#!/bin/sh\necho "make $* CI=$CI $(cat | wc -c)" >> "{log}"\n')
    done = subprocess.run(
        [str(machine.folder / ".ci" / "run")], cwd="/", input="anything", text=True, capture_output=True, check=False,
        env=surroundings(tmp_path),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert [line.split() for line in machine.called] == [
        ["make", "test", "CI=true", "0"], ["make", "sweeps", "CI=true", "0"], ["make", "lint", "CI=true", "0"],
    ]  # fmt: skip


# --- versions ----------------------------------------------------------------------------------------


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line) for line in told), "plain pins alone"
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in told)}


def declared():
    extras = PROJECT["project"]["optional-dependencies"]
    return [Requirement(text) for text in [*PROJECT["project"]["dependencies"], *extras["dev"]]]


def test_every_requirement_is_pinned_to_a_version_that_fits():
    pinned = pins()

    for requirement in declared():
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_what_requirements_require_is_pinned_and_nothing_else():
    found, waiting = set(), [(requirement.name, requirement.extras) for requirement in declared()]
    while waiting:
        name, extras = waiting.pop()
        if canonicalize_name(name) not in found:
            found.add(canonicalize_name(name))
            for requirement in map(Requirement, installed_requirements(name)):
                if any(
                    not requirement.marker or requirement.marker.evaluate({"extra": extra}) for extra in (*extras, "")
                ):
                    waiting.append((requirement.name, requirement.extras))

    assert found == set(pins())


def installed_requirements(name):
    try:
        return requires(name) or []
    except PackageNotFoundError:
        pytest.fail(f"{name} is required and not installed: run make test")


# --- packaging ---------------------------------------------------------------------------------------


def test_every_package_is_packed():
    wanted = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    floors = ("sim", "fakes", "scenarios", "harness", "reports")
    folders = {path.parent for floor in floors for path in (ROOT / floor).rglob("*.py")}

    for folder in folders:
        name = ".".join(folder.relative_to(ROOT).parts)
        assert (folder / "__init__.py").is_file(), f"{name} is no package"
        assert any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted), f"{name} is not packed"


def test_every_file_that_is_read_at_run_time_is_packed():
    data = PROJECT["tool"]["setuptools"]["package-data"]
    for floor in ("sim", "fakes", "scenarios", "harness", "reports"):
        assert (ROOT / floor / "py.typed").is_file()
        for path in (ROOT / floor).rglob("*"):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                package = ".".join(path.parent.relative_to(ROOT).parts)
                patterns = [*data["*"], *data.get(package, [])]
                assert any(fnmatch.fnmatchcase(path.name, pattern) for pattern in patterns), f"{path} is not packed"


def test_the_command_is_installed():
    assert PROJECT["project"]["scripts"] == {"tieout": "harness.cli:main"}
