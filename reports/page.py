"""One self-contained HTML page: the answer first, then the evidence, down to the single contract.

Everything is in the file: styles, script, figures, and the document itself, for those who compare by program.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from reports import ablation_page, tables
from reports import against as baselines
from reports.ablation import as_given
from reports.ablation import headline as ablation_headline
from reports.answer import INTERRUPTED, headline, in_one_currency, rare_events, statements, unjudged, verdict
from reports.breaklist import Group, listed_breaks, omitted_breaks, system_of
from reports.contrasts import Contrast
from reports.drawn import Drawn, drawn
from reports.lifelines import lifelines_svg
from reports.measures import BREAKS, DUPLICATES, MEASURES, MISSING, Measure
from reports.people import plans, told_of_people
from reports.reading import Results, seeds_shown
from reports.replay import replay_command
from reports.result import Calendar, Document, RunDocument
from reports.statements import receivables, remaining, rollforward, run_in, waterfall
from reports.stories import paragraphs
from reports.story import Story, identity
from reports.tables import Aside, Loud, Table
from reports.tallies import breaks_by, calls_to, flow_names, system_names
from reports.wording import bounds, count, date_time, decimal, local, money, month, plain, several, shown, spoken

_ANCHORS = {DUPLICATES.name: "#records", MISSING.name: "#records"}


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one layer, as the first table shows it. `lowest`: below every other layer beyond doubt."""

    title: str
    mean: str
    bounds: str
    href: str
    lowest: bool


