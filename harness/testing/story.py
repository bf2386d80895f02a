"""A break told in a few lines: what is wrong where, what it is due to, and what else there is on the same contract.

This is what `tieout explain` tells better; whoever wants a break's story asks `story`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.wording import date_time, listing, money, month, plain, several, spoken

LAYER = "layer"


def story(document: Mapping[str, Any], breaks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The story of the first of a run's breaks, the most telling one: its first line names it, the others explain.

    `document` is that of the run; `breaks` are all that are open, as the document lists them. Empty without any.
    """
    if not breaks:
        return []
    first = breaks[0]
    at = [spoken(first["kind"]), f"in {first['system']}:", plain(first["key"])]
    amount = money(first["amount_minor"], first["currency"])
    lines = [f"{' '.join(at)}, {amount}{_of_month(first)}", plain(first["detail"]), _cause(document, first)]
    return lines + _beside(first, breaks)


def _of_month(found: Mapping[str, Any]) -> str:
    return f", {month(found['period'])}" if found["period"] else ""


def _cause(document: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    cause = found["cause"]
    if cause == LAYER:
        return "cause: no fault touched it: the layer did this by itself"
    struck = [fault for fault in document["faults"] if fault["kind"] == cause and fault["hits"]]
    here = [fault for fault in struck if fault["target"] == found["system"]] or struck
    return "; ".join([f"cause: {spoken(cause)}", *(_fault(document, fault) for fault in here)])


def _fault(document: Mapping[str, Any], fault: Mapping[str, Any]) -> str:
    calendar = document["calendar"]
    window = f"{date_time(calendar, fault['from_s'])} to {date_time(calendar, fault['until_s'])}"
    return f"{plain(fault['name'])} struck {several(fault['hits'], 'time')}, {window}"


def _beside(first: Mapping[str, Any], breaks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What else is broken: on the same key, and in all."""
    alike = [found for found in breaks[1:] if found["key"] == first["key"]]
    others = len(breaks) - 1 - len(alike)
    kinds = listing([*dict.fromkeys(f"{spoken(found['kind'])} in {found['system']}" for found in alike)])
    lines = [f"and on {plain(first['key'])}: {kinds}"] if alike else []
    return lines + ([f"and {several(others, 'more break')}"] if others else [])
