"""`tieout conformance`: one line a promise, held or broken, with the command that shows the break again."""

import json
import shlex
import signal
import subprocess
import sys

import pytest

from harness.conformance import NAMES
from tests.cli.command_line import ended, program, surroundings

FORGETFUL = """\
import random

from harness.blocks.retry import CallFailed
from harness.kit import Kit
from harness.layer import ROUTES, Endpoint, Layer


class Direct(Layer):
    '''Carries each event while its source waits for the answer; what fails is refused, and told again.'''

    NAME = "direct"
    SUMMARY = "no queue: the source's redelivery is the retry"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        kit = Kit(surroundings, {"idempotency": "key", "gate": "none", "attempts": "2"}, keeps=False)
        self._appliers = {target: kit.applier(target) for _, target in ROUTES}

    def endpoints(self):
        return [
            Endpoint(f"{source}->{target}", source, types, self._receiver(target), frozenset({target}))
            for (source, target), types in ROUTES.items()
        ]

    def _receiver(self, target):
        async def receive(event):
            try:
                await self._appliers[target].apply(event)
            except CallFailed:
                return False
            return True

        return receive


class Moody(Direct):
    def _receiver(self, target):
        receive = super()._receiver(target)

        async def slowly(event):
            await self.surroundings.clock.sleep(random.randrange(1, 1000))
            return await receive(event)

        return slowly


class Failing(Direct):
    def _receiver(self, target):
        async def receive(event):
            raise RuntimeError("not yet written")

        return receive
"""
"""A user's own layers: one that promises little, one that is not deterministic, one that does not work."""


@pytest.fixture
def mine(here):
    (here / "my_layer.py").write_text(FORGETFUL)
    yield here
    sys.modules.pop("my_layer", None)


def promises(ended):
    return {promise["name"]: promise for promise in json.loads(ended.out)["promises"]}


def test_a_layer_that_keeps_its_promises_ends_with_0_and_a_line_for_each(tieout):
    done = tieout("conformance", "event-driven", "--only", "lost", "--jobs", 1, "--quiet")

    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["held", "lost-responses", "24", "runs"]
    assert lines[1].split()[:2] == ["held", "lost-requests"]
    assert lines[-1] == "event-driven: all promises held"


@pytest.mark.parametrize("promise", ["crash-points", "lost-responses", "lost-requests", "redelivery", "outages"])
def test_the_command_that_a_broken_promise_prints_shows_the_break(tieout, promise):
    broken = tieout("conformance", "point-to-point", "--only", promise, "--jobs", 1, "--quiet")
    assert broken.status == 1
    assert broken.out.splitlines()[0].split()[:2] == ["broken", promise]

    replay = broken.out.partition("replay: ")[2].splitlines()[0]
    name, *arguments = shlex.split(replay)
    again = tieout(*arguments, "--quiet", "--json")

    assert name == "tieout"
    assert again.status == 1
    document = json.loads(again.out)
    assert (
        sum(document["duplicates"].values()) + sum(document["missing"].values()) + document["breaks"]["open_at_close"]
    )
    assert not document["remarks"]  # the planned fault did strike


def test_the_replay_of_a_swarms_profile_shows_the_break_too(tieout):
    broken = promises(
        tieout("conformance", "point-to-point", "--only", "swarm", "--profiles", 3, "--jobs", 1, "--json")
    )

    for promise in broken.values():
        for one in promise["breaks"]:
            again = json.loads(tieout(*shlex.split(one["replay"])[1:], "--quiet", "--json").out)
            assert again["breaks"]["open_at_close"] > 0
    assert any(promise["breaks"] for promise in broken.values())


def test_an_order_that_breaks_a_layer_is_named_and_shown_again(tieout, monkeypatch):
    monkeypatch.setattr("harness.conformance.EVENTS_MAX", 2)
    broken = promises(tieout("conformance", "event-driven:gate=none", "--only", "order", "--jobs", 1, "--json"))[
        "order"
    ]

    assert broken["broken"] > 0
    assert broken["breaks"][0]["found"][0].startswith("told 2, 1: stale amendment")
    assert shlex.split(broken["breaks"][0]["replay"])[1:] == [
        "conformance",
        "event-driven:gate=none",
        "--only",
        "order",
    ]


def test_a_users_own_layer_is_held_to_the_same(mine, tieout):
    done = tieout("conformance", "my_layer:Direct", "--only", "no-faults", "--quiet", "--jobs", 1)
    assert done.status in {0, 1}

    crashed = promises(tieout("conformance", "my_layer:Direct", "--only", "crash", "--json", "--jobs", 1))[
        "crash-points"
    ]
    told = promises(tieout("conformance", "my_layer:Direct", "--only", "redelivery", "--json", "--jobs", 1))[
        "redelivery"
    ]

    assert not told["held"]  # an older version told again wins, and after its key's life everything is done twice
    again = tieout(*shlex.split(told["breaks"][0]["replay"])[1:], "--quiet", "--json")
    assert (again.status, json.loads(again.out)["layer"]) == (1, "my_layer:Direct")
    assert crashed["runs"] > 50


