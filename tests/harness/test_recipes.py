"""What layers say of themselves: every built-in one makes a promise, and has a reason where it is unlike the others."""

import pytest

from harness import recipes
from harness.layers import BUILT_IN
from harness.switches import SWITCHES
from scenarios.faults import KINDS

LAYERS = pytest.mark.parametrize("layer", BUILT_IN.values(), ids=list(BUILT_IN))


@LAYERS
def test_every_built_in_layer_says_what_it_promises(layer):
    assert len(recipes.promise(layer)) > len(recipes.PROMISES)


@LAYERS
def test_every_switch_that_is_set_unlike_the_others_has_its_reason(layer):
    unlike = [name for name in layer.OPTIONS if recipes.deviates(layer, name)]

    assert not [name for name in unlike if not recipes.reason(layer, name)], f"{layer.NAME}: say WHY"


@LAYERS
def test_a_reason_is_given_only_for_what_is_unlike_the_others(layer):
    """A switch that is there, and set as in other layers, needs none; one that nobody knows has none to need."""
    idle = [name for name in layer.WHY if name in layer.OPTIONS and name in SWITCHES]

    assert all(recipes.deviates(layer, name) for name in idle)
    assert layer.WHY.keys() <= SWITCHES.keys() | layer.OPTIONS.keys()


@pytest.mark.parametrize("name", [name for name, switch in SWITCHES.items() if switch.without])
def test_a_safeguard_says_what_it_protects_from_and_which_faults_test_it(name):
    switch = SWITCHES[name]

    assert switch.protects
    assert switch.without in switch.choices
    assert set(switch.against) <= set(KINDS)
    assert switch.against or name in {"cache", "compensation"}, "what it saves, it saves with no fault's help"
