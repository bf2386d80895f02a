"""What theory says and what was measured, as text for a terminal: two lines a claim, and one that sums them up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.text import Page
from reports.wording import several

LEVELS = (
    "In brackets is what the measurement agrees with. 99 %: an exact binomial or Poisson interval, or a normal one "
    "whose variance theory gives; 4 s.e.: four standard errors on either side."
)
_STYLES = {True: "", False: "bold red", None: "dim"}
NO_POWER = "no power"
_WORDS = {True: "held", False: "NOT HELD", None: "cannot be tested"}


def claims_table(entries: Sequence[Mapping[str, Any]], *, width: int = 80, colour: bool = False) -> str:
    """The claims with prediction, measurement and interval; then what cannot be tested, and why; then the count.

    An entry has an `id` and those it has `also`, what that is `about`, a `claim`, what was `predicted`, what was
    `measured` with its `low` and `high` and their `level`, whether it `held` (None: not tested), whether the run was
    `telling` (or 0 would have held as well), and a `remark`.
    """
    page = Page(width, colour)
    before = ""
    numbers = [_numbers(entry) for entry in entries]
    place = max(62, *(len(each) + 2 for each in numbers))
    for entry, told in zip(entries, numbers, strict=True):
        if entry["id"] != before:
            page.heading(f"{' '.join([entry['id'], *entry['also']])}: {entry['about']}")
        before = entry["id"]
        page.sentence(entry["claim"], style=_STYLES[entry["held"]])
        page.line(f"    {told:{place}}{_word(entry)}", style=_STYLES[entry["held"]])
    untested = {entry["id"]: entry["remark"] for entry in entries if entry["held"] is None}
    if untested:
        page.blank()
        page.heading("Cannot be tested")
        page.sentences(f"{name}: {reason}" for name, reason in untested.items())
    page.blank()
    if any(entry["level"] for entry in entries):
        page.note(LEVELS)
    if any(_word(entry) == NO_POWER for entry in entries):
        page.note("No power: 0 would have held as well, so that this run tells nothing.")
    page.sentence(_sum(entries), style="bold", indent="")
    return page.text()


def number(value: float) -> str:
    """To five significant digits, and a whole number whole."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.5g}"


def _numbers(entry: Mapping[str, Any]) -> str:
    predicted = f"predicted {number(entry['predicted'])} "
    if entry["held"] is None:
        return predicted
    low, high = entry["low"], entry["high"]
    if low == high:
        interval = "exact"
    elif high is None:
        interval = "or more"
    else:
        interval = f"[{number(low)}, {number(high)}] {entry['level']}".rstrip()
    return f"{predicted:21}measured {number(entry['measured'])} {interval}"


def _word(entry: Mapping[str, Any]) -> str:
    return NO_POWER if entry["held"] and not entry["telling"] else _WORDS[entry["held"]]


def _sum(entries: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(_word(entry) for entry in entries)
    hypotheses = several(len({entry["id"]: 1 for entry in entries}), "hypothesis").replace("hypothesiss", "hypotheses")
    told = [f"{counts[word]} {word.lower()}" for word in (*_WORDS.values(), NO_POWER) if counts[word]]
    return f"{hypotheses}, {several(len(entries), 'claim')}: {', '.join(told)}"