def render(document: Document, drawings: Mapping[str, bytes] | None = None, stories: Sequence[Story] = ()) -> str:
    """The page for a document, as HTML. `drawings` are its figures, if they are there already.

    `stories` are those of some of its breaks, to which the list of breaks leads.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only who writes a page pays for jinja2

    results = Results(document)
    ablated = document if document["schema"] == "tieout.ablate/1" else None
    judged = Results(as_given(ablated)) if ablated else results
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_asset),
    )
    environment.finalize = lambda value: _printable(value) if type(value) is str else value
    environment.filters |= {"spoken": spoken, "money": money, "month": month, "decimal": decimal}
    places = {identity(story["of"]): f"story-{number}" for number, story in enumerate(stories) if story["of"]}
    environment.filters["story"] = lambda found: places.get(identity(found), "")
    environment.filters |= {"paragraphs": paragraphs, "lifelines": lifelines_svg, "system": system_of}
    environment.tests["loud"] = lambda value: isinstance(value, Loud)
    environment.tests["aside"] = lambda value: isinstance(value, Aside)
    calendar = results.first.get("calendar") if results.first else None
    listed = listed_breaks(results)
    template = environment.get_template("ablation.html" if ablated else "page.html")
    return template.render(
        results=results,
        judged=judged,
        ablation=ablation_page.contents(ablated) if ablated else None,
        kind="ablation" if ablated else "comparison" if results.is_comparison else "one run",
        css=_asset("page.css"),
        js=_asset("page.js"),
        document=_embedded(document),
        colours=_colours(results),
        facts=_facts(results, calendar),
        verdict=verdict(judged),
        unjudged=unjudged(judged),
        interrupted=INTERRUPTED,
        headline=ablation_headline(ablated) if ablated else headline(results),
        scores={layer: [_score(judged, layer, measure) for measure in MEASURES] for layer in judged.layers},
        in_one_currency=in_one_currency(judged),
        rare=rare_events(judged),
        pairs=[_pair(contrast) for contrast in results.contrasts] if statements(results) else [],
        statements=statements(results),
        against=_against(document),
        people=tables.people(judged, told_of_people(judged)) if told_of_people(judged) else None,
        plans=plans(judged),
        faults=tables.faults(judged, calendar) if judged.faults else None,
        figures=_figures(results, drawings if drawings is not None else _drawings(document), listed),
        statements_by_month=_statements(results),
        run_in=run_in(results.first) if results.first and results.first.get("statements") else "",
        close=_close(judged, calendar),
        listed=listed,
        stories=stories,
        omitted=omitted_breaks(results, listed),
        replays=[(run, replay_command(run, results.settings)) for runs in results.runs.values() for run in runs],
        seeds=seeds_shown(results.seeds),
        truth=tables.truth(results),
        everything=tables.everything(results),
        settings=_settings(results, calendar),
        remarks=[remark.sentence() for remark in judged.remarks],
    )


def _against(document: Document) -> dict[str, Any] | None:
    """What is said against the baseline, if there is one."""
    found = baselines.baseline(document)
    if not found:
        return None
    layers = [
        {
            "layer": layer,
            "how": baselines.how_compared(layer, each),
            "rows": baselines.rows_of(layer, each),
            "unchanged": baselines.unchanged(each),
            "told": baselines.only_told(each),
        }
        for layer, each in found["layers"].items()
    ]
    return {
        "path": found["path"],
        "summary": baselines.summed_up(document),
        "layers": layers,
        "remarks": found["remarks"],
        "rule": baselines.rule(found),
    }


def _drawings(document: Document) -> Mapping[str, bytes]:
    from reports.figures import files  # noqa: PLC0415 - matplotlib takes more than a second to import

    return files(document)


def _figures(results: Results, drawings: Mapping[str, bytes], listed: Mapping[str, Sequence[Group]]) -> list[Drawn]:
    from reports import timelines  # noqa: PLC0415 - as in _drawings

    runs = timelines.first_series(results)
    links = {(layer, group.kind): f"#{group.id}" for layer, groups in listed.items() for group in groups}
    kinds = {layer: breaks_by("by_kind", of_layer) for layer, of_layer in results.runs.items()}
    causes = {layer: breaks_by("by_cause", of_layer) for layer, of_layer in results.runs.items()}
    calls = {
        system: {layer: calls_to(system, of_layer) for layer, of_layer in results.runs.items()}
        for system in system_names(results)
    }
    many = len(results.seeds) > 1
    bars = " Bars are 95 % intervals of the mean, markers the mean, small ticks the single seeds." if many else ""
    lines = " Lines are the median of the seeds, bands the lowest to the highest seed." if many else ""
    windows = (
        "Shaded: fault windows, except those that last longer than half the run, which are only in the lanes on top; "
        f"one scale for all layers; {seeds_shown([run['seed'] for run in runs.values()][:1])}."
    )
    document = results.document
    told = {
        **(ablation_page.figures(document) if document["schema"] == "tieout.ablate/1" else {}),
        "counts": (
            "Duplicates, losses, breaks and money",
            f"Counted at the audit, after the quarter's last period has locked.{bars}",
            [
                tables.by_record(results, "duplicates", "Duplicates"),
                tables.by_record(results, "missing", "Missing records"),
                *([tables.by_seed(results)] if many else []),
            ],
        ),
        "lags": (
            "How late: event lag by flow",
            "The share of changes that the target reflects within a time after their commit at the source."
            f"{lines} A line that ends below 100 % leaves changes that never arrived.",
            [tables.lags(results, flow_names(results))],
        ),
        "backlog": (
            "Backlog over time",
            f"Changes committed at their source and not yet reflected in every target. {windows}",
            [tables.series(runs, "backlog", "Backlog, in changes")],
        ),
        "oldest": (
            "Lag over time",
            f"The age of the oldest change that some target does not yet reflect (log scale above a minute). {windows}",
            [tables.series(runs, "oldest_s", "Age of the oldest outstanding change")],
        ),
        "waiting": (
            "Business status: what waits",
            "Orders, invoices, schedules, amendments and exceptions that wait, hour by hour, drawn as the most of each "
            "day. A schedule is also pending, and by right, before its service begins; an exception that nobody owns "
            f"was let go of, so nobody works on it; {seeds_shown([run['seed'] for run in runs.values()][:1])}.",
            [tables.statuses(runs)],
        ),
        "causes": (
            "Breaks by kind and by cause",
            "What is different between the books and what they must say, when the quarter's last period locks. "
            "The numbers in the table lead to the contracts.",
            [tables.tallied(results, kinds, "kind", links), tables.tallied(results, causes, "cause", {})],
        ),
        "calls": (
            "Cost: API calls per contract",
            f"Calls from the quarter's first day on, those for older contracts too, divided by the contracts signed in "
            f"the quarter: of each system by how they ended, and in all.{bars}",
            [tables.outcomes(results, calls)],
        ),
    }
    return [
        drawn(name, title, caption, drawings[f"{name}.svg"], found)
        for name, (title, caption, found) in told.items()
        if f"{name}.svg" in drawings
    ]


def _statements(results: Results) -> list[Table]:
    """The statements of a single run; layers are not compared by them."""
    run = results.first
    if results.is_comparison or not run or not run.get("statements"):
        return []
    return [waterfall(run), remaining(run), rollforward(run), receivables(run)]


def _close(results: Results, calendar: Calendar | None) -> Table | None:
    """The close of each layer's first run, if the document tells of it."""
    closed = {layer: runs[0] for layer, runs in results.runs.items() if runs and "close" in runs[0]}
    return tables.close(closed, calendar) if closed else None


