"""Which breaks a page writes out, so that a number leads to the contracts behind it and the file stays small."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.reading import Results
from reports.result import Break, RunDocument

BREAKS_MAX = 1200
"""Breaks written out on the page, over all runs: the file stays a few megabytes. The document has the rest."""


@dataclass(frozen=True, slots=True)
class Group:
    """The breaks of one kind under one layer, with the place on the page that a number leads to."""

    id: str
    kind: str
    rows: Sequence[tuple[int, Break]]


def listed_breaks(results: Results) -> dict[str, list[Group]]:
    """The breaks that the page writes out, by layer and kind: of each run as many, of each kind the largest first."""
    listed: dict[str, list[Group]] = {}
    sizes = [len(run["breaks"].get("listed", [])) for runs in results.runs.values() for run in runs]
    each = _fair_share(sizes, BREAKS_MAX)
    for place, (layer, runs) in enumerate(results.runs.items()):
        kinds: dict[str, list[tuple[int, Break]]] = {}
        for run in runs:
            for found in _in_turn(run["breaks"].get("listed", []))[:each]:
                kinds.setdefault(found["kind"], []).append((run["seed"], found))
        groups = [
            Group(f"breaks-{place}-{number}", kind, sorted(rows, key=lambda row: (row[0], _size(row[1]))))
            for number, (kind, rows) in enumerate(sorted(kinds.items()))
        ]
        if groups:
            listed[layer] = groups
    return listed


STORIES_MAX = 60
"""Stories told on the page of a run: each is some ten kilobytes. `tieout explain` tells all of them."""


def breaks_to_tell(run: RunDocument) -> list[Break]:
    """The breaks of a run whose stories its page tells: of each kind in turn the largest."""
    return _in_turn(run["breaks"].get("listed", []))[:STORIES_MAX]


def _fair_share(sizes: Sequence[int], limit: int) -> int:
    """The most that everyone may take so that, with nobody taking more than they have, `limit` is enough."""
    share = max(sizes, default=0)
    while sum(min(size, share) for size in sizes) > limit:
        share -= 1
    return share


def _in_turn(breaks: Sequence[Break]) -> list[Break]:
    """The largest of each kind, then the second largest of each, and so on."""
    ranks: dict[str, int] = {}
    ranked = []
    for found in sorted(breaks, key=_size):
        ranks[found["kind"]] = ranks.get(found["kind"], 0) + 1
        ranked.append((ranks[found["kind"]], found))
    return [found for _, found in sorted(ranked, key=lambda each: each[0])]


def _size(found: Break) -> int:
    return -abs(found.get("amount_minor", 0))


def omitted_breaks(results: Results, listed: Mapping[str, Sequence[Group]]) -> int:
    """How many breaks there are that the page does not write out."""
    written = sum(len(group.rows) for groups in listed.values() for group in groups)
    return sum(run["breaks"]["open_at_close"] for runs in results.runs.values() for run in runs) - written


def system_of(found: Break) -> str:
    """The system that a break is in: of a group, which legal entity's ERP, as `erp-emea`."""
    system, entity = found.get("system", ""), found.get("entity")
    return f"{system}-{entity}" if system == "erp" and entity else system
