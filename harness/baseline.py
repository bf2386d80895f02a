"""An earlier result that new runs are held against: whether it can be, and which layer matches which.

Like is compared with like: the scenario must be the same but for what no run feels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from harness.endings import Invalid
from harness.layers import BUILT_IN
from harness.regression import Tolerances
from harness.replication import program_version
from reports.reading import seeds_shown
from reports.result import UnreadableResult, load
from reports.wording import listing
from scenarios.errors import ScenarioError
from scenarios.load import loads
from scenarios.resolved import differing, digest
from scenarios.schema import Scenario

UNFELT = ("title", "expect", "compare", "seed")
"""What a scenario says that no run feels: whoever changes it need not make his baseline anew."""

SEEDS_MIN = 2
"""What an estimate needs on each side where nothing is paired."""

Run: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier result that these runs can be held against. `of` says which of its layers each layer matches."""

    path: Path
    program: str
    runs: Mapping[str, Mapping[int, Run]]
    of: Mapping[str, str]
    remarks: tuple[str, ...]
    tolerances: Tolerances

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.path if self.path.is_dir() else self.path.parent


def baseline_of(
    path: Path, scenario: Scenario, layers: Sequence[str], seeds: Sequence[int], tolerances: Tolerances
) -> Baseline:
    """The baseline at `path` for these runs. Raises Invalid, before any of them begins, if nothing can be compared."""
    try:
        document: Any = load(path)
    except UnreadableResult as error:
        raise Invalid(f"--baseline: {error}") from None
    if document["schema"] == "tieout.ablate/1":
        raise Invalid(f"--baseline {path} is an ablation: name a directory that `tieout run` or `compare` wrote")
    runs: dict[str, dict[int, Run]] = {}
    for run in document.get("runs", [document]):
        runs.setdefault(run["layer"], {})[run["seed"]] = run
    if not runs:
        raise Invalid(f"--baseline {path} has no finished run: run it again")
    _ensure_same_scenario(path, next(iter(next(iter(runs.values())).values())), scenario)
    matches = _matches(path, list(runs), layers)
    for layer, earlier in matches.items():
        _ensure_enough(path, layer, seeds, list(runs[earlier]))
    program = document.get("tieout", "")
    remarks = [*_of_layers(matches, list(runs), layers), *_of_program(program)]
    if not document.get("complete", True):
        remarks.append("the baseline was interrupted: only its finished runs are compared")
    return Baseline(path, program, runs, matches, tuple(remarks), tolerances)


def _ensure_same_scenario(path: Path, run: Run, scenario: Scenario) -> None:
    """Raise Invalid if the baseline's scenario differs in what a run feels."""
    anew = "make the baseline anew with this scenario, and compare with that"
    if run["scenario"] != scenario.name:
        raise Invalid(f"--baseline {path} is of scenario {run['scenario']!r}, not {scenario.name!r}: {anew}")
    if run.get("scenario_digest") == digest(scenario):
        return
    folder = path if path.is_dir() else path.parent
    try:
        earlier = loads((folder / "scenario.yaml").read_text(encoding="utf-8"), "scenario.yaml")
    except (OSError, UnicodeDecodeError, ScenarioError):
        raise Invalid(f"--baseline {path} is of another {scenario.name!r}, with other settings: {anew}") from None
    felt = [key for key in differing(earlier, scenario) if key not in UNFELT]
    if felt or digest(earlier) != run.get("scenario_digest"):
        where = f"it says something else under {listing(felt)}" if felt else "with other settings"
        raise Invalid(f"--baseline {path} is of another {scenario.name!r}, {where}: {anew}")


def _matches(path: Path, earlier: Sequence[str], layers: Sequence[str]) -> dict[str, str]:
    """Which of the baseline's layers each layer is held against.

    It is that of the same name and options; else that of the same name, if there is no other; else the only one.
    """
    found = {layer: layer for layer in layers if layer in earlier}
    for layer in layers:
        free = [one for one in earlier if _name(one) == _name(layer) and one not in layers]
        rivals = [one for one in layers if _name(one) == _name(layer) and one not in earlier]
        if len(free) == len(rivals) == 1 and layer in rivals:
            found[layer] = free[0]
    if not found and len(layers) == len(earlier) == 1:
        return {layers[0]: earlier[0]}
    if not found:
        raise Invalid(
            f"--baseline {path} has {listing(earlier)}, and none of {listing(layers)}: name a baseline with that layer"
        )
    return {layer: found[layer] for layer in layers if layer in found}


def _name(layer: str) -> str:
    """A layer without its options."""
    words = layer.split(":")
    return ":".join(words[: 1 if words[0] in BUILT_IN else 2])


def _ensure_enough(path: Path, layer: str, seeds: Sequence[int], earlier: Sequence[int]) -> None:
    """Raise Invalid if no seed is common and a side has too few for an estimate."""
    if not set(seeds) & set(earlier) and min(len(seeds), len(earlier)) < SEEDS_MIN:
        raise Invalid(
            f"--baseline {path} has {seeds_shown(sorted(earlier))} of {layer}, and not {seeds_shown(sorted(seeds))}: "
            "one seed against another tells nothing; run with the same seeds"
        )


def _of_layers(matches: Mapping[str, str], earlier: Sequence[str], layers: Sequence[str]) -> list[str]:
    said = list[str]()
    new = [layer for layer in layers if layer not in matches]
    gone = [layer for layer in earlier if layer not in matches.values()]
    if new:
        said.append(f"not in the baseline, and so not compared: {listing(new)}")
    if gone and len(layers) > 1:
        said.append(f"in the baseline only, and so not compared: {listing(gone)}")
    return said


def _of_program(program: str) -> list[str]:
    if program == program_version():
        return []
    return [
        f"the baseline was made by tieout {program or 'of an unknown version'}, this is {program_version()}: "
        "what changed may be the simulator; make the baseline anew with this version"
    ]
