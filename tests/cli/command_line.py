"""The command line under test: in this process for what it says, as a program for what only a process can show."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SMALL = ("--set", "business.contracts=12", "--set", "calendar.lead_in=0 d")
"""A quarter so small that a run of it takes a fraction of a second."""

SCENARIO = """\
name: tiny
title: A dozen contracts
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: 12, profile: flat}
"""

OURS = (
    "NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "TERM", "TIEOUT_SEED", "PYTHONHASHSEED", "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
)  # fmt: skip
"""Environment variables that mean something to the command line."""

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def program(*arguments, cwd, **environment):
    """A running `tieout`, its outputs piped, with no environment variable of ours but those given."""
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd, env=surroundings(**environment), text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process, timeout_s=60):
    """How a program ended."""
    out, err = process.communicate(timeout=timeout_s)
    return Ended(process.returncode, out, err)


def surroundings(**environment):
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "PYTHONPATH": str(ROOT), **environment}


def tree(folder):
    """Everything below a folder, hidden files too, with the contents of files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
