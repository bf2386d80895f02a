"""NetSuite's face says the same in place and over uvicorn, for every operation, and leaves the same behind."""

import base64
import json
from dataclasses import replace

from fakes.faces.netsuite.catalogue import TYPES
from fakes.faces.netsuite.face import make
from tests.fakes.faces.netsuite.world import CREDENTIALS, standing

RECORD = "/services/rest/record/v1"


def secure(door, credentials):
    """The face as behind HTTPS: its links have the scheme that it was asked by."""
    face = make(door, credentials)

    async def app(scope, receive, send):
        await face.app({**scope, "scheme": "https"}, receive, send)

    return replace(face, app=app)


class Client:
    """Asks one way with a bearer token; the host that answers bear is the same in both."""

    def __init__(self, way):
        self._way = way
        basic = base64.b64encode(f"{CREDENTIALS.client_id}:{CREDENTIALS.client_secret}".encode()).decode()
        kind = ("content-type", "application/x-www-form-urlencoded")
        said = self._ask("POST", "/services/rest/auth/oauth2/v1/token", b"grant_type=client_credentials", (
            ("authorization", f"Basic {basic}"), kind,
        ))  # fmt: skip
        self._token = json.loads(said.body)["access_token"]

    def _ask(self, method, target, body, headers):
        return self._way.ask(method, target, body, headers)

    def ask(self, method, target, body=None, *more, status=None):
        headers = (("authorization", f"Bearer {self._token}"), *more)
        answer = self._ask(method, target, body, headers)
        assert status in {None, answer.status}, answer.body
        return answer

    def made(self, path, body):
        answer = self.ask("POST", f"{RECORD}{path}", body, status=204)
        return dict(answer.headers)["location"].rpartition("/")[2]


def body(way):
    client = Client(way)
    customer = client.made("/customer", {"companyName": "Northwind", "externalId": "A-1"})
    client.ask("PUT", f"{RECORD}/customer/eid:A-2", {"companyName": "Contoso", "parent": {"id": customer}}, status=204)
    item = client.made("/serviceSaleItem", {"itemId": "platform"})
    client.ask("PATCH", f"{RECORD}/serviceSaleItem/{item}", {"displayName": "Platform"}, status=204)
    spare = client.made("/department", {"name": "Sales"})
    client.ask("DELETE", f"{RECORD}/department/{spare}", status=204)
    line = {"item": {"id": item}, "quantity": 2, "rate": 12.5}
    order = client.made("/salesOrder", {"entity": {"id": customer}, "externalId": "C-1", "item": {"items": [line]}})
    client.ask("PATCH", f"{RECORD}/salesOrder/{order}", {"memo": "yes"}, status=204)
    invoice = client.made(f"/salesOrder/{order}/!transform/invoice", {"tranId": "INV-1"})
    memo = client.made(f"/invoice/{invoice}/!transform/creditMemo", {"item": {"items": [{"amount": 5}]}})
    client.made(f"/creditMemo/{memo}/!transform/customerRefund", {})
    client.made(f"/invoice/{invoice}/!transform/customerPayment", {})
    sides = [{"account": "2400", "debit": 1}, {"account": "4000-platform", "credit": 1}]
    journal = client.made("/journalEntry", {"custbody_contract_key": "C-1", "line": {"items": sides}})
    client.ask("PATCH", f"{RECORD}/journalEntry/{journal}", {"reversalDate": "2026-02-01"}, status=204)
    client.ask("PATCH", f"{RECORD}/accountingPeriod/24311", {"closed": True}, status=204)
    for type_ in TYPES:
        client.ask("GET", f"{RECORD}/metadata-catalog/{type_.name}", status=200)
        listed = json.loads(client.ask("GET", f"{RECORD}/{type_.name}?limit=50", status=200).body)
        for one in listed["items"][:2]:
            client.ask("GET", f"{RECORD}/{type_.name}/{one['id']}?expandSubResources=true", status=200)
    client.ask("GET", f"{RECORD}/salesOrder/{order}/item", status=200)
    client.ask("GET", f"{RECORD}/salesOrder/{order}/item/1", status=200)
    client.ask("GET", f"{RECORD}/metadata-catalog", None, ("accept", "application/swagger+json"), status=200)
    client.ask("GET", "/rest/tokeninfo", status=200)
    for table in ("transaction", "transactionline", "transactionaccountingline", "customer", "item", "account"):
        query = {"q": f"SELECT * FROM {table}"}
        client.ask("POST", "/services/rest/query/v1/suiteql", query, ("prefer", "transient"), status=200)
    client.ask("DELETE", f"{RECORD}/salesOrder/{order}", status=204)
    client.ask("DELETE", f"{RECORD}/invoice/{invoice}", status=400)
    client.ask("POST", f"{RECORD}/customer", b"{", ("content-type", "application/json"), status=400)
    client.ask("PATCH", f"{RECORD}/customer", {}, status=405)
    return order, invoice, memo, journal


def test_both_ways_say_the_same(parity):
    both = parity(secure, standing)
    for way in both.ways:
        way.now_us = way.standing.company.wire.clock.now
    assert both.each(body) == ("11", "12", "22", "54")
