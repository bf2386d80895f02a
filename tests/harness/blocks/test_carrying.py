"""Carrying an event to its target: of a group's ERPs it is the one of the legal entity that the event is about."""

from dataclasses import replace

import pytest

from fakes.agreements import Account
from fakes.company import Company
from fakes.names import SYSTEMS
from fakes.system import Setup
from harness.blocks.carrying import Carrier
from harness.blocks.identity import CrossReference, LookUp
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.layer import Surroundings
from scenarios.values import MILLION
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event
from sim.durations import DAY, HOUR, MINUTE, SECOND
from sim.faults import LostResponse
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


def test_a_customer_that_was_asked_for_in_vain_is_looked_for_before_another_account_of_its_party_has_one_made(group):
    """However long ago that was: its key may have expired. Elsewhere nobody asks."""
    servers = {name: system.server for name, system in group.systems.items()}
    surroundings = Surroundings(group.wire, CALENDAR, servers, 0)
    identity = CrossReference(surroundings.store, surroundings.opening)
    once = Caller(surroundings, RetryPolicy(attempts_max=1))
    carrier = Carrier(surroundings, "billing", once, identity)
    first, second, other = (
        Event(number, "crm", "account_opened", key, 1, day * DAY, Account(key, "Company", party=party))
        for number, (key, party, day) in enumerate((("A-1", "P-1", 0), ("A-2", "P-1", 8), ("A-3", "P-2", 8)), start=1)
    )
    lost = LostResponse(name="lost", target="billing", start_us=0, end_us=HOUR, share_ppm=MILLION)
    servers["billing"].trouble(lost, known=False)

    async def carried():
        with pytest.raises(CallFailed):
            await carrier.carry(first)
        await group.wire.clock.sleep(8 * DAY)
        for event in (second, other):
            await carrier.carry(event)

    group.wire.clock.spawn(carried())
    group.wire.clock.run_until(9 * DAY)
    asked = [row[2] for row in group.wire.trace.rows("calls")]

    assert asked == [
        "billing.create_customer",
        "billing.find_customers",
        "billing.update_customer",
        "billing.create_customer",
    ]
