"""A town has every system under the host names of each product that it can be."""

import pytest

from fakes.company import Company
from fakes.names import SYSTEMS
from fakes.system import Setup
from harness.foreign.registry import faces_of
from harness.foreign.town import Town
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR

SETUP = Setup(
    station=Station(capacity=1, service=constant(1), latency=constant(1)),
    delivery=DeliveryPolicy(delay=constant(1), retries_us=(), ack_timeout_us=1),
    index_lag=constant(0),
)


@pytest.mark.parametrize(("system", "name"), [(system, name) for system in SYSTEMS for name in faces_of(system)])
def test_a_face_is_found_under_all_its_hosts(system, name):
    company = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, SETUP), (), 0)
    town = Town(company, 0)
    worn = town.wearing(system, name)
    assert worn.face.hosts
    for host in worn.face.hosts:
        assert town.internet.player(host.replace("*", "any")).args == (system, name)
