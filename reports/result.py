"""What a finished run, or a comparison of runs, says: the documents that every report is made from.

Spans are seconds, money is minor units, and null in a quantile means that the event never arrived.
Fields marked NotRequired may be absent; a report then leaves out what it would have said from them.
"""

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

RUN_SCHEMA = "tieout.run/1"
COMPARE_SCHEMA = "tieout.compare/1"
ABLATE_SCHEMA = "tieout.ablate/1"


class Interval(TypedDict):
    """A mean over seeds with its 95 % interval. `low` and `high` are None where one seed gives no interval.

    `mean` is None where at least one seed has no finite value: the event never arrived.
    """

    mean: float | None
    low: float | None
    high: float | None


class Expectation(TypedDict):
    """One threshold: `name` is a metric or the whole threshold, `limit` what was asked, `value` what was seen.

    `unit` is that of `limit` and `value` where they are numbers: s, minor (units of `currency`), share (of 1), number
    or count. `remark` says why there is no value. `when` says when it has to hold, if not at the end of every run:
    always, eventually (once all is healed) or sometimes (in one of the runs). A run that was not `judged` by it was not
    fit to be.
    """

    name: str
    limit: Any
    value: Any
    held: bool
    unit: NotRequired[str]
    currency: NotRequired[str]
    remark: NotRequired[str]
    when: NotRequired[str]
    judged: NotRequired[bool]


class Break(TypedDict):
    """One difference between expected and actual: `key` is the record's, `contract` that which it concerns.

    `entity` is the legal entity in whose books it is; "" is the first.
    """

    kind: str
    key: str
    contract: NotRequired[str | None]
    system: NotRequired[str]
    entity: NotRequired[str | None]
    amount_minor: NotRequired[int]
    currency: NotRequired[str]
    cause: NotRequired[str | None]
    period: NotRequired[int | str | None]
    detail: NotRequired[str]


class Tally(TypedDict):
    """How many breaks there are of one kind, at one record, with one cause, and the sum of their absolute amounts."""

    kind: str
    record: str
    cause: str
    count: int
    amount_minor: int


class Breaks(TypedDict):
    """The breaks open at the close: their number, the sum of their absolute amounts, and the first of them.

    The sums are in `currency`, and what is in others is translated.
    """

    open_at_close: int
    amount_minor: int
    currency: NotRequired[str]
    by_kind: dict[str, int]
    by_cause: dict[str, int]
    tally: NotRequired[list[Tally]]
    listed: NotRequired[list[Break]]


class FaultHits(TypedDict):
    """A planned fault, its window from the first instant on, and how many calls or deliveries it touched."""

    name: str
    kind: str
    target: str
    from_s: float
    until_s: float
    hits: int


class FlowLag(TypedDict):
    """The event lag of one flow. `quantiles_s` has 101 values, at 0, 1, … 100 per cent; None is never."""

    flow: str
    expected: int
    arrived: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    max_s: float | None
    quantiles_s: list[float | None]


class Calls(TypedDict):
    """How many API calls of one operation ended in one way."""

    system: str
    operation: str
    outcome: str
    count: int


class Series(TypedDict):
    """What was outstanding, sampled every `step_s` seconds from the first instant on."""

    step_s: float
    backlog: list[int]
    oldest_s: list[float]
    business_status: NotRequired[dict[str, list[int]]]


class StatusAt(TypedDict):
    """A business status at an instant: `at` is a period as 2026-03, at its end, or `audit`."""

    status: str
    at: str
    at_s: float
    count: int
    minor: int
    oldest_s: float


class CloseStep(TypedDict):
    """A step of the close: what it found or did (`count`), and the amounts of that."""

    step: str
    from_s: float
    until_s: float
    count: int
    minor: int


class Close(TypedDict):
    """The close of the quarter, from the cut-off to the sign-off."""

    signed_off_s: float
    steps: list[CloseStep]


class MonthStatements(TypedDict):
    """A month's statements: minor units by line, as the truth calls for them and as the books have them."""

    month: str
    expected: dict[str, int]
    actual: dict[str, int]


class QuarterStatements(TypedDict):
    """The statements of the quarter's `months` as one: what moved in it, and how it opens and closes."""

    months: list[str]
    expected: dict[str, int]
    actual: dict[str, int]


