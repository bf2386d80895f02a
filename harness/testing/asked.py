"""What a test asks for: a scenario, a layer, and what is changed and expected, as the command line would be told."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.values import nearest

LAYER = "event-driven"
"""The layer of who names none: that of `tieout run`."""

FILES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Asked:
    """One run, but for its seed. `overrides` and `expected` are the texts of --set and --expect.

    `layer` is a name or the object itself, `options` are those of the layer, as `key=value,…`.
    """

    scenario: str
    layer: Any
    options: str = ""
    overrides: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What two of them have in common that ask for the same."""
        layer = self.layer if isinstance(self.layer, str) else id(self.layer)
        return self.scenario, layer, self.options, self.overrides, self.expected

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command line that say this, but for its layer."""
        sets = [word for said in self.overrides for word in ("--set", said)]
        expects = [word for said in self.expected for word in ("--expect", said)]
        return (self.scenario, *sets, *expects)


def asked(
    scenario: str | Path,
    *,
    layer: Any = LAYER,
    options: Mapping[str, object] | str = "",
    set: Mapping[str, object] | Sequence[str] | str = (),
    faults: Iterable[Mapping[str, object]] | None = None,
    expect: Sequence[str] | str = (),
    beside: Path | None = None,
) -> Asked:
    """What is asked for, from the words of a test. Raises TypeError for what cannot be one of them.

    `set` has fields of the scenario by dotted name, or texts such as `business.contracts=50`; `faults` stand in place
    of the scenario's own. A scenario's file is looked for where we are, then `beside` the test.
    """
    overrides = [*_overrides(set)]
    if faults is not None:
        overrides.append(f"faults={_said([dict(fault) for fault in faults])}")
    expected = (expect,) if isinstance(expect, str) else tuple(map(_text("expect"), expect))
    given = options if isinstance(options, str) else ",".join(f"{name}={value}" for name, value in options.items())
    return Asked(_placed(scenario, beside), layer, given, tuple(overrides), expected)


def unknown_words(given: Iterable[str], known: Collection[str]) -> str:
    """What is wrong with words that are none of the known; empty if there are none such."""
    unknown = sorted(word for word in given if word not in known)
    if not unknown:
        return ""
    near = nearest(unknown[0], sorted(known))
    meant = f"; did you mean {near!r}?" if near else "."
    return f"unknown {', '.join(map(repr, unknown))}{meant} It takes {', '.join(sorted(known))}"


def _overrides(said: Mapping[str, object] | Sequence[str] | str) -> Iterable[str]:
    if isinstance(said, str):
        return [said]
    if isinstance(said, Mapping):
        return [f"{name}={_said(value)}" for name, value in said.items()]
    return map(_text("set"), said)


def _said(value: object) -> str:
    """A value as a scenario's file has it: text as it stands, all else as JSON, which is YAML."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _text(name: str) -> Callable[[object], str]:
    def text(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{name} takes texts, not {value!r}: write for example {name}={EXAMPLES[name]}")
        return value

    return text


EXAMPLES = {"set": '{"business.contracts": 50}', "expect": '["duplicates == 0"]'}


def _placed(scenario: str | Path, beside: Path | None) -> str:
    if not isinstance(scenario, str | Path):
        raise TypeError(f"a scenario is a name from `tieout scenarios` or a YAML file's path, not {scenario!r}")
    path = Path(scenario)
    if path.suffix not in FILES or path.exists() or beside is None or not (beside / path).exists():
        return str(scenario)
    near = (beside / path).resolve()
    return str(near.relative_to(Path.cwd()) if near.is_relative_to(Path.cwd()) else near)
