"""What a failure says: the expectations that broke, the first break with its story, one command that replays it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.attempts import is_known
from reports.stories import story_lines
from reports.wording import money, plain, several

if TYPE_CHECKING:
    from harness.testing.outcome import Expectation, Run


def failure(run: "Run", broken: "Sequence[Expectation] | None" = None, asked: Sequence[str] = ()) -> list[str]:
    """The lines that tell why a run is not good enough: what is `broken` of its expectations and of what was `asked`.

    Without `broken`, what of its expectations did not hold.
    """
    told = run.broken if broken is None else broken
    marks = (f"  ✗ {plain(each.text)}: seen {plain(each.seen)}" for each in told)
    return [headline(run), *marks, *_first_break(run), *run.replay(*asked)]


def headline(run: "Run") -> str:
    """What was run, and how its books stand."""
    named = f"{run.scenario}, {run.layer}, seed {run.seed}"
    if not run.breaks:
        return f"{named}: no break is open"
    off = money(run.breaks.amount_minor, run.document["breaks"]["currency"])
    are = "is" if len(run.breaks) == 1 else "are"
    return f"{named}: {several(len(run.breaks), 'break')} {are} open, {off} off"


def in_brief(run: "Run | None", failed: str) -> str:
    """Why a test failed, in one line: its run's break, what it broke, or else how the failure's own text ends."""
    if run is not None and run.story is not None:
        return plain(run.story["title"])
    if run is not None and run.broken:
        return "; ".join(f"{plain(each.text)}: seen {plain(each.seen)}" for each in run.broken)
    lines = [line for line in failed.splitlines() if line.strip()]
    return plain(lines[-1].removeprefix("E").strip()) if lines else ""


def unjudged(run: "Run") -> list[str]:
    """What the run was not fit to be held to, and why."""
    return [f"{plain(each.text)} was not judged: {plain(each.why)}" for each in run.unjudged]


def raised_in(traceback: str) -> list[str]:
    """A traceback's lines from the first place on that is in code of the user's."""
    lines = traceback.splitlines()
    places = ((number, re.match(r'  File "(.*)", line', line)) for number, line in enumerate(lines))
    own = (number for number, found in places if found and not is_known(Path(found[1])))
    return lines[next(own, 0) :]


def _first_break(run: "Run") -> list[str]:
    """One break with its story, and how many more there are; or the story of the event that was too slow."""
    if run.story is None:
        return []
    if run.story["of"] is None:
        return [f"  slowest: {plain(run.story['title'])}", *(f"  {line}" for line in story_lines(run.story))]
    others = len(run.breaks) - 1
    more = [f"  and {several(others, 'more break')}"] if others else []
    return [f"  first break: {plain(run.story['title'])}", *(f"  {line}" for line in story_lines(run.story)), *more]
