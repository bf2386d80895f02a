"""A result as text for a terminal or a pipe: plain columns, no lines drawn, colour only where it is asked for."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from reports.answer import INTERRUPTED, first_failure, headline, rare_events, statements, verdict
from reports.measures import MEASURES
from reports.reading import Results, hits, seeds_shown
from reports.replay import replay_command
from reports.result import Document
from reports.wording import bounds, count, date_time, plain, several, shown

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_WHOLE = re.compile(r"\[[^]]*\]|USD \S+|[\d.] (?:%|d|h|min|s|ms)(?![a-z])")
_TIE = "\N{NO-BREAK SPACE}"
_VERDICT_STYLE = {"PASS": "bold green", "FAIL": "bold red", "UNCHECKED": "bold yellow"}


def comparison_table(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """A comparison's measures by layer, what its seeds tell apart, its expectations, and one verdict."""
    results = Results(document)
    page = Page(width, colour)
    over = f"{several(len(results.layers), 'layer')}, {seeds_shown(results.seeds)}"
    page.heading(f"{results.scenario}: {over}")
    page.blank()
    _measures(page, results)
    page.blank()
    page.heading("Answer")
    page.sentences(headline(results))
    if not results.complete:
        page.sentence(INTERRUPTED, style="bold yellow")
    _silent(page, results)
    if statements(results):
        page.blank()
        page.heading("Differences paired by seed whose 95 % interval excludes 0")
        page.sentences(" ".join([pair.sentence(), *pair.reservations()]) for pair in results.contrasts)
    if rare_events(results):
        page.blank()
        page.heading("How rare a zero may be")
        page.sentences(rare_events(results))
    _expectations(page, results)
    _verdict(page, results)
    return page.text()


def run_summary(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """One run's measures, the faults with what they hit, its breaks by kind and cause, and one verdict."""
    results = Results(document)
    page = Page(width, colour)
    page.heading(f"{results.scenario}: {', '.join(results.layers)}, {seeds_shown(results.seeds)}")
    page.blank()
    _measures(page, results)
    for run in (run for runs in results.runs.values() for run in runs):
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
    _silent(page, results)
    _expectations(page, results)
    _verdict(page, results)
    return page.text()


def _measures(page: "Page", results: Results) -> None:
    """The measures as a table with a column a layer, or one below the other where that is too wide."""
    cells = {(m, layer): results.interval(layer, m) for m in MEASURES for layer in results.layers}
    means = {key: shown(each["mean"], key[0].unit) for key, each in cells.items()}
    ranges = {key: bounds(each, key[0].unit) for key, each in cells.items()}
    rows: list[list[str]] = []
    styles: list[str] = []
    if not results.layers:
        page.note("no run has finished")
        return
    for measure in MEASURES:
        rows.append([measure.short, *(means[measure, layer] for layer in results.layers)])
        styles.append("")
        if any(ranges[measure, layer] for layer in results.layers):
            rows.append(["", *(ranges[measure, layer] for layer in results.layers)])
            styles.append("dim")
    table = page.table(rows, right=range(1, len(results.layers) + 1), header=["", *results.layers], styles=styles)
    if page.fits(table):
        page.add(table)
    else:
        for measure in MEASURES:
            page.heading(measure.title)
            page.rows(
                [[f"  {layer}", means[measure, layer], ranges[measure, layer]] for layer in results.layers], right=[1]
            )
    if results.compared > 1:
        page.note(f"mean over {several(results.compared, 'seed')} [95 % interval]")
    if any(value == "never" for value in means.values()):
        page.note("never: with at least one seed, not that share of the changes had arrived by the end")


def _silent(page: "Page", results: Results) -> None:
    if results.silent_faults:
        page.blank()
        page.heading("PLANNED FAULTS THAT HIT NOTHING", style="bold red")
        page.sentences(fault.sentence() for fault in results.silent_faults)


def _expectations(page: "Page", results: Results) -> None:
    for layer in results.layers:
        thresholds = [each for each in results.thresholds if each.layer == layer]
        if not thresholds:
            continue
        page.blank()
        page.heading(f"Expectations of {layer}")
        rows = []
        for each in thresholds:
            broken = f"broken: {seeds_shown(each.broken)}" if results.is_comparison and not each.ok else ""
            rows.append([f"  {'✓' if each.ok else '✗'}", each.text, each.seen, broken])
        page.rows(rows, styles=["green" if each.ok else "red" for each in thresholds])


def _verdict(page: "Page", results: Results) -> None:
    end = verdict(results)
    page.blank()
    again = first_failure(results)
    if again:
        page.line(f"replay: {replay_command(again, results.settings)}")
    page.sentence(f"verdict: {end.word}: {end.reason}", style=_VERDICT_STYLE[end.word], indent="")


class Page:
    """Lines in the making, through a console that knows nothing of the surroundings."""

    def __init__(self, width: int, colour: bool) -> None:
        from rich.console import Console  # noqa: PLC0415 - only the commands that print a table pay for rich

        self._out = StringIO()
        self._colour = colour
        self._width = width
        self._console: Console = Console(
            file=self._out,
            width=width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            _environ={},
        )

    def text(self) -> str:
        """All lines so far, without blanks at their ends."""
        return "".join(f"{line.rstrip()}\n" for line in self._out.getvalue().splitlines())

    def add(self, what: "RenderableType") -> None:
        self._console.print(what)

    def blank(self) -> None:
        self._console.print()

    def heading(self, words: str, *, style: str = "bold") -> None:
        self.sentence(words, style=style, indent="")

    def note(self, words: str) -> None:
        self.sentence(words, style="dim", indent="")

    def sentences(self, sentences: Iterable[str]) -> None:
        for words in sentences:
            self.sentence(words)

    def sentence(self, words: str, *, style: str = "", indent: str = "  ") -> None:
        """The words, indented and wrapped between words, never within a number's unit or an interval."""
        kept = _WHOLE.sub(lambda whole: whole[0].replace(" ", _TIE), plain(words))
        lines = textwrap.wrap(
            kept,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        self._console.print("\n".join(lines).replace(_TIE, " "), style=style, soft_wrap=True)

    def line(self, words: str, *, style: str = "") -> None:
        """The words on one line, however long: what is to be copied."""
        self._console.print(plain(words), style=style, soft_wrap=True)

    def rows(self, rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), styles: Sequence[str] = ()) -> None:
        self.add(self.table(rows, right=right, styles=styles))

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        right: Iterable[int] = (),
        header: Sequence[str] = (),
        styles: Sequence[str] = (),
    ) -> "Table":
        """Columns two blanks apart; `right` are those flushed right, `styles` go down the rows in turn."""
        from rich.table import Table  # noqa: PLC0415 - see above
        from rich.text import Text  # noqa: PLC0415 - see above

        flush = set(right)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(header), row_styles=styles)
        for place in range(len(rows[0])):
            title = Text(plain(header[place])) if header else ""
            table.add_column(title, justify="right" if place in flush else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        return table

    def fits(self, table: "Table") -> bool:
        """Whether the table shows without a wrapped cell."""
        from rich.measure import Measurement  # noqa: PLC0415 - see above

        wide = self._console.options.update(max_width=10_000)
        return Measurement.get(self._console, wide, table).maximum <= self._width
