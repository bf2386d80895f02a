"""One test's runs: made when it comes to them, judged, told of when it fails, and kept until it passes."""

import os
from collections import Counter
from pathlib import Path

import pytest

from harness.endings import RunFailed, Trouble
from harness.pytest_plugin import RUNNER, SEED, STATE, State, params_of, refuse, seeds_of, test_of, words_of
from harness.testing import kept, telling
from harness.testing.asked import Asked, asked
from harness.testing.for_ci import told_of_test
from harness.testing.outcome import Run
from harness.testing.performing import Ahead, Performed, perform
from harness.testing.runner import Runner, Tried
from harness.testing.sometimes import Share, share_of
from scenarios.errors import ScenarioError

TOLD_RUNS = 3
"""Of how many of its runs, the last ones, a failing test tells."""


def runner_of(item: pytest.Item, kept_seed: int | None = None) -> Runner:
    """What runs scenarios for a test. Those that name no seed have the `kept_seed`, or the one asked for."""
    if RUNNER not in item.stash:
        seed = item.config.stash[STATE].seed if kept_seed is None else kept_seed
        item.stash[RUNNER] = Runner(_as_argument(item), item.path.parent, seed)
    return item.stash[RUNNER]


def _as_argument(item: pytest.Item) -> str:
    """The test as an argument of pytest, where we are."""
    path = Path(os.path.relpath(item.path, item.config.invocation_params.dir))
    return f"{path.as_posix()}::{item.nodeid.partition('::')[2]}"


def judge(item: pytest.Item) -> str:
    """Fail a marked test whose run breaks an expectation, or has none. Why it was judged by none; empty if by some."""
    __tracebackhide__ = True
    run = marked_run(item)
    if not run.expectations:
        pytest.fail(f"{run!r}: nothing was checked: say what is expected, with expect=[…]", pytrace=False)
    if not run.held:
        pytest.fail("\n".join(telling.failure(run)), pytrace=False)
    return "" if any(each.judged for each in run.expectations) else "; ".join(telling.unjudged(run))


def marked_run(item: pytest.Item) -> Run:
    """The run of a marked test: made now, or before with the others of its mark. Raises what ended it."""
    __tracebackhide__ = True
    wanted, seed, runner = _asked(item), params_of(item)[SEED], runner_of(item)
    made = _made(item, wanted, seed)
    if isinstance(made, Exception):
        if isinstance(made, RunFailed):  # what was asked for in vain is a mistake in the test, and no example
            runner.failed(wanted, seed, made)
        pytest.fail("\n".join([str(made), *getattr(made, "__notes__", ())]), pytrace=False)
    return runner.ran(wanted, made, apart=True)


def _asked(item: pytest.Item) -> Asked:
    """What a test's marks ask for."""
    words = {name: said for name, said in words_of(item).items() if name != "seeds"}
    try:
        return asked(words.pop("scenario"), beside=item.path.parent, **words)
    except TypeError as error:
        refuse(item, str(error))


def _made(item: pytest.Item, wanted: Asked, seed: int) -> Performed | Exception:
    """What came of a run: it, or what ended it. It is kept for as long as other tests will want it."""
    state, own = item.config.stash[STATE], (*wanted.key, seed)
    if state.still is None:
        _look_ahead(item.session, state)
    assert state.still is not None
    if own not in state.finished:
        state.finished[own] = (state.ahead and state.ahead.result(wanted, seed)) or _here(wanted, seed)
    state.still[own] -= 1
    return state.finished[own] if state.still[own] > 0 else state.finished.pop(own)


def _here(wanted: Asked, seed: int) -> Performed | Exception:
    """What comes of a run in this process."""
    try:
        return perform(wanted, seed)
    except (Trouble, ScenarioError, ValueError) as error:
        return error


def _look_ahead(session: pytest.Session, state: State) -> None:
    """Count how many tests want each run, and have others make them if there is more than one job."""
    wanted = [(_asked(item), params_of(item)[SEED]) for item in session.items if SEED in params_of(item)]
    state.still = Counter((*asked.key, seed) for asked, seed in wanted)
    if state.jobs > 1:
        state.ahead = Ahead(wanted, state.jobs)
        state.remarks += state.ahead.remarks


def account(item: pytest.Item, report: pytest.TestReport) -> None:
    """Have the report of a test tell of its runs, keep the example if it failed, and forget it if it passed."""
    state, runner, test = item.config.stash[STATE], item.stash[RUNNER], test_of(item)
    runs, said = [each.run for each in runner.tried if each.run], report.longreprtext
    if report.failed:
        _tell(report, runs)
    try:
        if report.failed and runner.tried:
            kept.keep(state.folder, _example(test, runner.tried[-1], report))
        elif report.passed and report.when == "call":
            kept.forget(state.folder, test, (each.seed for each in runner.tried if each.seed is not None))
    except OSError as error:
        report.sections.append(("tieout", f"the example could not be kept in {state.folder}: {error}"))
    if report.failed or (runner.tried and report.when == "call"):
        share: Share | None = None
        if runs and report.when == "call" and SEED in params_of(item):
            seeds = [] if state.seed is not None else seeds_of(item, state)
            share = share_of(runs[-1], test, seeds)
        told = told_of_test(report.nodeid, runner.tried, said if report.failed else None)
        report.tieout = {"share": share, "told": told}  # type: ignore[attr-defined]  # reports carry what is put on them


def _tell(report: pytest.TestReport, runs: list[Run]) -> None:
    """Have the failure tell of the runs, unless it does so already: in its own text, which JUnit files have too."""
    said = report.longreprtext
    told = ["\n".join(telling.failure(run)) for run in runs[-TOLD_RUNS:] if telling.headline(run) not in said]
    if told:
        add = getattr(report.longrepr, "addsection", lambda *section: report.sections.append(section))
        add("tieout", "\n\n".join(told))


def _example(test: str, tried: Tried, report: pytest.TestReport) -> kept.Example:
    run, wanted = tried.run, tried.asked
    layer = (
        run.layer if run else wanted.layer if isinstance(wanted.layer, str) else getattr(wanted.layer, "__name__", "")
    )
    return kept.Example(
        test=test,
        seed=tried.seed or 0,
        scenario=wanted.scenario,
        layer=layer,
        overrides=wanted.overrides,
        expected=wanted.expected,
        pinned=tried.pinned or tried.seed is None,
        replay=next(iter(tried.replay()), "").removeprefix("replay: "),
        told=telling.headline(run) if run else report.longreprtext.strip().splitlines()[-1],
    )
