"""The face in place, asked with a bearer token."""

import base64
import json

from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.netsuite.face import make
from sim.http import request_to
from tests.fakes.faces.netsuite.world import CREDENTIALS, standing
from tests.fakes.samples import CALENDAR

HOST = "https://tieout.suitetalk.api.netsuite.com"
CUSTOMER = {"companyName": "Northwind", "externalId": "A-1", "entityId": "NW"}


class Asked:
    """The face in place, asked with a bearer token."""

    def __init__(self):
        self.standing = standing()
        self.later_us = 0
        clock = self.standing.company.wire.clock
        self.face = make(Door(self.standing.serve, lambda: clock.now + self.later_us, CALENDAR), CREDENTIALS)
        self.authorization = f"Bearer {self.token()['access_token']}"

    def token(self, secret=CREDENTIALS.client_secret, grant="client_credentials"):
        basic = base64.b64encode(f"{CREDENTIALS.client_id}:{secret}".encode()).decode()
        headers = (("authorization", f"Basic {basic}"), ("content-type", "application/x-www-form-urlencoded"))
        answer = self.send("POST", "/services/rest/auth/oauth2/v1/token", f"grant_type={grant}".encode(), headers)
        return json.loads(answer.body)

    def send(self, method, path, body=b"", headers=None):
        if headers is None:
            headers = (("authorization", self.authorization), ("content-type", "application/json"))
        return call(self.face.app, request_to(method, f"{HOST}{path}", headers, body))

    def ask(self, method, path, body=None, *more):
        headers = (("authorization", self.authorization), ("content-type", "application/json"), *more)
        said = json.dumps(body).encode() if body is not None else b""
        return self.send(method, f"/services/rest{path}", said, headers)

    def made(self, path, body):
        answer = self.ask("POST", path, body)
        assert answer.status == 204, answer.body
        return answer.header("location").rpartition("/")[2]

    def sql(self, query, *more, **page):
        path = "/query/v1/suiteql" + ("?" + "&".join(f"{name}={value}" for name, value in page.items()) if page else "")
        answer = self.ask("POST", path, {"q": query}, *(more or (("prefer", "transient"),)))
        return answer.status, json.loads(answer.body)

    def rows(self, query):
        status, said = self.sql(query)
        assert status == 200, said
        return [{name: value for name, value in row.items() if name != "links"} for row in said["items"]]


def code(answer):
    said = json.loads(answer.body)
    assert said["status"] == answer.status and said["title"]
    (detail,) = said["o:errorDetails"]
    return answer.status, detail["o:errorCode"]


def sold(asked):
    """A customer, an item, an order and its invoice; their ids."""
    asked.customer = asked.made("/record/v1/customer", CUSTOMER)
    asked.item = asked.made("/record/v1/nonInventorySaleItem", {"itemId": "platform"})
    asked.order = asked.made("/record/v1/salesOrder", {
        "entity": {"externalId": "A-1"}, "externalId": "C-1", "startDate": "2026-01-01",
        "item": {"items": [{"item": asked.item, "quantity": 2, "rate": 50}]},
    })  # fmt: skip
    asked.invoice = asked.made(f"/record/v1/salesOrder/{asked.order}/!transform/invoice", {"tranId": "INV-1"})
    return asked
