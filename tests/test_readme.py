"""README.md does what it says: its commands are run as they stand, its files are used, its lists are complete.

A shell line ends with status 0, or with the status that its comment names. Lines that set up a machine or run a
whole suite are not run here but in test_setup, piece by piece: see ELSEWHERE.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import cli, endings
from reports.terminal import comparison_table
from scenarios import library
from scenarios.business import Business
from scenarios.faults import KINDS
from scenarios.load import load
from scenarios.schema_json import schema

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

ELSEWHERE = {
    "make demo",
    "make test",
    "make sweeps",
    "make lint",
    "make bench",
    "python3 -m venv .venv",
    ".venv/bin/pip install --constraint constraints.txt .",
}
"""Lines that take minutes, a network or another machine: their recipes and ingredients are what test_setup tests."""

SECTIONS = {
    title.strip(): text for title, text in re.findall(r"^##+ (.*?)$(.*?)(?=^##+ |\Z)", README, re.DOTALL | re.MULTILINE)
}
FILES = dict(re.findall(r"[Ss]ave this as `([\w.-]+)`:\n\n```\w+\n(.*?)```", README, re.DOTALL))


def blocks(kind, text=README):
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def lines(section):
    """The section's shell lines, with the status that each is said to end with."""
    found = []
    for line in "".join(blocks("sh", SECTIONS[section])).splitlines():
        command, _, comment = line.partition("   # ")
        told = re.match(r"status (\d+)", comment)
        found.append((command, int(told[1]) if told else 0))
    return found


