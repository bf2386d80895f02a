"""Carrying an event to its target: of a group's ERPs it is the one of the legal entity that the event is about."""

from dataclasses import replace

import pytest

from fakes.agreements import Account
from fakes.company import SYSTEMS, Company, Setup
from harness.blocks.carrying import Carrier
from harness.blocks.identity import LookUp
from harness.blocks.retry import Caller, RetryPolicy
from harness.layer import Surroundings
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event
from sim.durations import DAY, MINUTE, SECOND
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, contract


@pytest.fixture
def group():
    """A company with a second ERP, that of the entity `emea`."""
    station = Station(capacity=10, service=constant(SECOND), latency=constant(0))
    policy = DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=MINUTE)
    setup = Setup(station=station, delivery=policy, index_lag=constant(0))
    return Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys((*SYSTEMS, "erp-emea"), setup), (), 0)


def carrier_of(company):
    servers = {name: system.server for name, system in company.systems.items()}
    surroundings = Surroundings(company.wire, CALENDAR, servers, 0)
    caller = Caller(surroundings, RetryPolicy())
    return Carrier(surroundings, "erp", caller, LookUp(caller))


def result_of(company, work):
    task = company.wire.clock.spawn(work)
    company.wire.clock.run_until(company.wire.clock.now + DAY)
    return task.result


@pytest.mark.parametrize(("entity", "makes"), [("emea", False), ("", True)])
def test_whether_a_copy_is_to_be_made_is_asked_of_the_entitys_own_erp(group, entity, makes):
    state = replace(contract(), entity="emea")
    group.preload([Account(state.account, "Company", entity="emea")], [state])
    event = Event(1, "crm", "contract_amended", state.key, 2, 0, replace(state, entity=entity))

    assert result_of(group, carrier_of(group).makes(event)) is makes
