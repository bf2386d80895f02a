"""A result as text for a terminal or a pipe: plain columns, no lines drawn, colour only where it is asked for."""

from collections.abc import Sequence

from reports import against
from reports.answer import (
    INTERRUPTED,
    first_failure,
    headline,
    in_one_currency,
    rare_events,
    statements,
    unjudged,
    verdict,
)
from reports.measures import MEASURES, Measure
from reports.people import TITLE, plans, told_of_people
from reports.reading import Results, hits, seeds_shown
from reports.replay import replay_command
from reports.result import Document, RunDocument
from reports.statements import DIFFERENCE, RUN_IN, remaining, rollforward, run_in, waterfall
from reports.text import Page
from reports.wording import bounds, count, date_time, several, shown

_VERDICT_STYLE = {"PASS": "bold green", "FAIL": "bold red", "UNCHECKED": "bold yellow"}
_MARK_STYLE = {"✓": "green", "✗": "red", "–": "yellow"}
_CHANGE_STYLE = {"worse": "bold red", "unclear": "yellow", "better": "green"}


def comparison_table(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """A comparison's measures by layer, what its seeds tell apart, its expectations, and one verdict."""
    results = Results(document)
    page = Page(width, colour)
    seeds = seeds_shown(results.seeds) if results.compared else "no seed finished"
    over = f"{several(len(results.layers), 'layer')}, {seeds}"
    page.heading(f"{results.scenario}: {over}")
    page.blank()
    _measures(page, results)
    tell_people(page, results)
    page.blank()
    page.heading("Answer")
    page.sentences(headline(results))
    if not results.complete:
        page.sentence(INTERRUPTED, style="bold yellow")
    tell_silent_faults(page, results)
    if statements(results):
        page.blank()
        page.heading("Differences paired by seed whose 95 % interval excludes 0")
        page.sentences(" ".join([pair.sentence(), *pair.reservations()]) for pair in results.contrasts)
    if rare_events(results):
        page.blank()
        page.heading("How rare a zero may be")
        page.sentences(rare_events(results))
    tell_baseline(page, results)
    tell_expectations(page, results)
    tell_verdict(page, results)
    return page.text()


def run_summary(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """One run's measures, the faults with what they hit, its breaks by kind and cause, and one verdict."""
    results = Results(document)
    page = Page(width, colour)
    page.heading(f"{results.scenario}: {', '.join(results.layers)}, {seeds_shown(results.seeds)}")
    page.blank()
    _measures(page, results)
    tell_people(page, results)
    for run in (run for runs in results.runs.values() for run in runs):
        _tell_statements(page, run)
        for title, tally in (
            ("Breaks by kind", run["breaks"]["by_kind"]),
            ("Breaks by cause", run["breaks"]["by_cause"]),
        ):
            if tally:
                page.blank()
                page.heading(title)
                page.rows([[name.replace("_", " "), count(number)] for name, number in tally.items()], right=[1])
        if results.faults:
            page.blank()
            page.heading("Faults and the calls or deliveries they hit")
            calendar = run.get("calendar")
            page.rows(
                [
                    [fault["name"], date_time(calendar, fault["from_s"]), "to", date_time(calendar, fault["until_s"]),
                     count(hits(run, fault["name"]) or 0)]
                    for fault in results.faults
                ],
                right=[4],
            )  # fmt: skip
    tell_silent_faults(page, results)
    tell_baseline(page, results)
    tell_expectations(page, results)
    tell_verdict(page, results)
    return page.text()


def _measures(page: Page, results: Results) -> None:
    """The measures that layers are compared by, and how to read them."""
    if not results.layers:
        page.note("no run has finished")
        return
    means = _table(page, results, MEASURES)
    if results.compared > 1:
        page.note(f"mean over {several(results.compared, 'seed')} [95 % interval]")
    if results.translated:
        page.note(in_one_currency(results))
    if "never" in means:
        page.note("never: with at least one seed, not that share of the changes had arrived by the end")


def tell_people(page: Page, results: Results) -> None:
    """When the books were signed off, what people had to do, and what was planned beside faults."""
    measures, sentences = told_of_people(results), plans(results)
    if not measures and not sentences:
        return
    page.blank()
    page.heading(TITLE)
    if measures:
        _table(page, results, measures)
    for sentence in sentences:
        page.sentence(sentence, indent="")


def _table(page: Page, results: Results, measures: Sequence[Measure]) -> list[str]:
    """Measures as a table with a column a layer, or one below the other where that is too wide. Its means."""
    cells = {(m, layer): results.interval(layer, m) for m in measures for layer in results.layers}
    means = {key: shown(each["mean"], key[0].unit) for key, each in cells.items()}
    ranges = {key: bounds(each, key[0].unit) for key, each in cells.items()}
    rows: list[list[str]] = []
    styles: list[str] = []
    for measure in measures:
        rows.append([measure.short, *(means[measure, layer] for layer in results.layers)])
        styles.append("")
        if any(ranges[measure, layer] for layer in results.layers):
            rows.append(["", *(ranges[measure, layer] for layer in results.layers)])
            styles.append("dim")
    table = page.table(rows, right=range(1, len(results.layers) + 1), header=["", *results.layers], styles=styles)
    if page.fits(table):
        page.add(table)
    else:
        for measure in measures:
            page.heading(measure.title)
            page.rows(
                [[f"  {layer}", means[measure, layer], ranges[measure, layer]] for layer in results.layers], right=[1]
            )
    return list(means.values())


def _tell_statements(page: Page, run: RunDocument) -> None:
    """The waterfall and the rollforwards, in brief: as many columns as fit, the last ones."""
    if not run.get("statements"):
        return
    marked = False
    for statement in (waterfall(run, brief=True), remaining(run, brief=True), rollforward(run, brief=True)):
        page.blank()
        page.heading(statement.caption)
        styles = ["red" if row[0] == DIFFERENCE else "" for row in statement.rows]
        for left_out in range(1, len(statement.columns)):
            header, *rows = ([str(row[0]), *map(str, row[left_out:])] for row in (statement.columns, *statement.rows))
            table = page.table(rows, right=range(1, len(header)), header=header, styles=styles)
            if page.fits(table):
                break
        page.add(table)
        marked = marked or any(head.startswith(RUN_IN) for head in header)
    if marked:
        page.note(run_in(run))


def tell_silent_faults(page: Page, results: Results) -> None:
    """The planned faults that touched nothing, loudly."""
    if results.silent_faults:
        page.blank()
        page.heading("PLANNED FAULTS THAT HIT NOTHING", style="bold red")
        page.sentences(fault.sentence() for fault in results.silent_faults)


def tell_baseline(page: Page, results: Results) -> None:
    """What got worse, better or unclear against the baseline, a line a metric; then what stayed, and by what rule."""
    found = against.baseline(results.document)
    if not found:
        return
    page.blank()
    page.heading(f"{against.TITLE} {found['path']}")
    for layer, each in found["layers"].items():
        page.sentence(against.how_compared(layer, each), indent="")
        rows = against.rows_of(layer, each)
        if rows:
            _baseline_rows(page, rows)
        page.sentences(filter(None, [against.unchanged(each), against.only_told(each)]))
    page.sentences(f"{remark}." for remark in found["remarks"])
    if against.rule(found):
        page.note(against.rule(found))


def _baseline_rows(page: Page, rows: Sequence[against.Row]) -> None:
    """A table, or sentences where that is too wide."""
    told = [[f"  {row.verdict}", row.short, row.before, row.after, row.change, row.relative] for row in rows]
    styles = [_CHANGE_STYLE[row.verdict] for row in rows]
    header = ["", "", "baseline", "now", "difference", ""]
    table = page.table(told, right=range(2, 6), header=header, styles=styles)
    if page.fits(table):
        page.add(table)
        return
    for row, style in zip(rows, styles, strict=True):
        page.sentence(f"{row.verdict}: {row.sentence}", style=style)


def tell_expectations(page: Page, results: Results) -> None:
    """Each layer's expectations, with what was seen."""
    for layer in results.layers:
        thresholds = [each for each in results.thresholds if each.layer == layer]
        if not thresholds:
            continue
        page.blank()
        page.heading(f"Expectations of {layer}")
        rows = []
        for each in thresholds:
            broken = f"broken: {seeds_shown(each.broken)}" if results.is_comparison and not each.ok else ""
            rows.append([f"  {each.mark}", each.text, each.seen, broken])
        page.rows(rows, styles=[_MARK_STYLE[each.mark] for each in thresholds])
    page.sentences(unjudged(results))


def tell_verdict(page: Page, results: Results) -> None:
    """One verdict on the last line, and before it how to run again what failed."""
    end = verdict(results)
    page.blank()
    again = first_failure(results)
    if again:
        page.line(f"replay: {replay_command(again, results.settings)}")
    page.sentence(f"verdict: {end.word}: {end.reason}", style=_VERDICT_STYLE[end.word], indent="")
