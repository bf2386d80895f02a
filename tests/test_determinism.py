"""The same scenario, layer and seed: the same run, whatever the hash seed, the process or the number of jobs."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from fakes.crm import GetAccount
from harness import cli, determinism
from harness.layers import BUILT_IN, LayerChoice, choose
from harness.patterns.event_driven import EventDriven
from harness.replication import replicate
from scenarios.load import load
from sim.durations import HOUR, MINUTE

ROOT = Path(__file__).resolve().parents[1]
LAYERS = tuple(BUILT_IN)
BUSY = ("quarter-end-spike", "--set", "business.contracts=60")
"""A scenario in which nearly every fault there is strikes."""


@cache
def busy_run(layer, seed=0):
    return replicate(busy(), layer, seed)


def busy():
    return load(BUSY[0], [BUSY[2]])


def told(document):
    """All that a run says but how long it took."""
    return {**document, "wall_s": None}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_second_run_in_the_same_process_is_the_same(layer):
    again = replicate(busy(), layer, 0)

    assert told(again.document) == told(busy_run(layer).document)
    assert again.simulation.trace.rows("calls") == busy_run(layer).simulation.trace.rows("calls")


class Polling(EventDriven):
    """A layer that asks the CRM of its own accord, and not on behalf of any event."""

    NAME = "polling"

    def start(self):
        super().start()
        self.surroundings.clock.spawn(self._poll())

    async def _poll(self):
        while True:
            await self.surroundings.clock.sleep(6 * HOUR)
            await self.surroundings.servers["crm"].send(GetAccount("A-1"), "A-1", None, MINUTE)


def test_nothing_of_one_run_shows_in_the_next():
    choice = LayerChoice("polling", Polling, choose(EventDriven.NAME).options)
    first, _, again = (replicate(busy(), choice, seed) for seed in (0, 1, 0))
    assert told(again.document) == told(first.document)
    polls = [call for call in again.simulation.trace.rows("calls") if call[2] == "crm.get_account" and call[3] == "A-1"]
    assert {cause for _, cause, *_ in polls} == {0}


PROGRAM = """
import json, sys
from harness.layers import BUILT_IN
from harness.replication import replicate
from scenarios.load import load
from sim.durations import HOUR, MINUTE
scenario = load(sys.argv[1], [sys.argv[2]])
print(json.dumps([{**replicate(scenario, layer, 0).document, "wall_s": None} for layer in BUILT_IN]))
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_a_fresh_process_under_any_hash_seed_is_the_same(hash_seed):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, BUSY[0], BUSY[2]],
        env={**os.environ, "PYTHONHASHSEED": hash_seed}, cwd=ROOT, text=True, capture_output=True, check=True,
    )  # fmt: skip

    ours = [told(busy_run(layer).document) for layer in LAYERS]
    assert json.loads(done.stdout) == json.loads(json.dumps(ours))


@pytest.fixture
def tieout(tmp_path, monkeypatch, capsys):
    """The command line in a folder of its own, without figures: (status, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("reports.figures.files", lambda document: {})
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)

    def run(*arguments):
        status = cli.run(arguments)
        return (status, *capsys.readouterr())

    return run


def test_one_process_and_two_compare_alike(tieout):
    def compared(jobs):
        _, out, _ = tieout(
            "compare", *BUSY, "--seeds", "2", "--jobs", jobs, "--json", "--quiet", "--out", f"jobs-{jobs}"
        )
        document = json.loads(out)
        settings = {name: value for name, value in document["settings"].items() if name != "command"}
        runs = [told(run) for run in document["runs"]]
        return {**document, "settings": settings, "runs": runs, "run_dir": None, "report": None}

    assert compared("1") == compared("2")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_comparison_runs_what_a_run_runs(tieout, layer):
    _, out, _ = tieout("compare", *BUSY, "--layers", layer, "--seed", "0", "--jobs", "1", "--json", "--quiet")

    assert json.loads(out)["runs"][0]["fingerprint"] == busy_run(layer).document["fingerprint"]


def test_another_seed_is_another_run():
    one, other = busy_run("event-driven"), busy_run("event-driven", 1)

    assert one.document["fingerprint"] != other.document["fingerprint"]
    assert one.simulation.truth.acts != other.simulation.truth.acts


def test_another_layer_is_another_run_of_the_same_business():
    runs = [busy_run(layer) for layer in LAYERS]
    first = runs[0]

    assert len({run.document["fingerprint"] for run in runs}) == len(LAYERS)
    for run in runs[1:]:
        assert run.simulation.truth == first.simulation.truth
        assert run.document["truth"] == first.document["truth"]
        assert told_by_crm(run) == told_by_crm(first)
        assert windows(run) == windows(first)
        assert run.expected == first.expected
        assert run.expected.recognised == first.expected.recognised


def told_by_crm(run):
    """What the CRM committed and when, without the numbers that all systems' events share."""
    told = [row[2:] for row in run.simulation.trace.rows("events") if row[2].startswith("crm.")]
    assert len(told) > 100
    return told


