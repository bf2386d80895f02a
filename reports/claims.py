"""What theory says and what was measured, as text for a terminal: two lines a claim, and one that sums them up."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.text import Page
from reports.wording import several

_STYLES = {True: "", False: "bold red", None: "dim"}
_WORDS = {True: "held", False: "NOT HELD", None: "cannot be tested"}


def claims_table(entries: Sequence[Mapping[str, Any]], *, width: int = 80, colour: bool = False) -> str:
    """The claims with prediction, measurement and interval; then what cannot be tested, and why; then the count.

    An entry has an `id` and those it has `also`, what that is `about`, a `claim`, what was `predicted`, what was
    `measured` with its `low` and `high`, whether it `held` (None: not tested), and a `remark`.
    """
    page = Page(width, colour)
    before = ""
    for entry in entries:
        if entry["id"] != before:
            page.heading(f"{' '.join([entry['id'], *entry['also']])}: {entry['about']}")
        before = entry["id"]
        page.sentence(entry["claim"], style=_STYLES[entry["held"]])
        page.line(f"    {_numbers(entry):62}{_WORDS[entry['held']]}", style=_STYLES[entry["held"]])
    untested = {entry["id"]: entry["remark"] for entry in entries if entry["held"] is None}
    if untested:
        page.blank()
        page.heading("Cannot be tested")
        page.sentences(f"{name}: {reason}" for name, reason in untested.items())
    page.blank()
    page.sentence(_sum(entries), style="bold", indent="")
    return page.text()


def number(value: float) -> str:
    """To five significant digits, and a whole number whole."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.5g}"


def _numbers(entry: Mapping[str, Any]) -> str:
    predicted = f"predicted {number(entry['predicted'])}"
    if entry["held"] is None:
        return predicted
    low, high = entry["low"], entry["high"]
    if low == high:
        interval = "exact"
    elif high is None:
        interval = "or more"
    else:
        interval = f"[{number(low)}, {number(high)}]"
    return f"{predicted:21}measured {number(entry['measured'])} {interval}"


def _sum(entries: Sequence[Mapping[str, Any]]) -> str:
    counts = {word: sum(entry["held"] is held for entry in entries) for held, word in _WORDS.items()}
    hypotheses = several(len({entry["id"]: 1 for entry in entries}), "hypothesis").replace("hypothesiss", "hypotheses")
    told = [f"{count} {word.lower()}" for word, count in counts.items() if count]
    return f"{hypotheses}, {several(len(entries), 'claim')}: {', '.join(told)}"
