"""The pytest plugin `tieout`: runs of scenarios as tests.

Whoever has Tieout installed has this loaded with every run of pytest, so it imports nothing but pytest, and all that
makes runs only once a test asks for one.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections import Counter

    from harness.testing.for_ci import ForCI
    from harness.testing.kept import Example
    from harness.testing.outcome import Run
    from harness.testing.performing import Ahead, Performed
    from harness.testing.runner import Runner
    from harness.testing.sometimes import Together

MARK = "tieout"
SEED = "tieout_seed"
"""The argument that a marked test is run with once for each seed, and the fixture that hands it on."""

SEEDS = 5
"""How many seeds a mark stands for that names none: as many as a comparison, unless its scenario says otherwise."""

WORDS = frozenset({"scenario", "layer", "options", "set", "faults", "expect", "seeds"})
"""What a mark takes."""

AS_WRITTEN = "as-written"

STATE = pytest.StashKey["State"]()
RUNNER = pytest.StashKey["Runner"]()


# --- options and header ------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and the ini setting."""
    group = parser.getgroup("tieout", "Tieout: scenarios as tests")
    group.addoption("--tieout-seeds", type=_at_least(1), metavar="N", help="Run marked tests with seeds 0 to N-1.")
    group.addoption(
        "--tieout-seed",
        type=_at_least(0),
        metavar="N",
        help="Run marked tests, and runs that name no seed, with this one alone. [env: TIEOUT_SEED]",
    )
    group.addoption(
        "--tieout-jobs",
        type=_at_least(1),
        default=1,
        metavar="N",
        help="Run a mark's seeds on N processes. Default: 1.",
    )
    group.addoption("--tieout-failures", metavar="DIR", help="Where examples that failed are kept.")
    parser.addini(
        "tieout_failures",
        "Where examples that failed are kept, to be tried first next time.",
        default=".tieout/failures",
    )


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is no whole number from {least} on")
        return int(text)

    return number


def _seed_of_environment() -> int | None:
    said = os.environ.get("TIEOUT_SEED")
    try:
        return _at_least(0)(said) if said else None
    except ArgumentTypeError as error:
        raise pytest.UsageError(f"TIEOUT_SEED: {error}") from None


class State:
    """What the plugin knows in one run of pytest."""

    def __init__(self, config: pytest.Config) -> None:
        said = config.getoption("--tieout-failures") or config.getini("tieout_failures")
        self.folder = config.rootpath / said
        self.seeds: int | None = config.getoption("--tieout-seeds")
        self.seed: int | None = config.getoption("--tieout-seed")
        if self.seed is None and self.seeds is None:
            self.seed = _seed_of_environment()
        # Workers of xdist must collect the same tests in the same order: they are told what there is.
        given = getattr(config, "workerinput", {})
        self.jobs: int = 1 if given else config.getoption("--tieout-jobs")
        self.kept: Sequence[Example] = _examples(given[MARK]) if given else self._read()
        self.finished: dict[tuple[object, ...], Performed | Exception] = {}
        self.still: Counter[tuple[object, ...]] | None = None  # how many tests are to come that want a run
        self.ahead: Ahead | None = None
        self.remarks: list[str] = []

    def _read(self) -> Sequence[Example]:
        if not self.folder.is_dir():
            return []
        from harness.testing import kept  # noqa: PLC0415

        return kept.read(self.folder)


