"""Events as the generic API tells of them: the record as it would be read, signed, with the event's number."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from standardwebhooks import Webhook

from fakes.agreements import Account
from fakes.faces.face import Credentials
from fakes.faces.traceparent import event_of
from fakes.news import BODIES
from sim.delivery import Event
from sim.event_faults import CHANGED, MALFORMED
from sim.payloads import Extended, Renamed
from tests.fakes.samples import at
from tests.parity.company import company, face_of, generic

ACCOUNT = Account("A-1", "Northwind", parent="A-2")
NOW_US = at("2026-01-05", "10:00")
WHERE = {
    "account_opened": "/accounts/{key}",
    "contract_signed": "/contracts/{key}",
    "invoice_issued": "/invoices/{key}",
    "usage_reported": "/usage/{key}",
    "payment_received": "/payments/{key}",
    "revenue_recognised": "/recognitions/{key}",
    "time_approved": "/fulfilments/{key}",
}
"""Where the record of an event of each type is read."""


def event(body, schema=1, **more):
    return Event(7, "crm", "account_changed", "A-1", 2, NOW_US, body, schema, **more)


def told(one, system="crm", now_us=NOW_US):
    return face_of(system).webhook(one, now_us)


def test_an_event_is_told_of_with_its_record():
    assert json.loads(told(event(ACCOUNT)).body) == {
        "specversion": "1.0",
        "id": "evt-7",
        "source": "/crm",
        "type": "tieout.crm.account_changed",
        "time": "2026-01-05T15:00:00.000000Z",
        "key": "A-1",
        "version": 2,
        "schema": 1,
        "data": {"key": "A-1", "name": "Northwind", "entity": "", "party": "", "parent": "A-2", "version": 1},
    }


@pytest.mark.parametrize("system", [system for system, types in BODIES.items() if types])
def test_the_record_of_an_event_is_the_one_that_is_read(parity, system):
    both = generic(parity, system)
    published = both.ways[0].standing.company.systems[system].publisher.published
    assert published
    for one in published:
        read = both.each(lambda way, one=one: way.ask("GET", WHERE[one.type].format(key=one.key)))
        assert json.loads(told(one, system).body)["data"] == json.loads(read.body)


def test_every_type_of_event_can_be_told_of():
    made = company()
    published = [one for system in made.systems.values() for one in system.publisher.published]
    bodies = {type(one.body) for one in published}
    assert bodies == {body for types in BODIES.values() for body in types.values()}


def test_the_official_verifier_takes_the_webhook():
    sent = told(event(ACCOUNT))
    with time_machine.travel(datetime(2026, 1, 5, 15, tzinfo=UTC), tick=False):
        assert Webhook(Credentials().signing_secret).verify(sent.body, dict(sent.headers)) == json.loads(sent.body)


def test_told_again_later_it_has_the_same_id_and_body_and_another_time():
    first, again = told(event(ACCOUNT)), told(event(ACCOUNT), now_us=NOW_US + 90_500_000)
    assert (first.body, first.header("webhook-id")) == (again.body, again.header("webhook-id"))
    assert int(again.header("webhook-timestamp")) - int(first.header("webhook-timestamp")) == 90


def test_the_trace_names_the_event():
    assert event_of(told(event(ACCOUNT)).header("traceparent")) == 7


def test_the_time_is_that_of_the_sources_own_clock():
    assert json.loads(told(event(ACCOUNT, skew_us=-60_000_000)).body)["time"] == "2026-01-05T14:59:00.000000Z"


def test_a_malformed_event_has_a_key_and_a_version_and_no_record():
    said = json.loads(told(event(None, MALFORMED)).body)
    assert (said["key"], said["version"], said["schema"], said["data"]) == ("A-1", 2, 0, None)


def test_a_renamed_field_has_its_new_name_alone():
    said = json.loads(told(event(Renamed(ACCOUNT, "name", "legal_name"), CHANGED)).body)
    assert said["schema"] == 2
    assert said["data"]["legal_name"] == "Northwind"
    assert "name" not in said["data"]


def test_a_new_field_is_there_and_empty():
    body = Extended(Renamed(ACCOUNT, "name", "legal_name"), "segment")
    data = json.loads(told(event(body, CHANGED)).body)["data"]
    assert (data["segment"], data["legal_name"]) == (None, "Northwind")
