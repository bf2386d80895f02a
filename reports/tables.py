"""The tables beside the figures: the same numbers, for those who read rather than look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple, TypeAlias

from reports.measures import MEASURES, PER, Measure, currency_of, unit_of
from reports.people import TITLE
from reports.reading import Results, hits
from reports.result import Calendar, FlowLag, Interval, RunDocument
from reports.wording import count, date_time, flow_words, ratio, shown, span, spoken, with_bounds

RECORDS = ("customers", "orders", "subscriptions", "invoices", "journal_entries", "revenue_contracts")
NEVER_S = float("inf")


class Link(NamedTuple):
    """A cell that leads to a place on the page."""

    text: str
    href: str


class Loud(str):
    """A cell that must not be overlooked."""

    __slots__ = ()


class Aside(str):
    """The name of a row that says something about the one above it."""

    __slots__ = ()


Cell: TypeAlias = str | Link


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption. The first `heads` cells of a row name it; the others are numbers, flushed right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    heads: int = 1


def by_record(results: Results, field: str, caption: str) -> Table:
    """Duplicates or missing records by kind of record: means over the seeds."""
    seen = [name for runs in results.runs.values() for run in runs for name in _tally(run, field)]
    names = list(dict.fromkeys((*RECORDS, *seen)))
    rows = [
        [layer, *(count(_mean([_tally(run, field).get(name, 0) for run in runs])) for name in names)]
        for layer, runs in results.runs.items()
    ]
    return Table(f"{caption}, by record{_over(results)}", ["layer", *map(spoken, names)], rows)


def by_seed(results: Results) -> Table:
    """Every measure of every run."""
    told = {(layer, m): results.by_seed(layer, m) for layer in results.layers for m in MEASURES}
    rows = [
        [layer, str(run["seed"]), *(shown(told[layer, m][place], m.unit) for m in MEASURES)]
        for layer, runs in results.runs.items()
        for place, run in enumerate(runs)
    ]
    return Table("Every run behind the means", ["layer", "seed", *(m.title for m in MEASURES)], rows, heads=2)


def lags(results: Results, flows: Sequence[str]) -> Table:
    """Event lag by flow and layer: the median over the seeds of each quantile."""
    rows = []
    for flow in flows:
        for layer, runs in results.runs.items():
            lags = [each for run in runs for each in run.get("flows", []) if each["flow"] == flow]
            expected = sum(each["expected"] for each in lags)
            lost = expected - sum(each["arrived"] for each in lags)
            quantiles = [
                _middle([_quantile(each, name) for each in lags]) for name in ("p50_s", "p95_s", "p99_s", "max_s")
            ]
            rows.append([flow_words(flow), layer, f"{expected:,}", f"{lost:,}", *quantiles])
    columns = ["flow", "layer", "changes, all seeds", "never arrived", "p50", "p95", "p99", "maximum"]
    return Table("Event lag by flow (quantiles: median of the seeds)", columns, rows, heads=2)


def series(runs: Mapping[str, RunDocument], name: str, caption: str) -> Table:
    """The highest value of a series and when it was, and its value at the quarter's end and at the audit."""
    show: Callable[[float], str] = span if name == "oldest_s" else count
    rows = []
    for layer, run in runs.items():
        step_s, values = run["series"]["step_s"], run["series"][name]  # type: ignore[literal-required]
        calendar = run.get("calendar")
        top = max(range(len(values)), key=lambda place: values[place], default=None)
        if top is None:
            continue
        end = values[min(len(values) - 1, int(calendar["quarter_end_s"] // step_s))] if calendar else values[-1]
        when = date_time(calendar, top * step_s)
        rows.append([layer, show(values[top]), when, show(_mean(values)), show(end), show(values[-1])])
    seed = next((run["seed"] for run in runs.values()), 0)
    columns = ["layer", "highest", "at, local time", "mean over the run", "at the quarter's end", "at the audit"]
    return Table(f"{caption}, seed {seed}", columns, rows)


def statuses(runs: Mapping[str, RunDocument]) -> Table:
    """Every business status as the months end and at the audit: how many wait, their worth, the oldest's age."""
    told = [(layer, each) for layer, run in runs.items() for each in run.get("business_status", [])]
    told.sort(key=lambda row: row[1]["at_s"])
    rows = [
        [spoken(each["status"]), "at the audit" if each["at"] == "audit" else f"end of {each['at']}", layer,
         count(each["count"]), shown(each["minor"], "money"), span(each["oldest_s"]) if each["count"] else ""]
        for name in dict.fromkeys(each["status"] for _, each in told)
        for layer, each in told
        if each["status"] == name
    ]  # fmt: skip
    seed = next((run["seed"] for run in runs.values()), 0)
    columns = ["status", "at", "layer", "waiting", "worth", "oldest"]
    return Table(f"Business status at period ends, seed {seed}", columns, rows, heads=3)


def close(runs: Mapping[str, RunDocument], calendar: Calendar | None) -> Table:
    """The steps of the close with their instants, what each found or did, and the amounts of that."""
    rows = [
        [layer, step["step"], date_time(calendar, step["from_s"]), date_time(calendar, step["until_s"]),
         count(step["count"]), shown(step["minor"], "money")]
        for layer, run in runs.items()
        for step in run["close"]["steps"]
    ]  # fmt: skip
    seed = next((run["seed"] for run in runs.values()), 0)
    columns = ["layer", "step", "from, local time", "until", "found or posted", "amount"]
    return Table(f"Steps of the close, seed {seed}", columns, rows, heads=2)


def people(results: Results, measures: Sequence[Measure]) -> Table:
    """These measures of what people had to do, by layer, with their intervals over the seeds."""
    rows = [
        [layer, *(with_bounds(results.interval(layer, measure), measure.unit) for measure in measures)]
        for layer in results.layers
    ]
    columns = ["layer", *(measure.title for measure in measures)]
    return Table(f"{TITLE}{_over(results, ' with 95 % interval')}", columns, rows)


def faults(results: Results, calendar: Calendar | None) -> Table:
    """The planned faults: their windows, and how many calls or deliveries they touched under each layer."""
    rows = []
    for fault in results.faults:
        touched = [_hits([hits(run, fault["name"]) for run in runs]) for runs in results.runs.values()]
        rows.append([
            fault["name"], spoken(fault["kind"]), fault["target"], date_time(calendar, fault["from_s"]),
            date_time(calendar, fault["until_s"]), *touched,
        ])  # fmt: skip
    columns = ["fault", "kind", "target", "from, local time", "until", *(f"hits, {layer}" for layer in results.layers)]
    return Table("Planned faults and the calls or deliveries they touched", columns, rows, heads=3)


def tallied(
    results: Results, parts: Mapping[str, Mapping[str, float]], noun: str, links: Mapping[tuple[str, str], str]
) -> Table:
    """Breaks by kind or cause and layer; a number leads to the breaks it counts where `links` knows them."""
    total = {layer: sum(tally.values()) for layer, tally in parts.items()}
    names = sorted(
        {name: 0 for t in parts.values() for name in t}, key=lambda n: (-sum(t.get(n, 0) for t in parts.values()), n)
    )
    rows: list[list[Cell]] = []
    for name in names:
        cells: list[Cell] = [spoken(name)]
        for layer, tally in parts.items():
            text, href = count(tally.get(name, 0)), links.get((layer, name))
            cells.append(Link(text, href) if href else text)
        rows.append(cells)
    rows.append(["all", *(count(each) for each in total.values())])
    return Table(f"Breaks open at close, by {noun}{_over(results)}", [noun, *results.layers], rows)


def outcomes(results: Results, parts: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    """API calls per contract by system and outcome; `parts` by system, layer and outcome."""
    rows = []
    for system, by_layer in parts.items():
        names = dict.fromkeys(name for tally in by_layer.values() for name in tally)
        for outcome in sorted(names, key=lambda name: (name != "ok", name)):
            rows.append([system, spoken(outcome), *(_calls(tally.get(outcome, 0)) for tally in by_layer.values())])
    return Table(
        f"API calls per contract, by system and outcome{_over(results)}",
        ["system", "outcome", *results.layers],
        rows,
        heads=2,
    )


def everything(results: Results) -> Table:
    """Every metric of the document, by layer."""
    told = {layer: results.every_metric(layer) for layer in results.layers}
    names = list(dict.fromkeys(name for each in told.values() for name in each))
    rows = [[_named(name), *(_metric(each, name) for each in told.values())] for name in names]
    return Table(f"All metrics{_over(results, ' with 95 % interval')}", ["metric", *results.layers], rows)


def _named(name: str) -> str:
    """The metric's name, with its unit where its value does not show it."""
    return f"{name} ({PER[name]})" if name in PER else name


def _metric(told: Mapping[str, Interval], name: str) -> str:
    """A metric's value; n/a for a quantile of a distribution that nothing is in, which is no value that never came."""
    if name not in told:
        return ""
    number = told.get(f"{name.rpartition('.')[0]}.count")
    empty = number is not None and number["mean"] == 0 and told[name]["mean"] is None
    return "n/a" if empty else with_bounds(told[name], unit_of(name), currency_of(name))


def truth(results: Results) -> Table:
    """What customers and sales agreed, by seed; every layer meets the same."""
    runs = {run["seed"]: run for runs in results.runs.values() for run in runs if run.get("truth")}
    names = list(dict.fromkeys(name for run in runs.values() for name in run["truth"]))
    rows = [
        [str(seed), *(_truth(name, run["truth"].get(name, 0)) for name in names)] for seed, run in sorted(runs.items())
    ]
    columns = ["seed", *(spoken(name.removesuffix("_minor")) for name in names)]
    return Table("The commercial truth, by seed: the same for every layer", columns, rows)


def _truth(name: str, value: float) -> str:
    return shown(value, "money" if name.endswith("_minor") else "count")


def _tally(run: RunDocument, field: str) -> dict[str, int]:
    tally: dict[str, int] = run[field]  # type: ignore[literal-required]
    return tally


def _quantile(lag: FlowLag, name: str) -> float:
    value: float | None = lag[name]  # type: ignore[literal-required]
    return NEVER_S if value is None else value


def _middle(values: Sequence[float]) -> str:
    middle = median(values) if values else NEVER_S
    return "never" if middle == NEVER_S else span(middle)


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0


def _hits(seen: Sequence[int | None]) -> str:
    known = [each for each in seen if each is not None]
    if not known:
        return "not planned"
    low, high = min(known), max(known)
    if high == 0:
        return Loud("0: NOTHING")
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _calls(number: float) -> str:
    return ratio(number) if number >= 0.1 or number == 0 else f"{number:.4f}"


def _over(results: Results, more: str = "") -> str:
    return f" (mean over the seeds{more})" if len(results.seeds) > 1 else ""
