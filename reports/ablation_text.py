"""An ablation as text for a terminal or a pipe: what appears without each safeguard, and what having it costs."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from reports.ablation import UNSEEN, apart, as_given, headline
from reports.answer import INTERRUPTED
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, DUPLICATES, LAG_P50, LAG_P95, MISSING, NEVER, WRITES, Measure
from reports.reading import Results, seeds_shown
from reports.result import AblateDocument, Interval
from reports.terminal import tell_expectations, tell_silent_faults, tell_verdict
from reports.text import Page
from reports.wording import CURRENCY, several, signed

Side: TypeAlias = Literal["harm", "cost"]

HARM = {
    DUPLICATES: "duplicates",
    MISSING: "missing",
    BREAKS: BREAKS.short,
    AMOUNT_OFF: f"{CURRENCY} off",
    NEVER: NEVER.short,
}
COST = {CALLS: "calls/contract", LAG_P50: "lag p50", LAG_P95: "lag p95", WRITES: "durable writes"}
_SHOWN: Sequence[tuple[Side, Measure]] = (*(("harm", m) for m in HARM), *(("cost", m) for m in COST))


def ablation_table(document: AblateDocument, *, width: int = 80, colour: bool = False) -> str:
    """A row a safeguard, the most harmful to lose first, then a sentence on each, and the verdict on the layer."""
    page, given = Page(width, colour), Results(as_given(document))
    found = document["safeguards"]
    page.heading(f"{document['scenario']}: {document['layer']} without each of its safeguards, {_over(document)}")
    if found:
        page.blank()
        page.heading("Harm: what there is more of without it")
        _differences(page, {f"{each['name']}={each['without']}": each["harm"] for each in found}, HARM)
        page.blank()
        page.heading("Cost: what there is more of with it")
        _differences(page, {f"{each['name']}={each['value']}": each["cost"] for each in found}, COST)
        page.note(_note(document))
        if any(each[side][m.name]["mean"] is None for each in found for side, m in _SHOWN):
            page.note("n/a: in some run, with it or without, not that share of the changes had arrived by the end")
    page.blank()
    page.heading("Answer")
    page.sentences(headline(document))
    if not document.get("complete", True):
        page.sentence(INTERRUPTED, style="bold yellow")
    tell_silent_faults(page, given)
    for title, entries in (("Safeguards, one by one", found), ("Two at a time", document["pairs"])):
        if entries:
            page.blank()
            page.heading(title)
            page.sentences(entry.get("sentence", "") for entry in entries)
    tell_expectations(page, given)
    tell_verdict(page, given)
    return page.text()


def _differences(page: Page, rows: Mapping[str, Mapping[str, Interval]], columns: Mapping[Measure, str]) -> None:
    """Means with their sign; in brackets where their interval does not exclude 0."""
    cells = [[name, *(_cell(differences[m.name], m) for m in columns)] for name, differences in rows.items()]
    page.add(page.table(cells, right=range(1, len(columns) + 1), header=["", *columns.values()]))


def _cell(difference: Interval, measure: Measure) -> str:
    text = signed(difference["mean"], measure.unit)
    return text if apart(difference) or text in UNSEEN else f"({text})"


def _over(document: AblateDocument) -> str:
    if not document["seeds"]:
        return "no seed finished"
    return seeds_shown(sorted({run["seed"] for run in document["runs"]}))


def _note(document: AblateDocument) -> str:
    if document["seeds"] == 1:
        return "differences in one seed, which give no interval"
    return f"mean difference over {several(document['seeds'], 'seed')}; in brackets: its 95 % interval includes 0"
