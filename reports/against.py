"""What a document says against its baseline: a row a metric, and in sentences what got worse, better, or stayed."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.directions import DIRECTIONS
from reports.reading import seeds_shown
from reports.result import AgainstLayer, AgainstMetric, Baseline, Document
from reports.wording import bounds, listing, plain, several, share, shown, signed, spoken

TITLE = "Against the baseline"
_ORDER = {"worse": 0, "unclear": 1, "better": 2}
_BASES = {
    "fact": "as a fact of these seeds",
    "estimate": "beyond luck and tolerance",
    "identical": "the same runs",
    "none": "which nothing judges",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one layer against the baseline, in words."""

    layer: str
    metric: str
    title: str
    short: str
    before: str
    after: str
    change: str
    relative: str
    verdict: str
    basis: str

    @property
    def sentence(self) -> str:
        """`event lag p95 12.9 min → 15.1 min, +2.2 min [2, 2.4], +17 %`."""
        changed = ", ".join(each for each in (self.change, self.relative) if each)
        return f"{self.title} {self.before} → {self.after}{f' ({changed})' if changed else ''}"


def baseline(document: Document) -> Baseline | None:
    """What the document says against a baseline, if it was held against one."""
    found: Baseline | None = document.get("baseline")
    return found


def rows_of(layer: str, against: AgainstLayer) -> list[Row]:
    """The judged metrics that are not the same, the worst first; but for what is not judged and hardly differs."""
    found = [
        _row(layer, name, each)
        for name, each in against["metrics"].items()
        if each["verdict"] in _ORDER and not _hardly(each)
    ]
    return sorted(found, key=lambda row: _ORDER[row.verdict])


def worsened(document: Document) -> list[Row]:
    """Everything that is worse than in the baseline, layer by layer."""
    return _changed(document, "worse")


def improved(document: Document) -> list[Row]:
    """Everything that is better than in the baseline, layer by layer."""
    return _changed(document, "better")


def judged_rows(layer: str, against: AgainstLayer) -> list[Row]:
    """Every metric that has a better and a worse way, as it was judged."""
    return [_row(layer, name, each) for name, each in against["metrics"].items() if each["verdict"] != "told"]


def unchanged(against: AgainstLayer) -> str:
    """Which measures are the same, or seem so, in a sentence or two; nothing where it goes without saying."""
    if against["identical"]:
        return ""
    same = [_title(name) for name, each in against["metrics"].items() if each["verdict"] == "same"]
    hardly = [_title(name) for name, each in against["metrics"].items() if _hardly(each)]
    said = [f"The same, within the tolerance: {listing(same)}."] if same else []
    said += [f"Not judged, and within the tolerance: {listing(hardly)}."] if hardly else []
    return " ".join(said)


def only_told(against: AgainstLayer) -> str:
    """What changed and is neither better nor worse by itself, in one sentence; nothing where nothing did."""
    told = [
        _row("", name, each)
        for name, each in against["metrics"].items()
        if each["verdict"] == "told" and each["before"] != each["after"]
    ]
    return f"Only told: {listing([f'{row.title} {row.before} → {row.after}' for row in told])}." if told else ""


def how_compared(layer: str, against: AgainstLayer) -> str:
    """Which runs were compared, and how."""
    whose = layer if against["layer"] == layer else f"{layer} against {against['layer']}"
    if against["identical"]:
        return f"{whose}: the same runs, byte for byte, with {seeds_shown(against['seeds'])}."
    if against["paired"]:
        return f"{whose}: paired by seed, {seeds_shown(against['seeds'])}."
    return f"{whose}: not paired, {seeds_shown(against['seeds'])} against {seeds_shown(against['baseline_seeds'])}."


def rule(found: Baseline) -> str:
    """By what rule something is called better or worse; nothing where all runs are the same."""
    if all(each["identical"] for each in found["layers"].values()):
        return ""
    own = [f"{name} {'any' if each is None else share(each)}" for name, each in found["tolerances"].items()]
    tolerance = f"{share(found['tolerance'])}{f' ({listing(own)})' if own else ''}"
    facts = "What was never wrong and now is, or the other way round, is a fact of these seeds"
    if not found["estimates"]:
        return f"{facts}, as is every count of what is wrong with one seed. Tolerance: {tolerance}."
    return (
        f"{facts}. All else is better or worse where Student's 95 % interval lies beyond the tolerance of {tolerance}, "
        f"after {found['correction']}'s correction for {several(found['estimates'], 'estimate')}."
    )


def summed_up(document: Document) -> str:
    """In one sentence, without its stop: what got worse and what got better."""
    worse, better, unclear = (_changed(document, verdict) for verdict in ("worse", "better", "unclear"))
    if not worse and not better:
        open_ = f", but {several(len(unclear), 'measure')} unclear" if unclear else ""
        return f"nothing got worse than in the baseline{open_}"
    told = [f"{words} than in the baseline: {listing(_names(rows))}" for words, rows in
            (("worse", worse), ("better", better)) if rows]  # fmt: skip
    return "; ".join(told)


def _names(rows: Sequence[Row]) -> list[str]:
    """The titles with the layers that they are of, where there are several."""
    several_layers = len({row.layer for row in rows}) > 1
    by_title: dict[str, list[str]] = {}
    for row in rows:
        by_title.setdefault(row.title, []).append(row.layer)
    return [f"{title} ({', '.join(layers)})" if several_layers else title for title, layers in by_title.items()]


def _changed(document: Document, verdict: str) -> list[Row]:
    found = baseline(document)
    layers = found["layers"].items() if found else ()
    return [row for layer, against in layers for row in rows_of(layer, against) if row.verdict == verdict]


def _hardly(each: AgainstMetric) -> bool:
    """Whether a metric is not judged, but does not differ by more than its margin either."""
    size = each["difference"]["mean"]
    return each["verdict"] == "unclear" and each["basis"] == "none" and size is not None and abs(size) <= each["margin"]


def _row(layer: str, name: str, each: AgainstMetric) -> Row:
    unit, before, after = each["unit"], each["before"], each["after"]
    difference = each["difference"]
    change = signed(difference["mean"], unit) if difference["mean"] is not None else ""
    interval = bounds(difference, unit) if each["basis"] == "estimate" else ""
    relative = ""
    if before and after is not None:
        relative = signed((after - before) / abs(before), "share")
    return Row(
        layer=layer,
        metric=name,
        title=_title(name),
        short=_short(name),
        before=shown(before, unit),
        after=shown(after, unit),
        change=f"{change} {interval}".strip(),
        relative=relative,
        verdict=each["verdict"],
        basis=_BASES[each["basis"]],
    )


def _short(name: str) -> str:
    return DIRECTIONS[name].measure.short if name in DIRECTIONS else _title(name)


def _title(name: str) -> str:
    return DIRECTIONS[name].measure.title if name in DIRECTIONS else spoken(plain(name).replace(".", ": "))
