"""The CI examples of docs/ci.md are YAML, and each of their command lines is one that `tieout` takes."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from harness.cli import COMMANDS, commands
from harness.commands.baselines import tolerances_of
from scenarios import library

PAGE = (Path(__file__).parents[1] / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
EXAMPLES = dict(zip(("GitHub Actions", "GitLab CI", "GitHub, nightly", "GitLab, nightly"), BLOCKS, strict=True))
JOBS = {
    "GitHub Actions": lambda read: [step["run"] for step in read["jobs"]["tieout"]["steps"] if "run" in step],
    "GitLab CI": lambda read: read["tieout"]["script"],
    "GitHub, nightly": lambda read: [step["run"] for step in read["jobs"]["hunt"]["steps"] if "run" in step],
    "GitLab, nightly": lambda read: read["hunt"]["script"],
}
NIGHTLY = [example for example in JOBS if example.endswith("nightly")]


def command_lines(example):
    """The words of every call of `tieout` in an example's scripts."""
    found = []
    for script in JOBS[example](yaml.safe_load(EXAMPLES[example])):
        for line in script.splitlines():
            words = shell_words(line)
            while "tieout" in words:
                words = words[words.index("tieout") + 1 :]
                end = next((place for place, word in enumerate(words) if set(word) <= set("();&|")), len(words))
                found.append(words[:end])
    return found


def shell_words(line):
    """A shell's words; what ends a command is a word of its own."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();&|")
    lexer.whitespace_split = True
    return list(lexer)


@pytest.mark.parametrize("example", JOBS)
def test_every_command_line_is_one_that_the_program_takes(example):
    lines = command_lines(example)

    assert len(lines) >= (1 if example in NIGHTLY else 3)
    for name, *arguments in lines:
        assert name in COMMANDS
        context = click.Context(commands, info_name="tieout", obj="tieout")
        command = commands.get_command(context, name)
        given = command.make_context(name, list(arguments), parent=context).params
        assert given.get("scenario", "calm-month") in library.names()
        tolerances_of(given.get("tolerance") or ())


@pytest.mark.parametrize("line", ["run x --junit y.xml", "compare --seeds 3", "run x --tolerance"])
def test_a_command_line_that_it_does_not_take_would_be_found(line):
    name, *arguments = shlex.split(line)
    command = commands.get_command(click.Context(commands), name)

    with pytest.raises(click.UsageError):
        command.make_context(name, arguments)


def test_the_examples_cover_what_ci_reads():
    words = {word for example in JOBS for line in command_lines(example) for word in line}

    assert {"--junit-xml", "--baseline", "--tolerance", "--strict", "--check-determinism"} <= words


def test_a_baseline_in_an_example_is_what_another_line_of_it_wrote():
    for example in JOBS.keys() - NIGHTLY:
        lines = command_lines(example)
        written = {line[line.index("--out") + 1] for line in lines if "--out" in line}
        asked = {line[line.index("--baseline") + 1] for line in lines if "--baseline" in line}

        assert asked
        assert asked <= written


@pytest.mark.parametrize("example", NIGHTLY)
def test_a_night_hunts_and_keeps_what_it_finds_and_how_far_it_came(example):
    (line,) = command_lines(example)

    assert line[0] == "hunt"
    assert line[line.index("--out") + 1].startswith("reports/")
    assert ".tieout/hunts" in EXAMPLES[example] and "schedule" in EXAMPLES[example]
