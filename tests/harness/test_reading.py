"""A mapping reads what it knows; the team adapts it to a changed source in its turn, and then it reads the rest."""

from contextvars import copy_context
from types import SimpleNamespace

import pytest

from fakes.agreements import Account
from harness.blocks.carrying import Carrier
from harness.blocks.identity import LookUp
from harness.blocks.reading import Reader
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.layer import Surroundings
from harness.mappings import Mappings
from sim.clock import Clock
from sim.delivery import Event
from sim.durations import HOUR
from sim.event_faults import SchemaChange
from sim.network import Wire
from sim.payloads import Extended, Renamed
from sim.trace import Trace
from tests.fakes.samples import CALENDAR

ACCOUNT = Account("A-1", "Company")
RENAMED = Renamed(ACCOUNT, "name", "title")
EXTENDED = Extended(ACCOUNT, "channel")


def event(body, schema=2, type_="account_opened"):
    return Event(1, "crm", type_, "A-1", 1, 0, body, schema=schema)


def change(old="name", new="title", start_us=10 * HOUR, edit_us=4 * HOUR, **fields):
    window = {"start_us": start_us, "end_us": 1 << 50, **fields}
    return SchemaChange(name="change", target="crm", old=old, new=new, edit_us=edit_us, **window)


def world(*changes):
    servers = dict.fromkeys(("crm", "billing", "erp", "revenue"), SimpleNamespace(send=None))
    return Surroundings(Wire(Clock(), Trace()), CALENDAR, servers, 1, mappings=Mappings(changes))


def reads_from_us(surroundings, reader, told):
    """From which hour on a reader can read an event; None if never within a hundred."""
    for hour in range(100):
        surroundings.clock.run_until(hour * HOUR)
        try:
            read = reader.read(told)
        except CallFailed as failed:
            assert (failed.response.status, failed.response.word) == (400, "unreadable")
            continue
        assert (read.schema, read.body) == (1, ACCOUNT)
        assert (read.id, read.key, read.version) == (told.id, told.key, told.version)
        return hour
    return None


@pytest.mark.parametrize(("place", "hour"), [(1, 14), (2, 18), (3, 22)])
def test_mappings_are_adapted_one_after_the_other_in_the_order_of_their_registration(place, hour):
    surroundings = world(change())
    readers = [Reader(surroundings, f"to {number}", ["crm"]) for number in range(1, 4)]
    assert reads_from_us(surroundings, readers[place - 1], event(RENAMED)) == hour


def test_a_mapping_that_is_shared_is_adapted_once():
    surroundings = world(change())
    readers = [Reader(surroundings, "canonical", ["billing", "crm"]) for _ in range(3)]
    assert reads_from_us(surroundings, readers[2], event(RENAMED)) == 14


def test_mappings_of_other_sources_do_not_count():
    surroundings = world(change())
    Reader(surroundings, "first", ["billing", "revenue"])
    assert reads_from_us(surroundings, Reader(surroundings, "second", ["crm"]), event(RENAMED)) == 14


def test_a_new_field_is_nothing_to_who_is_tolerant_and_costs_the_strict_an_edit():
    for strict, hour in ((False, 0), (True, 14)):
        surroundings = world(change(old=None, new="channel"))
        reader = Reader(surroundings, "to billing", ["crm"], strict=strict)
        assert reads_from_us(surroundings, reader, event(EXTENDED)) == hour


def test_of_two_changes_each_has_to_be_known():
    surroundings = world(change(), change(old="key", new="number", start_us=30 * HOUR))
    reader = Reader(surroundings, "to billing", ["crm"])
    assert reads_from_us(surroundings, reader, event(Renamed(RENAMED, "key", "number"))) == 34


def test_a_change_of_other_events_teaches_nothing_about_these():
    surroundings = world(change(only=frozenset({"contract_signed"})))
    reader = Reader(surroundings, "to billing", ["crm"])
    assert reads_from_us(surroundings, reader, event(RENAMED)) is None


@pytest.mark.parametrize("schema", [0, 2])
def test_what_is_malformed_is_never_read(schema):
    surroundings = world(change())
    assert reads_from_us(surroundings, Reader(surroundings, "to billing", ["crm"]), event(None, schema)) is None


@pytest.mark.parametrize(("shared", "registered"), [(False, {"to billing": 14, "to erp": 18}), (True, {"hub": 14})])
def test_a_carrier_has_a_mapping_for_each_source_unless_it_is_handed_one(shared, registered):
    surroundings = world(change())
    hub = Reader(surroundings, "hub", ["crm"]) if shared else None
    caller = Caller(surroundings, RetryPolicy())
    for target in ("billing", "erp"):
        Carrier(surroundings, target, caller, LookUp(caller), reader=hub)
    adapted = {name: surroundings.mappings.adapted_us(event(RENAMED), name, RENAMED) // HOUR for name in registered}
    assert adapted == registered


def test_a_carrier_fails_at_once_on_what_it_cannot_read():
    surroundings = world(change())
    caller = Caller(surroundings, RetryPolicy())
    carrier = Carrier(surroundings, "billing", caller, LookUp(caller))
    with pytest.raises(CallFailed):
        copy_context().run(carrier.carry(event(RENAMED)).send, None)
