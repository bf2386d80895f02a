"""What a layer's endpoints must be before a run begins, and how a mistake in them is told."""

from dataclasses import replace

import pytest

from harness.endings import LayerError
from harness.endpoints import endpoints_of
from harness.layer import Endpoint, Layer
from harness.layers import BUILT_IN, choose


async def handler(event):
    return True


def plain(event):
    return True


def endpoint(name="crm->all", source="crm", types=("contract_signed",), handler=handler):
    return Endpoint(name, source, frozenset(types), handler)


def layer(*endpoints, answer=None):
    class Mine(Layer):
        def endpoints(self):
            return list(endpoints) if answer is None else answer

    return Mine(None, {})


def test_endpoints_that_can_be_subscribed_come_back_as_they_are():
    good = [endpoint(), endpoint("billing", "billing", ("invoice_issued", "credit_memo_issued"))]
    assert endpoints_of(layer(*good)) == good


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (layer(answer=7), "layer Mine: endpoints() returned 7: return a list of harness.layer.Endpoint"),
        (layer("crm"), "layer Mine: endpoints() returned ['crm']: return a list of harness.layer.Endpoint"),
        (
            layer(endpoint(), endpoint()),
            "layer Mine, endpoint 'crm->all': another endpoint has this name: give each its own",
        ),
        (
            layer(endpoint(source="crn")),
            "layer Mine, endpoint 'crm->all': no source 'crn': did you mean 'crm'?",
        ),
        (
            layer(endpoint(types=("contract_sined",))),
            "layer Mine, endpoint 'crm->all': crm tells of no 'contract_sined': did you mean 'contract_signed'?",
        ),
        (
            layer(replace(endpoint(), targets=frozenset({"erp", "biling"}))),
            "layer Mine, endpoint 'crm->all': no target 'biling': did you mean 'billing'?",
        ),
        (
            layer(endpoint(handler=plain)),
            "layer Mine, endpoint 'crm->all': its handler is no coroutine function: define it with `async def`",
        ),
    ],
)
def test_a_mistake_is_told_with_the_endpoint_and_the_remedy(wrong, message):
    with pytest.raises(LayerError) as error:
        endpoints_of(wrong)
    assert str(error.value) == message


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_layers_have_options_whose_default_is_a_choice(name):
    assert choose(name).options == {key: option.default for key, option in BUILT_IN[name].OPTIONS.items()}
