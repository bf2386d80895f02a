"""Means over a layer's runs of what they count by name: breaks by kind and cause, calls by outcome."""

from collections.abc import Mapping, Sequence
from typing import Literal

from reports.reading import Results
from reports.result import RunDocument


def breaks_by(field: Literal["by_kind", "by_cause"], runs: Sequence[RunDocument]) -> dict[str, float]:
    """Mean number of breaks in a run, by kind or by cause."""
    total: dict[str, int] = {}
    for run in runs:
        for name, number in run["breaks"][field].items():
            total[name] = total.get(name, 0) + number
    return {name: number / len(runs) for name, number in total.items()}


def calls_to(system: str, runs: Sequence[RunDocument]) -> dict[str, float]:
    """Mean calls per contract to one system, by outcome."""
    total: dict[str, float] = {}
    for run in runs:
        contracts = run.get("truth", {}).get("contracts", 0) or 1
        for call in run.get("calls", []):
            if call["system"] == system:
                total[call["outcome"]] = total.get(call["outcome"], 0) + call["count"] / contracts / len(runs)
    return total


def ranked(parts: Sequence[Mapping[str, float]], first: str = "") -> list[str]:
    """All names of the parts, the largest in total first, after the one that always comes first."""
    total: dict[str, float] = {}
    for tally in parts:
        for name, number in tally.items():
            total[name] = total.get(name, 0.0) + number
    return sorted(total, key=lambda name: (name != first, -total[name], name))


def flow_names(results: Results) -> list[str]:
    """The flows that the runs tell of, in their order."""
    flows = (flow["flow"] for runs in results.runs.values() for run in runs for flow in run.get("flows", []))
    return list(dict.fromkeys(flows))


def system_names(results: Results) -> list[str]:
    """The systems that the runs called, in their order."""
    calls = (call["system"] for runs in results.runs.values() for run in runs for call in run.get("calls", []))
    return list(dict.fromkeys(calls))