def windows(run):
    planned = [(fault.name, fault.kind, fault.target, fault.start_us, fault.end_us) for fault in run.simulation.faults]
    assert len(planned) == 9
    return planned


def test_the_check_passes_for_every_layer(tieout):
    status, out, err = tieout(
        "compare", *BUSY, "--layers", "all", "--seed", "3", "--jobs", "1", "--check-determinism", "--json"
    )  # fmt: skip

    assert status == 1, "point-to-point is there to fail"
    prints = {run["layer"]: run["fingerprint"] for run in json.loads(out)["runs"]}
    for layer in LAYERS:
        assert f"{layer}, seed 3: the same twice, fingerprint {prints[layer]}\n" in err


CARELESS = """\
import random
import threading
import time

from harness.layer import CONTRACT_EVENTS, Endpoint, Layer


class Careless(Layer):
    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self.seen = set()

    def endpoints(self):
        return [Endpoint("crm->here", "crm", CONTRACT_EVENTS, self.receive)]

    async def receive(self, event):
        self.seen.add(event.key)
        if len(self.seen) >= 5:
            self.act(event)
        return True

    def note(self, what):
        self.surroundings.note("seen", "crm", str(what))


class OverASet(Careless):
    def act(self, event):
        for key in self.seen:
            self.note(key)


class ByAddress(Careless):
    def act(self, event):
        self.note(id(event))


class ByTheWallClock(Careless):
    def act(self, event):
        self.note(time.time_ns())


class ByLuck(Careless):
    def act(self, event):
        self.note(random.random())


class OnlyInItsCounts(Careless):
    def act(self, event):
        self.surroundings.counts.retries += hash("retries") % 1_000_003


class OnlyOnce(Careless):
    def act(self, event):
        raise RuntimeError("not with five contracts")
"""


@pytest.mark.parametrize("layer", ["OverASet", "ByAddress", "ByTheWallClock", "ByLuck"])
def test_the_check_names_the_first_record_that_differs(tieout, tmp_path, layer):
    (tmp_path / "careless.py").write_text(CARELESS)

    status, out, err = tieout("run", "calm-month", "--layer", f"careless:{layer}", "--check-determinism",
                              "--set", "business.contracts=20")  # fmt: skip

    assert (status, out) == (3, "")
    assert err.startswith(
        f"tieout: calm-month, careless:{layer}, seed 0: determinism violated between PYTHONHASHSEED=0 "
    )
    assert "the first difference is that notes record " in err
    assert "what=seen, where=crm, key=" in err
    assert "iteration over sets" in err, "the message says what to look for"
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["careless.py"]


def test_the_check_sees_what_the_trace_does_not(tieout, tmp_path):
    (tmp_path / "careless.py").write_text(CARELESS)

    status, out, err = tieout("run", "calm-month", "--layer", "careless:OnlyInItsCounts", "--check-determinism",
                              "--set", "business.contracts=20")  # fmt: skip

    assert (status, out) == (3, "")
    assert "the traces are equal, but document.metrics." in err


def test_a_layer_that_fails_while_it_is_checked_is_no_difference(tieout, tmp_path):
    (tmp_path / "careless.py").write_text(CARELESS)

    status, out, err = tieout("run", "calm-month", "--layer", "careless:OnlyOnce", "--check-determinism",
                              "--set", "business.contracts=20")  # fmt: skip

    assert (status, out) == (3, "")
    assert "the run was ended by RuntimeError: not with five contracts" in err
    assert "determinism violated" not in err


def test_the_first_difference_is_the_earliest_in_virtual_time(tmp_path):
    scenario = busy()
    row = {
        "calls": [1, 1, "erp.post", "k", 1, 90, 91, 92, 92, 93, "ok"],
        "events": [1, 0, "crm.contract_signed", "C-1", 1, 70],
        "deliveries": [1, "log", 1, 80, "accepted"],
        "notes": [95, 1, "dropped", "erp", "C-1"],
    }
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder, at_us in zip(folders, (70, 71), strict=True):
        folder.mkdir()
        for table, values in row.items():
            (folder / table).write_text(json.dumps(values) + "\n")
        (folder / "events").write_text(json.dumps([*row["events"][:-1], at_us]) + "\n")
    (folders[1] / "notes").write_text("")

    told = determinism.first_record(folders, scenario)

    assert told.startswith("the first difference is that events record 1, 2025-12-18 00:00:00, is (event=1, ")
    assert told.endswith("committed_us=71)")