def _score(results: Results, layer: str, measure: Measure) -> Score:
    interval = results.interval(layer, measure)
    others = [other for other in results.layers if other != layer]
    lowest = bool(others) and all(results.beats(layer, other, [measure]) for other in others)
    place = results.layers.index(layer)
    href = _ANCHORS.get(measure.name, f"#layer-{place}" if measure is BREAKS and interval["mean"] else "")
    return Score(measure.title, shown(interval["mean"], measure.unit), bounds(interval, measure.unit), href, lowest)


def _pair(contrast: Contrast) -> dict[str, Any]:
    measures = tuple(contrast.differences)
    return {
        "a": contrast.a,
        "b": contrast.b,
        "lower": [contrast.in_words(measure) for measure in contrast.lower(measures)],
        "higher": [contrast.in_words(measure) for measure in contrast.higher(measures)],
        "reservations": contrast.reservations(),
    }


def _facts(results: Results, calendar: Calendar | None) -> list[str]:
    """One line about the size and time of what was simulated."""
    layers = several(len(results.layers), "layer")
    if results.document["schema"] == "tieout.ablate/1":
        layers = f"{results.document['layer']} and {several(len(results.layers) - 1, 'variant')} of it"
    facts = [f"{layers}, {seeds_shown(results.seeds)}"]
    if calendar:
        first, last = (local(calendar, at_s) for at_s in (calendar["measured_from_s"], calendar["quarter_end_s"] - 1))
        audited = date_time(calendar, calendar["audited_at_s"])
        facts.append(f"quarter of {first:%Y-%m-%d} to {last:%Y-%m-%d}, audited {audited} ({calendar['timezone']})")
    agreed = results.first.get("truth", {}) if results.first else {}
    told = [several(agreed[name], name[:-1]) for name in ("contracts", "amendments", "invoices") if name in agreed]
    if told and results.first:
        of_seed = f" with seed {results.first['seed']}" if len(results.seeds) > 1 else ""
        facts.append(f"{', '.join(told)}{of_seed}")
    return facts


def _settings(results: Results, calendar: Calendar | None) -> list[tuple[str, str]]:
    """What reproduces the document, as names and values."""
    settings = results.settings
    first = results.first
    rows = [
        ("command", settings.get("command", "")),
        ("scenario", results.scenario),
        ("scenario digest", settings.get("scenario_digest", "") or (first.get("scenario_digest", "") if first else "")),
        ("seeds", ", ".join(map(str, results.seeds))),
        ("program", f"tieout {results.program}".strip()),
        ("Python", settings.get("python", "")),
        ("first instant", calendar["start"] if calendar else ""),
        ("simulated", f"{count(first['simulated_s'] / 86_400)} days" if first and "simulated_s" in first else ""),
    ]
    for layer, runs in results.runs.items():
        options = runs[0].get("layer_options", {}) if runs else {}
        rows.append((f"options of {layer}", ", ".join(f"{name}={value}" for name, value in options.items())))
    return [(name, value) for name, value in rows if value]


def _all_runs(results: Results) -> Iterator[RunDocument]:
    for runs in results.runs.values():
        yield from runs


def _colours(results: Results) -> dict[str, str]:
    from reports.canvas import LAYER_COLOURS  # noqa: PLC0415 - as in _drawings

    return {layer: LAYER_COLOURS[place % len(LAYER_COLOURS)] for place, layer in enumerate(results.layers)}


def _printable(text: str) -> str:
    """Without control characters, and with the per cent sign tied to its number."""
    return plain(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _asset(name: str) -> str:
    return resources.files("reports").joinpath(name).read_text(encoding="utf-8")


def _embedded(document: Document) -> str:
    """The document as JSON that no browser can take for markup."""
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
