"""The one command that runs again what a document tells of."""

import shlex

from reports.result import RunDocument, Settings

_DROPPED = (
    "--layer", "--layers", "--seed", "--seeds", "--out", "--jobs", "--junit-xml", "--github-summary", "--baseline",
    "--tolerance",
)  # fmt: skip
_DROPPED_FLAGS = ("--json", "--quiet", "--strict", "--check-determinism", "--pairs")
_VERBS = ("run", "compare", "ablate")


def replay_command(run: RunDocument, settings: Settings) -> str:
    """The command that runs this layer with this seed again, alone, for a shell.

    It keeps the scenario and the overrides of the command that made the document, where that is known.
    """
    kept = _kept(shlex.split(settings.get("command", "")))
    return shlex.join([
        *(kept or ["tieout", "run", run["scenario"]]),
        *("--layer", run["layer"], "--seed", str(run["seed"])),
    ])  # fmt: skip


def _kept(words: list[str]) -> list[str]:
    """The words of a command that say what to run, as those of a `tieout run`."""
    found = [words.index(each) for each in _VERBS if each in words]
    if not found:
        return []
    verb = min(found)
    kept, skip = [*words[:verb], "run"], False
    for word in words[verb + 1 :]:
        if not skip and word.partition("=")[0] not in (*_DROPPED, *_DROPPED_FLAGS):
            kept.append(word)
        skip = not skip and word in _DROPPED
    return kept