class CutoverAt(TypedDict):
    """The layer that takes over, when (`at` is the local date-time), and for how long both were told."""

    to: str
    at: str
    at_s: float
    overlap_s: float


class ReplayAt(TypedDict):
    """A planned replay (`at` is the local date-time), and how many events it had carried again."""

    at: str
    at_s: float
    carried: int


class Calendar(TypedDict):
    """When the run takes place: `start` is the ISO local date-time of the first instant."""

    start: str
    timezone: str
    measured_from_s: float
    quarter_end_s: float
    audited_at_s: float


class RunDocument(TypedDict):
    """One layer, one seed."""

    schema: Literal["tieout.run/1"]
    tieout: NotRequired[str]
    scenario: str
    layer: str
    layer_options: NotRequired[dict[str, Any]]
    seed: int
    fingerprint: NotRequired[str]
    simulated_s: NotRequired[float]
    wall_s: NotRequired[float]
    kernel_events: NotRequired[int]
    api_calls: NotRequired[int]
    calendar: NotRequired[Calendar]
    truth: NotRequired[dict[str, int]]
    metrics: dict[str, Any]
    duplicates: dict[str, int]
    missing: dict[str, int]
    breaks: Breaks
    flows: NotRequired[list[FlowLag]]
    series: NotRequired[Series]
    business_status: NotRequired[list[StatusAt]]
    statements: NotRequired[list[MonthStatements]]
    quarter_statements: NotRequired[QuarterStatements]
    close: NotRequired[Close]
    cutover: NotRequired[CutoverAt]
    replays: NotRequired[list[ReplayAt]]
    faults: NotRequired[list[FaultHits]]
    calls: NotRequired[list[Calls]]
    expectations: list[Expectation]
    remarks: NotRequired[list[str]]
    scenario_digest: NotRequired[str]
    settings: NotRequired["Settings"]
    baseline: NotRequired["Baseline"]
    run_dir: NotRequired[str]


class Settings(TypedDict):
    """What reproduces the result. `strict`: what was not checked, or came to nothing, was to be no success."""

    program: NotRequired[str]
    python: NotRequired[str]
    scenario_digest: NotRequired[str]
    command: NotRequired[str]
    seeds: NotRequired[list[int]]
    strict: NotRequired[bool]


class AgainstMetric(TypedDict):
    """One metric against the baseline: both means (None: it never came) and the difference, after less before.

    `basis` says what the verdict rests on: runs that are `identical`, a `fact` of these seeds, an `estimate` whose
    `chance` is how likely luck alone is to have done it, or `none`. A difference within the `margin` does not matter.
    What has no `better` is only told.
    """

    unit: str
    better: Literal["lower", "higher"] | None
    before: float | None
    after: float | None
    difference: Interval
    verdict: Literal["worse", "better", "same", "unclear", "told"]
    basis: Literal["identical", "fact", "estimate", "none"]
    margin: float
    chance: float | None


class AgainstLayer(TypedDict):
    """One layer against the baseline's `layer`. `paired`: seed by seed; else each side has seeds of its own."""

    layer: str
    paired: bool
    identical: bool
    seeds: list[int]
    baseline_seeds: list[int]
    metrics: dict[str, AgainstMetric]


class Changed(TypedDict):
    """A metric of a layer that is worse, or better, than the baseline's."""

    layer: str
    metric: str


class Baseline(TypedDict):
    """What has become better or worse than in an earlier result. `tolerances` are those of single metrics.

    A tolerance is the share of the larger mean that does not matter; None is any difference.
    """

    path: str
    tieout: str
    tolerance: float
    tolerances: dict[str, float | None]
    level: float
    correction: str
    estimates: int
    layers: dict[str, AgainstLayer]
    regressions: list[Changed]
    improvements: list[Changed]
    remarks: list[str]


class Several(TypedDict):
    """Several layers over the same seeds. `differences` are keyed "a vs b" and say a minus b, paired by seed.

    `seeds` is how many seeds every layer has finished; `complete` is false for a comparison that was interrupted.
    `layers` and `differences` are flat: their keys are the names of `measures.numbers`, and any other dotted ones.
    """

    tieout: NotRequired[str]
    scenario: str
    seeds: int
    complete: NotRequired[bool]
    layers: dict[str, dict[str, Interval]]
    differences: dict[str, dict[str, Interval]]
    runs: list[RunDocument]
    settings: NotRequired[Settings]
    baseline: NotRequired[Baseline]
    run_dir: NotRequired[str]
    report: NotRequired[str | None]


