"""What goes to the terminal: data to standard output, progress and remarks to standard error."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

MOST_COLUMNS = 120


def wants_colour(stream: IO[str]) -> bool:
    """Whether to colour what goes to `stream`: NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns a page may have: the terminal's, or 80 in a pipe."""
    return min(shutil.get_terminal_size((80, 24)).columns, MOST_COLUMNS)


def remark(text: str) -> None:
    """Say something beside the data."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # this is the one place that prints remarks


def output(text: str) -> None:
    """Print data."""
    print(text, flush=True)  # noqa: T201  # this is the one place that prints data


@contextmanager
def progress(title: str, total: int, *, quiet: bool) -> Iterator[Callable[[float, str], None]]:
    """A progress bar on standard error, or plain lines where nobody watches; told (steps done, what was done)."""
    if quiet:
        yield lambda done, what: None
    elif sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
        with _bar(title, total) as told:
            yield told
    else:
        yield _lines(title, total)


def _lines(title: str, total: int) -> Callable[[float, str], None]:
    """At most one line a tenth of the way: a pipe's reader wants to know that it lives, not each step."""
    said = 0

    def told(done: float, what: str) -> None:
        nonlocal said
        tenth = int(done * 10 / total)
        if tenth > said or (done == total and said < 10):
            said = tenth
            remark(f"{title}: {done / total:.0%} {what}".rstrip())

    return told


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[float, str], None]]:
    from rich.console import Console  # noqa: PLC0415  # slow to import, and only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True, no_color=not wants_colour(sys.stderr))
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[what]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total, what="")
        yield lambda done, what: bar.update(task, completed=done, what=what)
