"""How an organisation tells of what sales entered."""

import json
from dataclasses import replace
from xml.etree import ElementTree

from sim.payloads import Renamed
from tests.fakes.faces.salesforce.places import SIGNED, company, face
from tests.fakes.samples import as_of


def told(style="change_event", alter=lambda event: event):
    """What a face sends of an amendment."""
    made = company()
    dressed = face(made, style=style)
    made.sign(SIGNED)
    event = alter(made.systems["crm"].publisher.published[-1])
    return dressed.webhook(event, event.committed_us)


def test_a_change_event_says_what_changed_and_when():
    request = told()
    body = json.loads(request.body)
    header = body["payload"]["ChangeEventHeader"]
    assert (request.method, body["channel"]) == ("POST", "/data/ContractChangeEvent")
    assert (header["entityName"], header["changeType"]) == ("Contract", "UPDATE")
    assert header["recordIds"][0].startswith("800") and header["commitTimestamp"] == 1_766_034_000_000
    assert (body["payload"]["Version__c"], body["payload"]["Unit_Price__c"]) == (2, 1.01)
    assert body["event"]["replayId"] == header["commitNumber"]


def test_an_event_has_the_state_of_its_version():
    body = json.loads(told(alter=lambda event: replace(event, version=1, body=as_of(SIGNED, 1))).body)
    assert body["payload"]["Quantity__c"] == 10.0 and body["payload"]["ChangeEventHeader"]["changeType"] == "CREATE"


def test_a_field_that_is_called_anew_is_told_under_its_new_name():
    def alter(event):
        return replace(event, schema=2, body=Renamed(event.body, "unit_price_minor", "list_price"))

    payload = json.loads(told(alter=alter).body)["payload"]
    assert payload["ListPrice__c"] == 1.01 and "Unit_Price__c" not in payload


def test_an_event_that_nobody_can_read_is_a_gap():
    payload = json.loads(told(alter=lambda event: replace(event, schema=0, body=None)).body)["payload"]
    assert payload["ChangeEventHeader"]["changeType"] == "GAP_UPDATE" and set(payload) == {"ChangeEventHeader"}


def test_an_outbound_message_is_soap():
    request = told("outbound_message")
    sobject = ElementTree.fromstring(request.body).find(".//{*}sObject")
    fields = {child.tag.partition("}")[2]: child.text for child in sobject}
    assert fields["ContractKey__c"] == "C-1" and fields["Quantity__c"] == "15.0" and fields["Id"].startswith("800")
