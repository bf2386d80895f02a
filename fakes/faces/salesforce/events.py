"""How an organisation tells what sales entered: as change events, or by outbound messages.

A change event of a record that nobody can read is a gap event: it says what changed, and that it must be read again.
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from xml.sax.saxutils import escape

from fakes.agreements import Account
from fakes.faces.salesforce.ids import ORGANIZATION, USER, record_id
from fakes.faces.salesforce.mirror import Mirror
from fakes.faces.salesforce.org import Org
from sim.delivery import Event
from sim.event_faults import MALFORMED
from sim.http import HttpRequest
from sim.payloads import plain_body, views

Style = Literal["change_event", "outbound_message"]

_CALLED = {
    "account": ("AccountId",), "name": ("Name",), "parent": ("ParentId",), "party": ("Party__c",),
    "entity": ("Entity__c",), "currency": ("CurrencyIsoCode",), "start_day": ("StartDate",), "end_day": ("EndDate",),
    "billing_months": ("Billing_Months__c",), "unit_price_minor": ("Unit_Price__c", "Unit_Price_Minor__c"),
    "versions": ("Versions__c",), "version": ("Version__c",), "renews": ("Renews__c",), "ramp": ("Ramp__c",),
}  # fmt: skip
"""What fields of an account or a contract are called here."""


class Telling:
    """Makes messages of events."""

    def __init__(self, org: Org, mirror: Mirror, style: Style) -> None:
        self._org = org
        self._mirror = mirror
        self._style = style

    def message(self, event: Event, now_us: int) -> HttpRequest | None:
        """An event as it is told, to be sent wherever it is wanted; None for what is no change of a record."""
        self._mirror.follow()
        found = self._mirror.record_id(event.key)
        if found is None:
            return None
        name, id_ = found
        fields = self._fields(event)
        if self._style == "outbound_message":
            return self._outbound(event, name, id_, fields)
        return self._change_event(event, name, id_, fields)

    def _fields(self, event: Event) -> dict[str, Any] | None:
        """What the record was like when the event was told, by the names that its fields then had."""
        if event.schema == MALFORMED or event.body is None:
            return None
        state = plain_body(event.body)
        fields = self._mirror.account(state) if isinstance(state, Account) else self._mirror.contract(state)
        for view in reversed([*views(event.body)]):
            old, new = view.names
            called = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", new)) + "__c"
            if old is None:
                fields[called] = None
            for number, name in enumerate(_CALLED.get(old or "", ())):
                if name in fields:
                    fields[called.replace("__c", "_2__c") if number else called] = fields.pop(name)
        return {name: _shown(value) for name, value in fields.items()}

    def _change_event(self, event: Event, name: str, id_: str, fields: dict[str, Any] | None) -> HttpRequest:
        change = "CREATE" if event.version == 1 else "UPDATE"
        header = {
            "entityName": name,
            "recordIds": [id_],
            "changeType": change if fields is not None else f"GAP_{change}",
            "changeOrigin": "",
            "transactionKey": f"{event.id:08x}-0000-4000-8000-{event.stamp_us:012x}",
            "sequenceNumber": 1,
            "commitTimestamp": self._org.times.milliseconds(event.stamp_us),
            "commitNumber": event.id,
            "commitUser": USER,
            "nulledFields": [],
            "diffFields": [],
            "changedFields": [] if change == "CREATE" else sorted(fields or ()),
        }
        body = {
            "schema": f"tieout-{name}-{event.schema}",
            "payload": {"ChangeEventHeader": header, **(fields or {})},
            "event": {"replayId": event.id},
            "channel": f"/data/{name}ChangeEvent",
        }
        return HttpRequest("POST", "", "/", (("content-type", "application/json"),), json.dumps(body).encode())

    def _outbound(self, event: Event, name: str, id_: str, fields: dict[str, Any] | None) -> HttpRequest:
        values = "".join(
            f"<sf:{field}>{escape(_written(value))}</sf:{field}>"
            for field, value in (fields or {}).items()
            if value is not None
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
            'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
            '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
            f"<OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>{record_id('04k', 1)}</ActionId>"
            '<SessionId xsi:nil="true"/><EnterpriseUrl/><PartnerUrl/>'
            f"<Notification><Id>{record_id('04l', event.id)}</Id>"
            f'<sObject xsi:type="sf:{name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
            f"<sf:Id>{id_}</sf:Id>{values}"
            "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
        )
        headers = (("content-type", "text/xml; charset=utf-8"), ("soapaction", '""'))
        return HttpRequest("POST", "", "/", headers, body.encode())


def _shown(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
