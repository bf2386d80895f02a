"""Runs a scenario for one test, and remembers what was asked for and what came of it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.endings import RunFailed, Trouble
from harness.testing.asked import Asked, asked, unknown_words
from harness.testing.outcome import Replay, Run
from harness.testing.performing import Performed, perform, replay_of
from harness.testing.telling import raised_in
from scenarios.errors import ScenarioError

_WORDS = ("scenario", "layer", "options", "seed", "set", "faults", "expect")
"""What a run takes."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A run that was asked for, and what came of it: `run`, or nothing if it was ended early.

    `pinned` says that the test itself names the seed, `replay` how it is made again.
    """

    asked: Asked
    seed: int | None
    pinned: bool
    run: Run | None
    replay: Replay


class Runner:
    """What a test is given as `tieout`: it runs scenarios. `seed` is for runs that name none."""

    def __init__(self, test: str, beside: Path, seed: int | None = None) -> None:
        self.tried: list[Tried] = []
        self._test = test
        self._beside = beside
        self._seed = seed

    def run(
        self,
        scenario: str | Path,
        *,
        seed: int | None = None,
        set: Any = (),
        expect: Sequence[str] | str = (),
        **more: Any,
    ) -> Run:
        """Run a layer through a scenario: `run("billing-outage", layer=MyLayer, seed=3)`.

        `layer` is a built-in name with options, `module:Attr`, or the class, app or function itself; `options` are the
        layer's. `set` overrides fields, `faults` stand in place of the scenario's own, `expect` adds thresholds.
        Raises what `tieout run` ends with, as Trouble or ScenarioError.
        """
        __tracebackhide__ = True
        number = self._seed if seed is None else seed
        if wrong := unknown_words(more, _WORDS):
            raise TypeError(f"tieout.run: {wrong}")
        try:
            wanted = asked(scenario, set=set, expect=expect, beside=self._beside, **more)
            performed = perform(wanted, number)
        except RunFailed as failed:
            self.failed(wanted, number, failed, pinned=seed is not None)
            raise failed.with_traceback(None) from None
        except (Trouble, ScenarioError, ValueError, TypeError) as error:
            raise error.with_traceback(None) from None  # what was asked for is wrong: our own lines tell nobody more
        return self.ran(wanted, performed, pinned=seed is not None)

    def ran(self, wanted: Asked, performed: Performed, *, pinned: bool = False, apart: bool = False) -> Run:
        """Take note of a finished run. What has to hold sometimes is judged `apart` from it, or by it alone."""
        replay = self._replay(wanted, performed.document["seed"])
        run = Run(performed, replay, sometimes_apart=apart)
        self.tried.append(Tried(wanted, run.seed, pinned, run, replay))
        return run

    def failed(self, wanted: Asked, seed: int | None, trouble: Exception, *, pinned: bool = False) -> None:
        """Take note of a run that was ended early, and have its error say where."""
        replay: Replay = _nothing
        if isinstance(trouble, RunFailed):
            seed, replay = trouble.seed, self._replay(wanted, trouble.seed)
            if not hasattr(trouble, "__notes__"):
                trouble.add_note("\n".join([*raised_in(trouble.details), *replay()]))
        self.tried.append(Tried(wanted, seed, pinned, None, replay))

    def _replay(self, wanted: Asked, seed: int) -> Replay:
        """What gives the lines that say how to make a run again, and to expect these thresholds too."""

        def lines(*more: str) -> list[str]:
            command = replay_of(wanted, seed, *more)
            if command:
                return [f"replay: {command}"]
            by_pytest = shlex.join(["pytest", self._test, "--tieout-seed", str(seed)])
            return [
                f"replay: {by_pytest}",
                "  (`tieout run` could find the layer at the top of a module alone)",
            ]

        return lines


def _nothing(*more: str) -> list[str]:
    """How to make again what never began."""
    return []
