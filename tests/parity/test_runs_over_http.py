"""The built-in layers over HTTP: the same run, byte for byte, as when they ask the cores in place.

The network carries their calls as ever; what each is, and its answer, goes through the system's API where it is served.
"""

from functools import partial

import pytest

from fakes.company import Company
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.faces.generic.asking import OverHttp
from fakes.faces.generic.wire import zero_of
from harness import simulation
from harness.layers import BUILT_IN
from harness.replication import replicate
from scenarios.load import load
from tests.parity.ways import in_place, over


class CompanyOverHttp(Company):
    """A company whose systems are asked through their generic APIs: called in place, or `carried` in another way."""

    asked = 0
    carried = staticmethod(in_place)

    def __init__(self, wire, calendar, *others, **more):
        super().__init__(wire, calendar, *others, **more)
        for name, system in self.systems.items():
            door = Door(system.service.serve, lambda: wire.clock.now, calendar)
            face = make_generic(name)(door, Credentials())
            base_url = f"https://{face.hosts[0]}"
            send = partial(self.send, face)
            spoken = OverHttp(name, base_url, Credentials().api_key, zero_of(calendar), send)
            system.server.beside(object, spoken.serve)

    @classmethod
    def send(cls, face, request):
        cls.asked += 1
        return cls.carried(face, request)


@pytest.fixture
def over_http(monkeypatch):
    """Runs a layer over HTTP, by some way to carry requests; its document."""

    def run(scenario, layer, carried=in_place):
        monkeypatch.setattr(simulation, "Company", CompanyOverHttp)
        monkeypatch.setattr(CompanyOverHttp, "carried", staticmethod(carried))
        monkeypatch.setattr(CompanyOverHttp, "asked", 0)
        document = replicate(scenario, layer, 0).document
        assert CompanyOverHttp.asked >= document["api_calls"] > 0
        return document

    return run


@pytest.mark.parametrize("layer", list(BUILT_IN))
def test_a_run_over_http_is_the_run_in_place(over_http, layer):
    scenario = load("two-contracts")
    in_place = replicate(scenario, layer, 0).document

    assert over_http(scenario, layer)["fingerprint"] == in_place["fingerprint"]


def test_so_is_one_with_lost_answers_whose_calls_are_repeated(over_http):
    scenario = load("lost-responses", ["business.contracts=60"])
    in_place = replicate(scenario, "event-driven", 0).document

    assert over_http(scenario, "event-driven")["fingerprint"] == in_place["fingerprint"]


def test_so_is_one_that_reads_changes_in_another_schema(over_http):
    scenario = load("schema-change", ["business.contracts=40"])
    in_place = replicate(scenario, "managed-batch", 0).document

    assert over_http(scenario, "managed-batch")["fingerprint"] == in_place["fingerprint"]


def test_so_is_one_over_uvicorn(over_http, server):
    scenario = load("two-contracts")
    in_place = replicate(scenario, "event-driven", 0).document

    assert over_http(scenario, "event-driven", over(server))["fingerprint"] == in_place["fingerprint"]