@pytest.fixture
def machine(tmp_path):
    """Runs shell lines where README's files are saved and `tieout` and `python` are on the path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, words in (("tieout", f'"{sys.executable}" -P -m harness'), ("python", f'"{sys.executable}"')):
        (programs / name).write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec {words} "$@"\n')
        (programs / name).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    for name, text in FILES.items():
        (home / name).write_text(text, encoding="utf-8")

    def run(command):
        return subprocess.run(
            ["bash", "-c", command],
            cwd=home, env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    run.home = home
    return run


@pytest.mark.parametrize("section", [title for title in SECTIONS if lines(title)])
def test_every_shell_line_does_what_it_says(machine, section):
    for command, status in lines(section):
        if command not in ELSEWHERE:
            done = machine(command)

            assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr


def test_no_shell_line_is_forgotten():
    every = {line.partition("   # ")[0] for block in blocks("sh") for line in block.splitlines()}

    assert every == {command for section in SECTIONS for command, _ in lines(section)}
    assert every >= ELSEWHERE
    assert len(every - ELSEWHERE) >= 15


def test_the_files_to_save_are_a_scenario_and_a_layer():
    assert set(FILES) == {"dead-erp.yaml", "my_layer.py"}


def test_the_output_shown_is_that_of_the_command_before_it(machine):
    shown = blocks("text", SECTIONS["Use"])[0]
    command = blocks("sh", SECTIONS["Use"])[0].splitlines()[-1]
    said = machine(command).stdout

    assert without_digests(said).endswith(without_digests(shown))


def test_the_find_shown_is_the_one_that_the_hunt_comes_to(machine):
    shown = blocks("text", SECTIONS["Hunting for what breaks it"])[0]
    command, status = lines("Hunting for what breaks it")[0]
    done = machine(command)

    assert done.returncode == status
    assert done.stdout.startswith(shown)


def without_digests(text):
    return re.sub(r"\b[0-9a-f]{8}\b", "digest", text)


def test_the_table_shown_has_the_rows_and_columns_of_a_real_one(tmp_path, monkeypatch):
    shown = blocks("text", SECTIONS["Reading the comparison"])[0].splitlines()
    documents = []
    monkeypatch.setattr(
        "harness.commands.compare.comparison_table",
        lambda document, **_: documents.append(document) or comparison_table(document, width=80),
    )
    monkeypatch.setattr("reports.figures.files", lambda document: {})
    cli.run(["compare", "quarter-end-spike", "--seeds", "2", "--jobs", "1", "--quiet", "--out", str(tmp_path / "run"),
             "--set", "business.contracts=30"])  # fmt: skip

    real = comparison_table(documents[0], width=80).splitlines()[2:]
    end = next(number for number, line in enumerate(real) if line.startswith("mean over"))
    assert shown[0].split() == real[0].split() == list(load("quarter-end-spike").compare.layers)
    assert [label(line) for line in shown[1:-1]] == [label(line) for line in real[1:end]]
    assert re.sub(r"\d+ seeds", "N seeds", shown[-1]) == re.sub(r"\d+ seeds", "N seeds", real[end])


def label(line):
    return re.split(r"\s{2,}", line)[0]


def test_every_command_is_in_the_table_of_commands():
    told = set(re.findall(r"^\| `tieout (\w+)", SECTIONS["Use"], re.MULTILINE))

    assert told == set(cli.COMMANDS) - {"validate"}


def test_every_exit_status_is_told():
    told = {int(status) for status in re.findall(r"^\| (\d+) \|", SECTIONS["Exit status"], re.MULTILINE)}

    assert told == {
        endings.HELD, endings.FAILED, endings.INVALID, endings.AT_FAULT, endings.SURROUNDINGS, endings.UNCHECKED,
        endings.INTERRUPTED,
    }  # fmt: skip


COMMON = {"kind", "name", "system", "entity", "from", "for", "operations", "events"}
"""The fields of most faults."""


def test_every_fault_is_named_with_what_it_takes():
    """In each row of the table: kinds, what happens, and the fields that these kinds have beside the common ones."""
    table = SECTIONS["Write a scenario"].partition("| kind |")[2].partition("\n\n")[0]
    rows = [[set(re.findall(r"`(\w+)`", cell)) for cell in row.split("|")[1:4]] for row in table.splitlines()[2:]]
    fields = {
        definition["properties"]["kind"]["const"]: set(definition["properties"]) - COMMON
        for definition in schema()["definitions"].values()
        if "const" in definition.get("properties", {}).get("kind", {})
    }

    assert {kind for kinds, _, _ in rows for kind in kinds} == set(KINDS)
    for kinds, _, takes in rows:
        assert takes == set().union(*(fields[kind] for kind in kinds)), kinds


def test_everything_in_a_runs_directory_is_told(machine):
    machine("tieout run calm-month --quiet --set business.contracts=10 --out mine")
    table = SECTIONS["A run's directory"].partition("| file |")[2].partition("\n\n")[0]
    told = {
        name.rstrip("/") for row in table.splitlines() for name in re.findall(r"`([\w./]+)`", row.split("|")[1] or "")
    }

    assert {path.name for path in (machine.home / "mine").iterdir()} == told - {"compare.json", "runs"}


def test_the_map_of_the_house_names_every_folder():
    table = SECTIONS["Work on it"].partition("| folder |")[2]
    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert set(told) == {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"tests"}
    assert told[:5] == ["sim", "fakes", "scenarios", "harness", "reports"]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_bash_is_there():
    assert shutil.which("bash"), "README's lines are for a shell"


def test_every_part_of_a_business_is_told_of():
    """What a business may have beside its subscriptions has a row in the table, and a scenario that shows it."""
    table = SECTIONS["Write a scenario"].partition("| in `business` |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:4] for line in table.splitlines()[2:]]
    told = {word for row in rows for word in re.findall(r"`(\w+)`", row[0])}
    shown = {word for row in rows for word in re.findall(r"`([\w-]+)`", row[2])}
    beside = {
        field.alias or name for name, field in Business.model_fields.items() if field.get_default() in (None, (), {})
    } - {"waves", "only"}

    assert told == beside | {"exceptions"}
    assert shown <= set(library.names())
