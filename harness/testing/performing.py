"""Makes the runs that tests ask for: one in this process, or several on worker processes."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

from harness.attempts import attempt
from harness.commands.options import scenario_of
from harness.endings import Surroundings, Trouble
from harness.expectations import metric_and_text
from harness.explain.at_once import stories_at_once
from harness.layers import LayerChoice
from harness.replication import replicate
from harness.shadowing import shadowed
from harness.testing.asked import Asked
from harness.testing.brought import brought
from harness.testing.chosen import chosen
from harness.workers import each_result
from reports.story import Story
from scenarios.errors import ScenarioError
from scenarios.load import loads
from scenarios.resolved import dump
from scenarios.schema import Scenario

Key: TypeAlias = tuple[object, ...]
"""What tells a run from others: what is asked for, and the seed."""


@dataclass(frozen=True, slots=True)
class Performed:
    """A finished run: its document, all breaks that are open at its end, and the story of the one to tell of."""

    document: dict[str, Any]
    breaks: Sequence[dict[str, Any]]
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A run for a worker process: the scenario as its resolved text, the layer by a name that can be imported.

    `text` is what the layer is called in what is told of the run.
    """

    key: Key
    scenario: str
    layer: str
    text: str
    seed: int


def perform(asked: Asked, seed: int | None = None) -> Performed:
    """Make one run, with the scenario's own seed if none is given. Raises Trouble and ScenarioError."""
    _ensure_not_shadowed()
    scenario = scenario_for(asked)
    number = scenario.seed if seed is None else seed
    found = brought(asked.layer, asked.options)
    return _told(asked, found.choice.text, *_run(scenario, found.choice, number))


class Ahead:
    """Makes the runs that tests will ask for on worker processes, in their order, while others are being judged.

    `remarks` say which layers no other process can have: runs of theirs are not among them.
    """

    def __init__(self, wanted: Iterable[tuple[Asked, int]], jobs: int) -> None:
        _ensure_not_shadowed()
        self.remarks: list[str] = []
        self._asked: dict[Key, Asked] = {}
        tasks = [task for asked, seed in wanted if (task := self._task(asked, seed))]
        self._results = each_result(_worked, tasks, jobs)
        self._arrived: dict[Key, Performed | Exception] = {}

    def result(self, asked: Asked, seed: int) -> Performed | Exception | None:
        """What came of a run, or what ended it; None if it is not among them. Waits for it."""
        key = (*asked.key, seed)
        if key not in self._asked:
            return None
        while key not in self._arrived:
            arrived, result = next(self._results)
            self._arrived[arrived] = result if isinstance(result, Trouble) else _told(self._asked[arrived], *result)
        return self._arrived.pop(key)

    def close(self) -> None:
        """End what is still being made."""
        self._results.close()

    def _task(self, asked: Asked, seed: int) -> Task | None:
        """A run as a task for another process; none if it cannot be one: then it is made, or refused, in this one."""
        key = (*asked.key, seed)
        if key in self._asked:
            return None
        try:
            text = dump(scenario_for(asked))
            found = brought(asked.layer, asked.options)
        except (Trouble, ScenarioError, ValueError):
            return None
        if not found.worker:
            self.remarks.append(
                f"{found.choice.text} is run in this process: it is at the top of no module that another can import"
            )
            return None
        self._asked[key] = asked
        return Task(key, text, found.worker, found.choice.text, seed)


def scenario_for(asked: Asked) -> Scenario:
    """The scenario, with what is changed and expected. Raises ScenarioError, and ValueError for an expectation."""
    return _scenario(asked.scenario, asked.overrides, asked.expected)


@lru_cache(maxsize=8)
def _scenario(named: str, overrides: Sequence[str], expected: Sequence[str]) -> Scenario:
    return scenario_of(named, overrides, tuple(map(metric_and_text, expected)))


def replay_of(asked: Asked, seed: int, *more: str) -> str:
    """The command line that makes a run again, and expects these thresholds too; empty if none can name its layer."""
    shell = brought(asked.layer, asked.options).shell
    expects = (word for threshold in more for word in ("--expect", threshold))
    words = ["tieout", "run", *asked.words, *expects, "--layer", shell, "--seed", str(seed)]
    return shlex.join(words) if shell else ""


def _told(
    asked: Asked, layer: str, document: dict[str, Any], breaks: Sequence[dict[str, Any]], story: Story | None
) -> Performed:
    command = shlex.join(["tieout", "run", *asked.words])
    return Performed({**document, "layer": layer, "settings": {"command": command}}, breaks, story)


def _worked(task: Task) -> tuple[Key, tuple[str, dict[str, Any], Sequence[dict[str, Any]], Story | None] | Trouble]:
    """What a worker process makes of a task."""
    try:
        choice = replace(brought(task.layer).choice, text=task.text)
        return task.key, (task.text, *_run(_read(task.scenario), choice, task.seed))
    except Trouble as trouble:
        return task.key, trouble


@lru_cache(maxsize=8)
def _read(text: str) -> Scenario:
    return loads(text, "scenario.yaml")


def _run(
    scenario: Scenario, choice: LayerChoice, seed: int
) -> tuple[dict[str, Any], Sequence[dict[str, Any]], Story | None]:
    with modules_kept(), attempt(scenario.name, choice.text, seed):
        done = replicate(scenario, choice, seed)
    found = done.audit
    breaks = [one.document() for one in found.telling(len(found.breaks))]
    stories = stories_at_once(done, chosen(breaks, done.document["expectations"]))
    return done.document, breaks, next(iter(stories), None)


@contextmanager
def modules_kept() -> Iterator[None]:
    """Have the modules be those of before once the block ends: a program imports its own anew, a test's are its own."""
    before = dict(sys.modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module


def _ensure_not_shadowed() -> None:
    hidden = shadowed()
    if hidden:
        raise Surroundings(
            f"{hidden}; under pytest, call `pytest` instead of `python -m pytest`, with --import-mode=importlib"
        )