def _examples(told: Iterable[dict[str, Any]]) -> Sequence[Example]:
    from harness.testing.kept import Example  # noqa: PLC0415

    return [Example(**each) for each in told]


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known, and what was kept is read."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(scenario, layer, seeds, expect, set, faults, options): run a scenario with each of the seeds, one "
        "test a seed; a test that asks for `tieout_result` is handed the run, any other is judged by its expectations",
    )
    if config.getoption("--tieout-seed") is not None and config.getoption("--tieout-seeds") is not None:
        raise pytest.UsageError(
            "both --tieout-seed and --tieout-seeds: --tieout-seed N is one seed, --tieout-seeds N are seeds 0 to N-1"
        )
    state = config.stash[STATE] = State(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Judge(state), "tieout-judge")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of xdist is told what has been kept."""
    from dataclasses import asdict  # noqa: PLC0415

    node.workerinput[MARK] = [asdict(each) for each in node.config.stash[STATE].kept]


def pytest_report_header(config: pytest.Config) -> str:
    """The seeds, and how many examples are tried first."""
    state = config.stash[STATE]
    if state.seed is not None:
        seeds = f"seed {state.seed} alone"
    else:
        seeds = f"seeds 0 to {state.seeds - 1}" if state.seeds else "seeds as each test says"
    first = f", {len(state.kept)} that failed before first ({state.folder})" if state.kept else ""
    return f"tieout: {seeds}{first}"


# --- which tests there are ---------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A marked test becomes one a seed; the seeds that failed before come first."""
    state = metafunc.config.stash[STATE]
    if metafunc.definition.get_closest_marker(MARK):
        seeds = seeds_of(metafunc.definition, state)
        if state.seed is None:
            seeds = [*dict.fromkeys([*_failed_before(metafunc.definition.nodeid, state), *seeds])]
        if SEED not in metafunc.fixturenames:
            metafunc.fixturenames.append(SEED)
        metafunc.parametrize(SEED, seeds, ids=[f"seed-{seed}" for seed in seeds], indirect=True)
    elif state.kept and "tieout" in metafunc.fixturenames and state.seed is None:
        free = _failed_before(metafunc.definition.nodeid, state)
        if free:
            ids = [*(f"seed-{seed}" for seed in free), AS_WRITTEN]
            metafunc.parametrize("tieout", [*free, None], ids=ids, indirect=True)


def _failed_before(test: str, state: State) -> list[int]:
    """The seeds, not the test's own, with which it failed before."""
    return [each.seed for each in state.kept if not each.pinned and each.test.partition("[")[0] == test]


def seeds_of(item: pytest.Item, state: State) -> list[int]:
    """The seeds that a test is to be run with."""
    said = words_of(item).get("seeds", SEEDS)
    if state.seed is not None:
        return [state.seed]
    if state.seeds is not None:
        return [*range(state.seeds)]
    seeds = [*range(said)] if isinstance(said, int) else [*said]
    if not seeds or not all(isinstance(seed, int) and seed >= 0 for seed in seeds):
        refuse(item, f"seeds={said!r}: write a number of seeds from 1 on, or a list of seeds")
    return seeds


def refuse(item: pytest.Item, told: str) -> NoReturn:
    """Fail for what a test's mark says, naming the test and its line."""
    path, line, name = item.location
    pytest.fail(f"{path}:{(line or 0) + 1}: {name}: mark tieout: {told}", pytrace=False)


