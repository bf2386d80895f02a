"""An ablation as text for a terminal or a pipe: what appears without each safeguard, and what having it costs."""

from collections.abc import Sequence

from reports.ablation import apart, as_given, headline
from reports.answer import INTERRUPTED
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, DUPLICATES, LAG_P50, LAG_P95, MISSING, NEVER, WRITES, Measure
from reports.reading import Results, seeds_shown
from reports.result import AblateDocument, Interval, Safeguard
from reports.terminal import tell_expectations, tell_silent_faults, tell_verdict
from reports.text import Page
from reports.wording import CURRENCY, several, signed

HARM_COLUMNS = (DUPLICATES, MISSING, BREAKS, AMOUNT_OFF, NEVER)
COST_COLUMNS = (CALLS, LAG_P50, LAG_P95, WRITES)


def ablation_table(document: AblateDocument, *, width: int = 80, colour: bool = False) -> str:
    """A row a safeguard, the most harmful to lose first, then a sentence on each, and the verdict on the layer."""
    page, given = Page(width, colour), Results(as_given(document))
    found = document["safeguards"]
    page.heading(f"{document['scenario']}: {document['layer']} without each of its safeguards, {_over(document)}")
    if found:
        page.blank()
        _differences(page, "what there is more of without it", found, HARM_COLUMNS)
        page.blank()
        _differences(page, "what there is more of with it", found, COST_COLUMNS)
        page.note(_note(document))
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


def _differences(page: Page, what: str, found: Sequence[Safeguard], measures: Sequence[Measure]) -> None:
    """Means with their sign; in brackets where their interval does not exclude 0."""
    page.heading(f"{'Harm' if measures is HARM_COLUMNS else 'Cost'}: {what}")
    side = "harm" if measures is HARM_COLUMNS else "cost"
    rows = []
    for each in found:
        differences: dict[str, Interval] = each[side]  # type: ignore[literal-required]
        rows.append([f"{each['name']}={each['value']}", *(_cell(differences[m.name], m) for m in measures)])
    heads = [f"{CURRENCY} off" if m is AMOUNT_OFF else m.short for m in measures]
    page.add(page.table(rows, right=range(1, len(measures) + 1), header=["", *heads]))


def _cell(difference: Interval, measure: Measure) -> str:
    text = signed(difference["mean"], measure.unit)
    return text if apart(difference) or text == "0" else f"({text})"


def _over(document: AblateDocument) -> str:
    return seeds_shown(sorted({run["seed"] for run in document["runs"]}))


def _note(document: AblateDocument) -> str:
    if document["seeds"] == 1:
        return "differences in one seed, which give no interval"
    return f"mean difference over {several(document['seeds'], 'seed')}; in brackets: its 95 % interval includes 0"