def test_a_layer_that_is_not_deterministic_is_found_out(mine, tieout):
    done = tieout("conformance", "my_layer:Moody", "--only", "determinism", "--json", "--jobs", 1)

    assert done.status == 1
    one = promises(done)["determinism"]["breaks"][0]
    assert "determinism violated" in one["found"][0]
    again = tieout(*shlex.split(one["replay"])[1:], "--quiet")
    assert again.status == 3
    assert "determinism violated" in again.err


def test_an_error_in_the_layers_code_breaks_the_promise_with_its_place(mine, tieout):
    done = tieout("conformance", "my_layer:Failing", "--only", "no-faults", "--json", "--jobs", 1)

    assert done.status == 1
    assert "RuntimeError: not yet written at" in promises(done)["no-faults"]["breaks"][0]["found"][0]


def test_one_process_or_two_say_the_same(tieout):
    one, two = (
        tieout("conformance", "point-to-point", "--only", "lost", "--json", "--jobs", jobs) for jobs in (1, 2)
    )  # fmt: skip

    assert one.out == two.out


def test_the_document_says_all_of_it(tieout):
    done = tieout("conformance", "point-to-point:attempts=2", "--only", "ties", "--json", "--jobs", 1)

    document = json.loads(done.out)
    assert document["schema"] == "tieout.conformance/1"
    assert document["layer"] == "point-to-point:attempts=2"
    assert document["layer_options"]["attempts"] == "2"
    assert document["held"] is (done.status == 0)
    assert [promise["name"] for promise in document["promises"]] == ["ties"]
    assert document["promises"][0]["says"] == NAMES["ties"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("event-drivn",), "did you mean event-driven?"),
        (("event-driven", "--only", "everything"), "there are no-faults, determinism"),
        (("event-driven", "--profiles", "0"), "--profiles"),
        (("my.module",), "written module:Class"),
    ],
)
def test_what_cannot_be_held_to_anything_is_refused(tieout, arguments, told):
    refused = tieout("conformance", *arguments)

    assert refused.status == 2
    assert told in refused.err
    assert refused.out == ""


def test_progress_goes_to_standard_error_a_line_a_tenth(here):
    done = ended(program("conformance", "event-driven", "--only", "lost-requests", "--jobs", "2", cwd=here))

    assert done.status == 0
    assert "100%" in done.err
    assert len(done.err.splitlines()) <= 10
    assert "%" not in done.out


def test_ctrl_c_ends_it_with_130_and_leaves_nothing_running(here):
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "conformance", "event-driven", "--jobs", "2"],
        cwd=here, env=surroundings(), text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stderr.readline()  # the first tenth is done
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "interrupted" in err
    assert "crash-points" not in out


def test_an_interrupted_suite_tells_the_promises_that_are_judged(tieout, monkeypatch):
    def interrupting(work, tasks, jobs):
        for task in tasks:
            if getattr(task, "what", "").startswith("answer 3"):
                raise KeyboardInterrupt
            yield work(task)

    monkeypatch.setattr("harness.conformance.each_result", interrupting)
    monkeypatch.setattr("harness.conformance.NAMES", {name: NAMES[name] for name in ("no-faults", "lost-responses")})
    done = tieout("conformance", "event-driven", "--json", "--quiet", "--jobs", 1)
    document = json.loads(done.out)

    assert done.status == 130
    assert done.err == "tieout: interrupted: 1 of 2 promises were judged, nothing was written\n"
    assert document["complete"] is False
    assert [promise["name"] for promise in document["promises"]] == ["no-faults"]


def test_what_cannot_happen_to_a_layer_is_no_promise_held(tieout):
    done = tieout("conformance", "managed-batch", "--only", "redelivery", "--quiet", "--jobs", 1)
    assert done.status == 0
    assert done.out.splitlines()[0].split()[:2] == ["n/a", "redelivery"]
    assert done.out.splitlines()[-1] == "managed-batch: nothing was tried: 1 does not apply"

    document = json.loads(
        tieout("conformance", "managed-batch", "--only", "redelivery", "--json", "--quiet", "--jobs", 1).out
    )
    assert document["held"] is document["promises"][0]["held"] is None


def test_the_help_names_the_promises_and_the_numbers_that_are_taken(tieout):
    said = " ".join(tieout("conformance", "--help").out.split())

    assert "swarm-liveness" in said
    assert "[default: 1;" in said and "[default: 200;" in said