def words_of(item: pytest.Item) -> dict[str, Any]:
    """What a test's marks say together: the nearest decides."""
    words: dict[str, Any] = {}
    for mark in reversed([*item.iter_markers(MARK)]):
        given = {**({"scenario": mark.args[0]} if mark.args else {}), **mark.kwargs}
        if not given.keys() <= WORDS:
            from harness.testing.asked import unknown_words  # noqa: PLC0415

            refuse(item, unknown_words(given, WORDS))
        if len(mark.args) > 1:
            refuse(
                item,
                f"{len(mark.args)} unnamed arguments: only the scenario may be; it takes {', '.join(sorted(WORDS))}",
            )
        words.update(given)
    if "scenario" not in words:
        refuse(item, 'no scenario: write for example scenario="billing-outage"')
    return words


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What failed before comes first."""
    kept = {(each.test, None if each.pinned else each.seed) for each in config.stash[STATE].kept}
    if kept:
        items.sort(key=lambda item: (test_of(item), seed_of(item)) not in kept)


def params_of(item: pytest.Item) -> dict[str, Any]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}


def seed_of(item: pytest.Item) -> int | None:
    """The seed that a test is run with, if not the one that it names."""
    params = params_of(item)
    return params.get(SEED, params.get("tieout"))


def test_of(item: pytest.Item) -> str:
    """The test without its seed: what all its seeds have in common."""
    name, bracket, parts = item.nodeid.partition("[")
    seed = seed_of(item)
    if not bracket or not params_of(item).keys() & {SEED, "tieout"}:
        return item.nodeid
    said = parts.removesuffix("]").split("-")
    own = AS_WRITTEN.split("-") if seed is None else ["seed", str(seed)]
    place = next(at for at in range(len(said)) if said[at : at + 2] == own)
    rest = "-".join(said[:place] + said[place + 2 :])
    return f"{name}[{rest}]" if rest else name


# --- runs --------------------------------------------------------------------------------------------


@pytest.fixture
def tieout(request: pytest.FixtureRequest) -> Runner:
    """Runs scenarios: `tieout.run("billing-outage", layer=MyLayer, seed=3)`."""
    from harness.testing.items import runner_of  # noqa: PLC0415

    return runner_of(request.node, getattr(request, "param", None))


@pytest.fixture
def tieout_seed(request: pytest.FixtureRequest) -> int:
    """The seed that a test marked with `tieout` is run with."""
    if not hasattr(request, "param"):
        pytest.fail(f"{request.node.nodeid} has no mark: write @pytest.mark.tieout(scenario=…, layer=…)", pytrace=False)
    seed: int = request.param
    return seed


@pytest.fixture
def tieout_result(request: pytest.FixtureRequest, tieout_seed: int) -> Run:
    """The finished run of a test marked with `tieout`."""
    from harness.testing.items import marked_run  # noqa: PLC0415

    return marked_run(request.node)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A marked test that does not ask for its run is judged by the run's expectations, before its body.

    If the run was fit to be held to none of them, it counts as skipped once the body has passed.
    """
    if SEED in params_of(pyfuncitem) and "tieout_result" not in pyfuncitem.fixturenames:
        from harness.testing.items import judge  # noqa: PLC0415

        unjudged = judge(pyfuncitem)
        done = yield
        if unjudged:
            pytest.skip(unjudged)
        return done
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells of the test's runs, and its example is kept; once it passes, it is forgotten."""
    report = yield
    if RUNNER in item.stash and report.when != "teardown":
        from harness.testing.items import account  # noqa: PLC0415

        account(item, report)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Worker processes end with the tests."""
    state = session.config.stash[STATE]
    if state.ahead:
        state.ahead.close()


# --- what all seeds together say ---------------------------------------------------------------------


class Judge:
    """Takes the runs' shares where all reports arrive, and judges them when the last test has ended."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._together: Together | None = None
        self._for_ci: ForCI | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A report of a test with runs bears its share of what they say together, and what CI is told of it."""
        borne = getattr(report, MARK, None)
        if borne is None:
            return
        if self._together is None or self._for_ci is None:
            from harness.testing.for_ci import ForCI  # noqa: PLC0415
            from harness.testing.sometimes import Together  # noqa: PLC0415

            self._together, self._for_ci = Together(), ForCI()
        if borne["share"]:
            self._together.take(borne["share"])
        self._for_ci.told.append(borne["told"])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """What was to come about sometimes and never did fails, as a test of its own."""
        done = yield
        for test, text, runs in self._together.unreached() if self._together else ():
            where = f"in none of {runs} runs" if runs > 1 else "not in its only run"
            told = f"{text}: {where}; this test never came to what it is there for"
            if self._for_ci:
                self._for_ci.unreached.append({"test": test, "told": told})
            report = pytest.TestReport(
                f"{test}[{text}]", (test.partition("::")[0], None, test), {}, "failed", told, "call"
            )
            session.testscollected += 1
            session.config.hook.pytest_runtest_logreport(report=report)
        return done

    def pytest_sessionfinish(self) -> None:
        """On GitHub, what it shows of a job: once, here, where all reports have arrived."""
        if self._for_ci:
            from harness.commands.outputs import TESTS, tell_github  # noqa: PLC0415

            tell_github(self._for_ci.document(), TESTS)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was planned and came to nothing, and what is kept."""
        lines = []
        for test, name, runs in self._together.idle_faults() if self._together else ():
            all_runs = f"{runs} runs" if runs > 1 else "its only run"
            lines.append(f"{test}: planned fault {name!r} touched nothing in {all_runs}")
        lines += [*self._for_ci.unjudged()] if self._for_ci else []
        lines += [*dict.fromkeys(self._state.remarks)]
        if self._together and self._state.folder.is_dir():
            count = len([*self._state.folder.glob("*.json")])
            lines += [f"{count} failing in {self._state.folder}, tried first next time"] if count else []
        if lines:
            terminalreporter.section("tieout", sep="-")
            for line in lines:
                terminalreporter.line(line)
