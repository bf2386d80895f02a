"""What a job on GitHub should point out: workflow commands, at most ten, the worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports import against
from reports.answer import unjudged, verdict
from reports.reading import Results, seeds_shown
from reports.replay import replay_command
from reports.result import Document, RunDocument
from reports.wording import plain, several

MOST = 10
"""GitHub shows ten annotations of a step, and drops the others without a word."""

_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}
_MESSAGE_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Annotation:
    """One thing to point out, in a line (`title`) and in more (`message`)."""

    level: Literal["error", "warning", "notice"]
    title: str
    message: str

    def command(self) -> str:
        """The line that GitHub reads."""
        return f"::{self.level} title={_told(self.title, _PROPERTY)}::{_told(self.message, _MESSAGE)}"


def annotations(document: Document) -> list[Annotation]:
    """What a run, a comparison, or an ablation's layer as it is given has to point out, the worst first."""
    results = Results(document)
    return _limited(
        [*_broken(results), *_worse(results), *_unchecked(results), *_warnings(results), *_notices(results)]
    )


def promises_annotations(document: Mapping[str, Any]) -> list[Annotation]:
    """What a conformance run has to point out: every broken promise."""
    return _limited([
        Annotation(
            "error",
            f"{document['layer']}: {promise['name']} broken",
            f"{promise['says']}\n{first['what']}: {first['found'][0]}\nreplay: {first['replay']}",
        )
        for promise in document["promises"]
        if promise["held"] is False
        for first in promise["breaks"][:1]
    ])  # fmt: skip


def tests_annotations(document: Mapping[str, Any]) -> list[Annotation]:
    """What tests with scenarios have to point out: each that failed, what never came about, what was not judged."""
    failed = [
        Annotation(
            "error",
            f"{each['test']} failed",
            "\n".join(
                filter(None, [each["headline"], each["told"], f"replay: {each['replay']}" if each["replay"] else ""])
            ),
        )
        for each in document["failures"]
    ]
    never = [Annotation("error", f"{each['test']} never came to it", each["told"]) for each in document["unreached"]]
    unjudged = [Annotation("warning", "an expectation was not judged", told) for told in document["unjudged"]]
    return _limited([*failed, *never, *unjudged])


def _broken(results: Results) -> Iterable[Annotation]:
    """The expectations that broke: of those with the most seeds first."""
    broken = [each for each in results.thresholds if not each.ok]
    for each in sorted(broken, key=lambda each: -len(each.broken)):
        again = replay_command(_run(results, each.layer, each.broken[0]), results.settings)
        yield Annotation(
            "error",
            f"{results.scenario}, {each.layer}: {each.text}",
            f"seen {each.seen}, broken with {seeds_shown(each.broken)}\nreplay: {again}",
        )


def _worse(results: Results) -> Iterable[Annotation]:
    for row in against.worsened(results.document):
        run = results.runs[row.layer][0]
        yield Annotation(
            "error",
            f"{results.scenario}, {row.layer}: {row.title} got worse",
            f"{row.sentence}, {row.basis}\nreplay: {replay_command(run, results.settings)}",
        )


def _unchecked(results: Results) -> Iterable[Annotation]:
    """What was not checked: an error where that decides the exit status."""
    end = verdict(results)
    if end.word == "UNCHECKED" and results.strict:
        yield Annotation("error", f"{results.scenario}: no success with --strict", end.reason)
    elif end.word == "UNCHECKED":
        yield Annotation("warning", f"{results.scenario}: nothing was checked", end.reason)
    else:
        for told in unjudged(results):
            yield Annotation("warning", f"{results.scenario}: an expectation was not judged", told)


def _warnings(results: Results) -> Iterable[Annotation]:
    for fault in results.silent_faults:
        yield Annotation("warning", f"{results.scenario}: a planned fault hit nothing", fault.sentence())
    found = against.baseline(results.document)
    for remark in found["remarks"] if found else ():
        yield Annotation("warning", f"{results.scenario}: baseline", remark)


def _notices(results: Results) -> Iterable[Annotation]:
    better = against.improved(results.document)
    if better:
        told = "; ".join(f"{row.layer}: {row.sentence}" for row in better)
        yield Annotation("notice", f"{results.scenario}: better than the baseline", told)


def _limited(found: Sequence[Annotation]) -> list[Annotation]:
    """As many as GitHub shows; where there are more, the last says how many."""
    if len(found) <= MOST:
        return list(found)
    rest = found[MOST - 1 :]
    told = f"{several(len(rest), 'more finding')}: see the job's summary, or the JUnit file"
    return [*found[: MOST - 1], Annotation(rest[0].level, "and more", told)]


def _run(results: Results, layer: str, seed: int) -> RunDocument:
    return next(run for run in results.runs[layer] if run["seed"] == seed)


def _told(text: str, escapes: Mapping[str, str]) -> str:
    """The text as part of a command: GitHub's escapes for what would end it, no other control characters."""
    lines = plain("\n".join(text.splitlines()))[:_MESSAGE_MAX]
    return "".join(escapes.get(letter, letter) for letter in lines)
