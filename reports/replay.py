"""The one command that runs again what a document tells of."""

import shlex
from collections.abc import Mapping
from typing import Any

from reports.result import RunDocument, Settings

_DROPPED = ("--layer", "--layers", "--seed", "--seeds", "--out", "--jobs", "--junit-xml")
_DROPPED_FLAGS = ("--json", "--quiet", "--strict", "--check-determinism")


def replay_command(run: RunDocument, settings: Settings) -> str:
    """The command that runs this layer with this seed again, alone, for a shell.

    It keeps the scenario and the overrides of the command that made the document, where that is known.
    """
    kept = _kept(shlex.split(settings.get("command", "")))
    return shlex.join([
        *(kept or ["tieout", "run", run["scenario"]]),
        *("--layer", _layer(run["layer"], run.get("layer_options", {})), "--seed", str(run["seed"])),
    ])  # fmt: skip


def _kept(words: list[str]) -> list[str]:
    """The words of a `tieout run` or `tieout compare` that say what to run, as a `tieout run`."""
    if not words or not {"run", "compare"} & set(words):
        return []
    verb = min(words.index(each) for each in ("run", "compare") if each in words)
    kept, skip = [*words[:verb], "run"], False
    for word in words[verb + 1 :]:
        if not skip and word.partition("=")[0] not in (*_DROPPED, *_DROPPED_FLAGS):
            kept.append(word)
        skip = not skip and word in _DROPPED
    return kept


def _layer(layer: str, options: Mapping[str, Any]) -> str:
    """The layer with its options, as the command line takes them."""
    if ":" in layer or not options:
        return layer
    return f"{layer}:{','.join(f'{name}={_option(value)}' for name, value in options.items())}"


def _option(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
