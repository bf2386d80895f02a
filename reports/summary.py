"""A result as a page of Markdown for a job's summary: the answer first, then what broke, and how to run it again."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports import against
from reports.answer import INTERRUPTED, Verdict, first_failure, headline, in_one_currency, verdict
from reports.markdown import Part, bullets, code, escaped, fitted, inline, table
from reports.measures import MEASURES
from reports.reading import Results, seeds_shown
from reports.replay import replay_command
from reports.result import Document
from reports.tallies import breaks_by, ranked
from reports.wording import count, several, spoken, with_bounds

SIZE_MAX = (1 << 20) - 1
"""GitHub takes a step's summary of less than 1 MiB, and drops a larger one whole."""

_SIGNS = {"PASS": "✅", "FAIL": "❌", "UNCHECKED": "⚠️"}


def summary(document: Document, size: int = SIZE_MAX) -> str:
    """The page of a run, a comparison, or an ablation's layer as it is given, in at most `size` bytes of UTF-8."""
    return fitted(_parts(Results(document)), size)


def promises_summary(document: Mapping[str, Any], size: int = SIZE_MAX) -> str:
    """The page of a conformance run: a row a promise, and how to see each break again."""
    promises = document["promises"]
    broken = [promise for promise in promises if promise["held"] is False]
    tried = [promise for promise in promises if promise["held"] is not None]
    word = "FAIL" if broken else "PASS" if tried else "UNCHECKED"
    told = f"{len(tried) - len(broken)} of {several(len(tried), 'promise')} held"
    words = {True: "✓ held", False: "✗ broken", None: "n/a"}
    rows = [
        [words[each["held"]], each["name"], each["says"], f"{each['broken']} of {each['runs']}"] for each in promises
    ]
    shown = [
        Part(
            f"Broken: {each['name']}",
            "\n\n".join([escaped(f"{first['what']}: {first['found'][0]}"), code(first["replay"])]),
        )
        for each in broken
        for first in each["breaks"][:1]
    ]
    end = Verdict(
        word, f"{told}{'' if document.get('complete', True) else '; interrupted, the others were not judged'}."
    )
    promised = table(["", "promise", "says", "broken by runs"], rows, right=[3])
    return fitted([_title(str(document["layer"]), end), Part("Promises", promised), *shown], size)


def tests_summary(document: Mapping[str, Any], size: int = SIZE_MAX) -> str:
    """The page of tests with scenarios: which failed, why, and how to run each again; and what none of them came to."""
    failures, unreached = document["failures"], document["unreached"]
    number = several(document["tests"], "test")
    failed = f"{len(failures)} of {number} with a scenario failed"
    told = f"{failed}; {several(len(unreached), 'expectation')} never came about." if unreached else f"{failed}."
    end = Verdict("FAIL", told) if failures or unreached else Verdict("PASS", f"{number} with a scenario passed.")
    shown = [
        Part(
            f"Failed: {each['test']}",
            "\n\n".join([
                *(escaped(each[what]) for what in ("headline", "told") if each[what]),
                *([code(each["replay"])] if each["replay"] else []),
            ]),
        )
        for each in failures
    ]  # fmt: skip
    never = [bullets([f"{each['test']}: {each['told']}" for each in unreached])] if unreached else []
    unjudged = [bullets(document["unjudged"])] if document["unjudged"] else []
    return fitted(
        [
            _title("tests with scenarios", end),
            *(Part("Never came about", text) for text in never),
            *(Part("Not judged", text) for text in unjudged),
            *shown,
        ],
        size,
    )


def _parts(results: Results) -> list[Part]:
    again = first_failure(results)
    return [
        _title(f"{results.scenario}, {', '.join(results.layers)}, {seeds_shown(results.seeds)}", verdict(results)),
        *([Part("", escaped(INTERRUPTED))] if not results.complete else []),
        *([Part("Run it again", code(replay_command(again, results.settings)))] if again else []),
        *_silent(results),
        *_expectations(results),
        *_against(results),
        Part("Answer", "\n\n".join(map(escaped, headline(results)))),
        *_measures(results),
        *_breaks(results, "by_kind", "kind"),
        *_breaks(results, "by_cause", "cause"),
    ]


def _title(what: str, end: Verdict) -> Part:
    return Part("", f"## {_SIGNS[end.word]} {end.word}: {inline(what)}\n\n{escaped(end.reason)}")


def _silent(results: Results) -> list[Part]:
    faults = results.silent_faults
    return [Part("Planned faults that hit nothing", bullets([each.sentence() for each in faults]))] if faults else []


def _expectations(results: Results) -> list[Part]:
    """Every expectation of every layer; those that broke come first, then those that were not judged."""
    rows = [
        [
            each.mark,
            each.layer,
            each.text,
            each.seen,
            seeds_shown(each.broken) if each.broken else "",
            f"{seeds_shown(each.unjudged)}: {each.why}" if each.unjudged else "",
        ]
        for each in sorted(results.thresholds, key=lambda each: (each.ok, each.of > 0))
    ]
    header = ["", "layer", "expectation", "seen", "broken with", "not judged with"]
    shown = len(header) if any(each.unjudged for each in results.thresholds) else len(header) - 1
    listed = table(header[:shown], [row[:shown] for row in rows], right=[3])
    return [Part("Expectations", listed)] if rows else []


def _against(results: Results) -> list[Part]:
    found = against.baseline(results.document)
    if not found:
        return []
    paragraphs = [escaped(f"{found['path']}: {against.summed_up(results.document)}.")]
    for layer, each in found["layers"].items():
        paragraphs.append(escaped(against.how_compared(layer, each)))
        rows = [
            [row.verdict, row.title, row.before, row.after, row.change, row.relative]
            for row in against.rows_of(layer, each)
        ]
        if rows:
            header = ["", "measure", "baseline", "now", "difference", ""]
            paragraphs.append(table(header, rows, right=[2, 3, 4, 5]))
        paragraphs += [escaped(said) for said in (against.unchanged(each), against.only_told(each)) if said]
    if found["remarks"]:
        paragraphs.append(bullets([f"{remark}." for remark in found["remarks"]]))
    if against.rule(found):
        paragraphs.append(escaped(against.rule(found)))
    return [Part(against.TITLE, "\n\n".join(paragraphs))]


def _measures(results: Results) -> list[Part]:
    rows = [[m.title, *(with_bounds(results.interval(layer, m), m.unit) for layer in results.layers)] for m in MEASURES]
    if not results.layers:
        return []
    shown = table(["", *results.layers], rows, right=range(1, len(results.layers) + 1))
    notes = [f"Mean over {several(results.compared, 'seed')} [95 % interval]."] if results.compared > 1 else []
    notes += [in_one_currency(results)] if results.translated else []
    return [Part("Measures", "\n\n".join([shown, *map(escaped, notes)]))]


def _breaks(results: Results, field: Any, what: str) -> list[Part]:
    """The mean number of breaks of a run by kind, or by cause, and layer."""
    tallies = {layer: breaks_by(field, runs) for layer, runs in results.runs.items() if runs}
    rows = [
        [spoken(name), *(count(tally.get(name, 0.0)) for tally in tallies.values())]
        for name in ranked(list(tallies.values()))
    ]
    header = [what, *tallies]
    return [Part(f"Breaks by {what}", table(header, rows, right=_columns(header)))] if rows else []


def _columns(header: Sequence[str]) -> list[int]:
    return list(range(1, len(header)))