class CompareDocument(Several):
    """Layers against each other: the differences of each two of them."""

    schema: Literal["tieout.compare/1"]


class Appearing(TypedDict):
    """How many more breaks of one kind, at one record and with one cause there are, over the seeds."""

    kind: str
    record: str
    cause: str
    mean: float | None
    low: float | None
    high: float | None


class Safeguard(TypedDict):
    """One safeguard, set to `value`, against the layer without it (`without`), which is called `layer`.

    `harm` is what there is more of without it, `cost` what there is more of with it, both by a measure's name.
    `against` are the kinds of fault that put it to the test, `hits` what those of the scenario struck, by kind;
    `identical` says that no run differs in anything.
    `zeros` has the measures that were 0 in every run without it, each with the upper 95 % bound of its rate a change.
    """

    name: str
    value: str
    without: str
    protects: str
    layer: str
    identical: bool
    against: list[str]
    hits: dict[str, int]
    harm: dict[str, Interval]
    cost: dict[str, Interval]
    zeros: dict[str, float]
    appears: list[Appearing]
    sentence: NotRequired[str]


class SafeguardPair(TypedDict):
    """Two safeguards taken away together. `beyond` is the part of `harm` that neither does alone."""

    names: list[str]
    layer: str
    harm: dict[str, Interval]
    beyond: dict[str, Interval]
    sentence: NotRequired[str]


class AblateDocument(Several):
    """One layer, as it is given (`layer`), and without its safeguards: the differences to the layer as given."""

    schema: Literal["tieout.ablate/1"]
    layer: str
    safeguards: list[Safeguard]
    pairs: list[SafeguardPair]


Document: TypeAlias = RunDocument | CompareDocument | AblateDocument

_NEEDED: dict[str, dict[str, type]] = {
    RUN_SCHEMA: {
        "scenario": str,
        "layer": str,
        "seed": int,
        "metrics": dict,
        "duplicates": dict,
        "missing": dict,
        "breaks": dict,
        "expectations": list,
    },
    COMPARE_SCHEMA: {"scenario": str, "layers": dict, "differences": dict, "runs": list},
    ABLATE_SCHEMA: {
        "scenario": str,
        "layer": str,
        "layers": dict,
        "differences": dict,
        "runs": list,
        "safeguards": list,
        "pairs": list,
    },
}
_FILES = ("compare.json", "run.json", "ablate.json")


class UnreadableResult(Exception):
    """A file or directory is no result that this version can read. The message says what to do."""


def load(run_dir: Path | str) -> Document:
    """The document of a run's or comparison's directory, or of a JSON file, checked.

    Raises UnreadableResult, with the place and the remedy, for anything else.
    """
    path = Path(run_dir)
    if path.is_dir():
        found = [path / name for name in _FILES if (path / name).is_file()]
        if not found:
            raise UnreadableResult(
                f"{path} holds neither {' nor '.join(_FILES)}: "
                "name a directory that a finished run, compare or ablate wrote"
            )
        path = found[0]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableResult(f"{path} cannot be read ({error}): name a finished run's directory") from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableResult(
            f"{path}:{error.lineno}:{error.colno}: this is not JSON ({error.msg}): run it again, it was cut or edited"
        ) from error
    return check(document, where=str(path))


def check(document: Any, *, where: str = "document") -> Document:
    """The same document, once its schema and the fields that every report needs have been checked."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, str) or schema not in _NEEDED:
        raise UnreadableResult(
            f"{where}: schema is {schema!r}, this version reads {', '.join(_NEEDED)}: "
            "use the version of tieout that wrote it"
        )
    for name, wanted in _NEEDED[schema].items():
        if not isinstance(document.get(name), wanted):
            raise UnreadableResult(
                f"{where}: field {name!r} should be of type {wanted.__name__}, found {document.get(name)!r:.60}: "
                "run it again, it was cut or edited"
            )
    if schema != RUN_SCHEMA:
        for number, run in enumerate(document["runs"]):
            check(run, where=f"{where}, runs[{number}]")
    checked: Document = document
    return checked
