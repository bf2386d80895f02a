"""The walk of docs/red-build.md, taken: each file is saved, each command run, and what it prints is what is shown.

A shell line ends with status 0, or with the one that its comment names. What is shown is that of the lines before it;
`…` stands for anything.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "red-build.md").read_text("utf-8")

BLOCKS = re.findall(r"(?:[Ss]ave this as `([\w.-]+)`:\n\n)?^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """A folder in which shell lines are run, with `tieout` and `pytest` on the path."""
    programs, home = tmp_path_factory.mktemp("programs"), tmp_path_factory.mktemp("home")
    for name, words in (("tieout", "-P -m harness"), ("pytest", "-P -m pytest -p harness.pytest_plugin")):
        (programs / name).write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}:$PYTHONPATH" exec "{sys.executable}" {words} "$@"\n'
        )
        (programs / name).chmod(0o755)
    given = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "116"}
    given["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # whatever else is installed here takes its time to load
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "TIEOUT"))}

    def run(command):
        return subprocess.run(
            ["bash", "-c", command], cwd=home, env={**surroundings, **given}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    run.home = home
    return run


def shown(text):
    """What is shown, as a pattern: `…` is anything, and blanks are blanks."""
    parts = [re.escape(part) for part in text.rstrip("\n").split("…")]
    return ".*?".join(parts)


def test_each_step_does_what_the_page_says(walk):
    printed, diffs = "", []
    for name, kind, text in BLOCKS:
        if name:
            (walk.home / name).write_text(text, encoding="utf-8")
        elif kind == "sh":
            printed = ""
            for line in text.splitlines():
                command, _, comment = line.partition("   # ")
                told = re.match(r"status (\d+)", comment)
                done = walk(command)
                printed += done.stdout
                assert done.returncode == (int(told[1]) if told else 0), f"{command}\n{done.stdout}{done.stderr}"
                assert "Traceback" not in done.stderr
        elif kind == "text":
            assert re.search(shown(text), printed, re.DOTALL), f"{text}\n--- is not in ---\n{printed}"
        else:
            diffs.append(text)
    (changed,) = diffs
    old, new = (line[1:] for line in changed.splitlines())
    mended = (walk.home / "order_sync.py").read_text("utf-8")
    assert new in mended
    assert old in PAGE
    assert old not in mended


def test_the_page_has_every_step_of_the_way():
    kinds = [kind for _, kind, _ in BLOCKS]

    assert kinds.count("sh") >= 6
    assert kinds.count("text") >= 5
    assert {name for name, _, _ in BLOCKS if name} == {"order_sync.py", "test_order_sync.py"}
    for word in ("pytest", "tieout hunt", "tieout run", "tieout explain"):
        assert any(word in text for _, kind, text in BLOCKS if kind == "sh"), word


def test_what_is_shown_and_not_printed_would_be_found():
    assert re.search(shown("a … c\n"), "a b c d", re.DOTALL)
    assert not re.search(shown("a … c\n"), "a b d", re.DOTALL)
