"""What goes to the terminal: data to standard output, progress and remarks to standard error.

A reader that has gone away (`tieout … | head`) ends neither the work nor changes its exit status: what it
does not want to read is dropped.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import IO

COLUMNS_MAX = 120
COLUMNS_MIN = 40
COLUMNS_PIPE = 80

SILENCE_S = 10.0
"""So long is nothing said before somebody wants to know whether we still live."""

Told = Callable[[float, str], None]
"""Told how many steps are done, and which was the last."""


def wants_colour(stream: IO[str] | None) -> bool:
    """Whether to colour what goes to `stream`: NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns a page may have: COLUMNS, or the terminal's; 80 in a pipe."""
    columns = shutil.get_terminal_size((COLUMNS_PIPE, 24)).columns
    return max(COLUMNS_MIN, min(columns, COLUMNS_MAX))


def remark(text: str) -> None:
    """Say something beside the data. Where that cannot be written, nobody can be told, and nothing else changes."""
    with suppress(OSError):
        _say(text, sys.stderr)


def output(text: str) -> None:
    """Print data. Raises OSError where it cannot be written, unless its reader has gone away."""
    _say(text, sys.stdout)


def keep_standard_output_for_data() -> None:
    """Have what goes to the file descriptor of standard output by itself, from a layer's library, go to the error's."""
    if sys.stdout is None or sys.stderr is None:
        return
    ours = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = os.fdopen(ours, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def write_what_can_be_written() -> None:
    """Have characters that a stream's encoding lacks replaced, rather than end the program over a ✓."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _say(text: str, stream: IO[str] | None) -> None:
    if stream is None:  # closed before we began
        return
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        _silence(stream)
    except OSError:
        _silence(stream)
        raise


def _silence(stream: IO[str]) -> None:
    """Send the rest to nowhere: what is left in the stream's buffer would fail again at the program's end."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


@contextmanager
def progress(title: str, total: int, *, quiet: bool) -> Iterator[Told]:
    """A progress bar on standard error, or plain lines where nobody watches; both say when nothing happens for long."""
    if quiet:
        yield lambda done, what: None
    elif sys.stderr and sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
        with _bar(title, total) as bar, _still(bar, total, bar) as told:
            yield told
    else:
        with _still(_lines(title, total), total, lambda _, what: remark(f"{title}: {what}")) as told:
            yield told


@contextmanager
def _still(told: Told, total: int, silent: Told) -> Iterator[Told]:
    done_last = 0.0
    with stirring(lambda s: silent(done_last, f"still at {done_last / total:.0%} after {s:.0f} s")) as stir:

        def heard(done: float, what: str) -> None:
            nonlocal done_last
            done_last = done
            stir()
            told(done, what)

        yield heard


@contextmanager
def stirring(silent: Callable[[float], None]) -> Iterator[Callable[[], None]]:
    """What is to be called when something has happened; while nothing does, `silent` is told for how many seconds.

    After SILENCE_S for the first time, then each time that it has lasted twice as long.
    """
    ended = Event()
    since_s = monotonic()

    def stir() -> None:
        nonlocal since_s
        since_s = monotonic()

    def listen() -> None:
        heard_s, due_s = since_s, SILENCE_S
        while not ended.wait(max(0.0, heard_s + due_s - monotonic())):
            if since_s != heard_s:
                heard_s, due_s = since_s, SILENCE_S
            else:
                silent(due_s)
                due_s *= 2

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield stir
    finally:
        ended.set()
        thread.join()


def _lines(title: str, total: int) -> Told:
    """At most one line a tenth of the way: a pipe's reader wants to know that it lives, not each step."""
    said = 0

    def told(done: float, what: str) -> None:
        nonlocal said
        tenth = int(done * 10 / total)
        if tenth > said:
            said = tenth
            remark(f"{title}: {done / total:.0%} {what}".rstrip())

    return told


@contextmanager
def _bar(title: str, total: int) -> Iterator[Told]:
    # Slow to import, and only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    console = Console(stderr=True, no_color=not wants_colour(sys.stderr))
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=console.width // 4),
        TextColumn("{task.percentage:>3.0f}%", table_column=Column(no_wrap=True, min_width=4)),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True, min_width=5)),
    ]
    if console.width >= COLUMNS_PIPE:
        columns.append(TextColumn("{task.fields[what]}", table_column=Column(no_wrap=True, overflow="ellipsis")))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total, what="")
        yield lambda done, what: bar.update(task, completed=done, what=what)
