"""Layers that cannot be had, or that fail: what is said, and with which exit status."""

import json
import shlex

import pytest

from harness.layers import BUILT_IN
from tests.cli.command_line import SMALL, ended, program, tree

MODULES = {
    "missing_import": "import nothing_of_that_name\n",
    "failing": "def begin():\n    return 1 / 0\n\n\nbegin()\n",
    "unparsable": "def begin(:\n",
    "leaving": "print('hello'); raise SystemExit(0)\n",
    "wrong_kind": (
        "from harness.layer import Layer\n\n"
        "NUMBER = 3\n\n"
        "class Stranger:\n    pass\n\n"
        "class Half(Layer):\n    NAME = 'half'\n"
    ),
}

UNUSABLE = {
    "event-drivn": ("unknown layer 'event-drivn'", "did you mean event-driven?"),
    "zzz": ("unknown layer 'zzz'", ", ".join(BUILT_IN), "module:Class"),
    "": ("unknown layer ''", "module:Class"),
    ":Half": ("unknown layer ':Half'", "module:Class"),
    "event-driven:inbox=maybe": ("inbox is one of on, off, not 'maybe'",),
    "event-driven:colour=red": ("no option 'colour'", "idempotency, inbox, gate"),
    "nowhere_at_all:Half": ("there is no module 'nowhere_at_all'", "run from the folder that holds it"),
    "wrong_kind.py:Half": ("'wrong_kind.py' is no module's name", "write wrong_kind:Class"),
    "./wrong_kind.py:Half": ("is no module's name", "write wrong_kind:Class"),
    "missing_import:Half": ("importing missing_import failed", "nothing_of_that_name", "missing_import.py:1"),
    "failing:Half": ("ZeroDivisionError: division by zero", "failing.py:2, in begin"),
    "unparsable:Half": ("SyntaxError", "unparsable.py, line 1"),
    "leaving:Half": ("importing leaving failed with SystemExit: 0",),
    "wrong_kind:Nobody": ("module wrong_kind has no attribute 'Nobody'",),
    "wrong_kind:Haff": ("did you mean 'Half'?",),
    "wrong_kind:NUMBER": ("NUMBER is neither a subclass of harness.layer.Layer nor an ASGI app",),
    "wrong_kind:Stranger": ("Stranger is neither a subclass of harness.layer.Layer nor an ASGI app",),
    "wrong_kind:Half": ("Half does not define endpoints",),
}


@pytest.fixture
def modules(here):
    for name, text in MODULES.items():
        (here / f"{name}.py").write_text(text)
    return here


@pytest.mark.parametrize("command", [("run", "--layer"), ("compare", "--layers")], ids=lambda words: words[0])
@pytest.mark.parametrize("layer", [name for name in UNUSABLE if name])
def test_a_layer_that_cannot_be_had_ends_with_2(tieout, modules, monkeypatch, command, layer):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    verb, option = command
    before = tree(modules)

    done = tieout(verb, "calm-month", option, layer)

    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("tieout: ")
    for part in UNUSABLE[layer]:
        assert part in done.err
    assert "Traceback" not in done.err
    assert tree(modules) == before


def test_no_layer_at_all_is_refused(tieout):
    assert tieout("run", "calm-month", "--layer", "").status == 2
    assert "names no layer" in tieout("compare", "calm-month", "--layers", "point-to-point,").err
    assert "names no layer" in tieout("compare", "calm-month", "--layers", "").err


def test_a_layer_is_compared_once(tieout):
    done = tieout("compare", "calm-month", "--layers", "event-driven,event-driven:gate=none,event-driven")

    assert (done.status, done.out) == (2, "")
    assert "layer 'event-driven' is asked for twice" in done.err


def test_an_option_given_twice_is_refused(tieout):
    done = tieout("run", "calm-month", "--layer", "event-driven:inbox=off,inbox=on")
    assert done.status == 2
    assert "inbox is given twice" in done.err


CRASHING = """\
from harness.layer import CONTRACT_EVENTS, Endpoint, Layer


class {name}(Layer):
    def endpoints(self):
        return [Endpoint("crm->nowhere", "crm", CONTRACT_EVENTS, self.receive)]

    async def receive(self, event):
        print("heard of", event.key)
        {act}
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_layer_that_fails_in_the_run_ends_with_3_its_place_and_a_replay(tieout, here, jobs):
    name = f"Crashing{jobs}"
    (here / f"crashing{jobs}.py").write_text(CRASHING.format(name=name, act="return {}[event.key]"))

    layers = f"event-driven,crashing{jobs}:{name}"
    done = tieout("compare", "calm-month", "--layers", layers, "--seed", "4", "--jobs", jobs, *SMALL)

    assert (done.status, done.out) == (3, "")
    told, replay = done.err.splitlines()[-2:]
    assert told.startswith(f"tieout: calm-month, crashing{jobs}:{name}, seed 4: the run was ended by KeyError")
    assert f"crashing{jobs}.py:10, in receive" in told
    again = ["tieout", "run", "calm-month", *SMALL, "--layer", f"crashing{jobs}:{name}", "--seed", "4"]
    assert replay == f"tieout: replay: {shlex.join(again)}"
    assert "Traceback" in done.err, "whoever wrote the layer wants to see how it got there"
    assert not (here / "runs").exists()


def test_what_a_layer_prints_is_kept_out_of_the_data(tieout, here):
    (here / "chatty.py").write_text(CRASHING.format(name="Chatty", act="return True"))

    done = tieout("run", "calm-month", "--layer", "chatty:Chatty", "--json", *SMALL)

    assert done.status == 1, "a layer that carries nothing fails its expectations"
    assert done.out.startswith("{") and done.out.count("\n") == 1
    assert "heard of" in done.err


@pytest.mark.parametrize("command", [("run", "--layer"), ("compare", "--seeds", "2", "--jobs", "2", "--layers")])
def test_what_a_layers_library_writes_to_standard_output_itself_is_kept_out_of_it_too(here, command):
    (here / "chatty.py").write_text(CRASHING.format(name="Chatty", act="import os; os.write(1, b'raw'); return True"))
    verb, *options = command

    done = ended(program(verb, "calm-month", *options, "chatty:Chatty", "--json", "--quiet", *SMALL, cwd=here))

    assert done.status == 1
    assert json.loads(done.out)["scenario"] == "calm-month"
    assert "raw" in done.err
