"""`tieout layers`: what there is, what it promises, and what each safeguard protects from."""

import json

import pytest

from harness.layers import BUILT_IN

MINE = '''
"""A module with a story of its own.

It promises nothing that it does not keep.
"""
from harness.layer import Layer, Option

class Mine(Layer):
    NAME = "mine"
    SUMMARY = "a layer of one's own"
    OPTIONS = {"depth": Option("3", ("3", "5"), "how deep it goes")}
    WHY = {"inbox": "it has no memory"}

    def endpoints(self):
        return []
'''


def words(text):
    return " ".join(text.split())


def test_each_layer_is_told_with_its_promise_and_what_its_safeguards_protect_from(tieout):
    told = words(tieout("layers").out)

    for layer in BUILT_IN.values():
        assert f"{layer.NAME} {layer.SUMMARY} It promises " in told
        for name, option in layer.OPTIONS.items():
            if option.guards:
                assert f"{name}={option.default}" in told
                assert f"protects from {option.protects}" in told
    assert "limiter, breaker, cache, budget: off (parts of a façade)" in told


def test_a_safeguard_that_a_layer_lacks_by_default_is_not_told_as_one_it_has(tieout):
    told = words(tieout("layers", "point-to-point").out)

    assert "idempotency=none (or key | read)" in told
    assert "off here; on, it protects from a call repeated" in told
    assert "why none: " in told


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_is_wider_than_the_terminal(tieout, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in ((), *((name,) for name in BUILT_IN)):
        assert max(map(len, tieout("layers", *arguments).out.splitlines())) <= columns


def test_one_layer_is_told_in_full(tieout):
    done = tieout("layers", "event-driven")

    assert done.status == 0
    assert "point-to-point" not in done.out
    assert "An event is appended to the log before it is acknowledged." in words(done.out)
    assert "remember which events were dealt with" in words(done.out)


def test_a_layer_of_ones_own_is_told_like_a_built_in_one(tieout, here):
    (here / "own.py").write_text(MINE)

    done = tieout("layers", "own:Mine", "--json")

    told = json.loads(done.out)["own:Mine"]
    assert told["promise"] == "It promises nothing that it does not keep."
    assert told["options"]["depth"]["safeguard"] is False
    assert told["left_out"] == {"inbox": "it has no memory"}
    assert "inbox: it has no memory" in tieout("layers", "own:Mine").out


def test_a_layer_that_there_is_not_ends_with_2(tieout):
    done = tieout("layers", "event-drivn")

    assert (done.status, done.out) == (2, "")
    assert "did you mean event-driven?" in done.err


def test_the_document_says_which_options_are_safeguards_and_what_takes_them_away(tieout):
    options = json.loads(tieout("layers", "--json").out)["point-to-point"]["options"]

    assert options["attempts"]["safeguard"] is True
    assert options["attempts"]["without"] == "1"
    assert options["gate"]["safeguard"] is False


def test_the_page_of_the_documentation_is_about_all_layers(tieout):
    done = tieout("layers", "--markdown")

    assert done.status == 0
    assert all(f"`{name}`" in done.out for name in BUILT_IN)


def test_the_page_is_asked_for_alone(tieout):
    done = tieout("layers", "event-driven", "--markdown")

    assert (done.status, done.out) == (2, "")
    assert "--markdown prints one page about all layers" in done.err
