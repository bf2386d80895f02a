"""A scenario with every default spelled out: as YAML that loads to the same scenario, and as a digest."""

import json
from hashlib import blake2b
from typing import Any

import yaml

from scenarios.marked import SCALARS
from scenarios.schema import Scenario


def dump(scenario: Scenario) -> str:
    """The scenario as YAML, every field with its value. Loading it gives an equal scenario."""
    return yaml.dump(_written(scenario), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def dump_said(scenario: Scenario) -> str:
    """The same with what was said alone; of sections and lists, with those that are not so by default."""
    said = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    changed = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return yaml.dump(_changed(said, changed), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def digest(scenario: Scenario) -> str:
    """A hex digest of all that the scenario says, whatever the layout of its file."""
    canonical = json.dumps(_written(scenario), sort_keys=True, separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=16).hexdigest()


def differing(one: Scenario, other: Scenario) -> list[str]:
    """The keys of a scenario's file, such as `faults`, that the two say something else under."""
    left, right = _written(one), _written(other)
    return [key for key in dict.fromkeys((*left, *right)) if left.get(key) != right.get(key)]


def _written(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)


def _changed(said: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _changed(value, changed[key]) if isinstance(value, dict) else value
        for key, value in said.items()
        if key in changed or not isinstance(value, dict | list)
    }


class _Dumper(yaml.SafeDumper):
    """Quotes text that our own reader, or one of YAML 1.1, would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _scalar in SCALARS:
    _Dumper.add_implicit_resolver(*_scalar)
