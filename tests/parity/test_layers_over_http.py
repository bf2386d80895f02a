"""The built-in layers over HTTP: the same run, byte for byte, as when they ask the cores in place."""

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
from tests.parity.ways import in_place


class CompanyOverHttp(Company):
    """A company whose systems are asked through their generic APIs, which are called in place."""

    asked = 0

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
        return in_place(face, request)


@pytest.mark.parametrize("layer", list(BUILT_IN))
def test_a_run_over_http_is_the_run_in_place(monkeypatch, layer):
    scenario = load("two-contracts")
    in_place = replicate(scenario, layer, 0).document
    CompanyOverHttp.asked = 0
    monkeypatch.setattr(simulation, "Company", CompanyOverHttp)
    served = replicate(scenario, layer, 0).document

    assert CompanyOverHttp.asked
    assert served["fingerprint"] == in_place["fingerprint"]
