"""What NetSuite refuses, in its own words, and that nothing is changed by it."""

import base64
import json

import pytest

from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.netsuite import make
from sim.durations import HOUR, SECOND
from sim.http import request_to
from sim.network import Response
from tests.fakes.faces.netsuite.world import CREDENTIALS, Served, config, refused, run, standing
from tests.fakes.faces.netsuite.world import netsuite as library
from tests.fakes.samples import CALENDAR
from tests.parity.ways import records_of

pytestmark = [
    # What the client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]

HOST = "https://tieout.suitetalk.api.netsuite.com"


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


@pytest.fixture
def asked():
    return Asked()


def code(answer):
    said = json.loads(answer.body)
    assert said["status"] == answer.status and said["title"]
    (detail,) = said["o:errorDetails"]
    return answer.status, detail["o:errorCode"]


CUSTOMER = {"companyName": "Northwind", "externalId": "A-1", "entityId": "NW"}


@pytest.fixture
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


@pytest.mark.parametrize(
    "changed",
    [{"consumer_secret": "x"}, {"token_id": "x"}, {"consumer_key": "x"}, {"token_secret": "x"}, {"account": "OTHER"}],
)
def test_a_wrong_signature_is_an_invalid_login(changed, tmp_path, monkeypatch):
    with Served(tmp_path, monkeypatch) as served, pytest.raises(library.rest_api_base.NetsuiteAPIRequestError) as error:
        run(served.client(**changed).get("/record/v1/customer"))
    assert refused(error.value) == (401, "INVALID_LOGIN", None)


def signed(asked, path="/services/rest/record/v1/customer"):
    """A request as the client signs it, at the run's own time."""
    known = config()
    auth = library.NetSuite(known).rest_api._make_auth()
    zero = CALENDAR.local(0).timestamp()

    def at(later_s, nonce="n-1"):
        import authlib.oauth1.rfc5849.client_auth as signing  # noqa: PLC0415

        patch = pytest.MonkeyPatch()
        now_s = int(zero) + asked.standing.company.wire.clock.now // SECOND + later_s
        patch.setattr(signing, "generate_timestamp", lambda: str(now_s))
        patch.setattr(signing, "generate_nonce", lambda: nonce)
        _, headers, _ = auth.sign("GET", f"{HOST}{path}", {}, b"")
        patch.undo()
        return asked.send("GET", path, b"", (("authorization", headers["Authorization"]),))

    return at


def test_a_signature_is_good_for_five_minutes_and_once(asked):
    at = signed(asked)
    assert [at(later, f"n{later}").status for later in (0, -300, 300, -301, 301)] == [200, 200, 200, 401, 401]
    assert code(at(0, "n0")) == (401, "INVALID_LOGIN")


def test_a_token_is_good_for_an_hour(asked):
    asked.later_us = HOUR - 1
    assert asked.ask("GET", "/record/v1/customer").status == 200
    asked.later_us = HOUR
    assert code(asked.ask("GET", "/record/v1/customer")) == (401, "INVALID_LOGIN")
    assert asked.token(secret="x") == {"error": "invalid_client"}
    assert asked.token(grant="password") == {"error": "unsupported_grant_type"}


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"),
    [
        ("GET", "/record/v1/customer/99", None, (404, "NONEXISTENT_ID")),
        ("GET", "/record/v1/customer/eid:none", None, (404, "NONEXISTENT_ID")),
        ("GET", "/record/v1/spaceship", None, (404, "NONEXISTENT_ID")),
        ("DELETE", "/record/v1/invoice/7", None, (404, "NONEXISTENT_ID")),
        ("POST", "/record/v1/customer", {"companyName": 5.5, "colour": "red"}, (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/customer", {}, (400, "USER_ERROR")),
        ("POST", "/record/v1/customer", {**CUSTOMER, "entityId": "x"}, (400, "DUP_ENTITY")),
        ("POST", "/record/v1/customer", {**CUSTOMER, "externalId": "x"}, (400, "UNIQUE_CUST_ID_REQD")),
        ("POST", "/record/v1/nonInventorySaleItem", {"itemId": "Platform"}, (400, "DUP_ITEM")),
        ("POST", "/record/v1/salesOrder", {"entity": {"id": 1}, "externalId": "C-1"}, (400, "DUP_RCRD")),
        ("POST", "/record/v1/salesOrder", {"entity": {"id": 77}}, (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/salesOrder", {"entity": {"id": 1}}, (400, "USER_ERROR")),
        ("POST", "/record/v1/salesOrder", {"entity": {"id": 1}, "item": {"items": [{"item": {"id": 9999}}]}}, (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/salesOrder", {"entity": "1", "item": {"items": [{"item": "1", "quantity": -1}]}}, (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/salesOrder", {"entity": "1", "endDate": "2020-01-01", "item": {"items": [{"item": "1", "rate": 1}]}}, (400, "USER_ERROR")),
        ("PATCH", "/record/v1/salesOrder/11", {"custbody_revision": 9}, (409, "RCRD_HAS_BEEN_CHANGED")),
        ("PATCH", "/record/v1/invoice/12", {"tranDate": "2026-01-01"}, (400, "USER_ERROR")),
        ("DELETE", "/record/v1/invoice/12", None, (400, "USER_ERROR")),
        ("POST", "/record/v1/journalEntry", {"line": {"items": [{"account": "4", "debit": 1}]}}, (400, "USER_ERROR")),
        ("POST", "/record/v1/journalEntry", {"line": {"items": [{"account": "2", "debit": 1}, {"account": "4", "credit": 1}]}}, (400, "USER_ERROR")),
        ("POST", "/record/v1/salesOrder/11/!transform/creditMemo", {}, (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/customerPayment", {"customer": "1", "payment": "much"}, (400, "INVALID_CONTENT")),
        ("PUT", "/record/v1/customer/1", {"companyName": "x"}, (400, "INVALID_CONTENT")),
        ("PATCH", "/record/v1/customer", {}, (405, "METHOD_NOT_ALLOWED")),
        ("GET", "/record/v1/customer?limit=0", None, (400, "INVALID_PARAMETER")),
        ("GET", "/record/v1/customer?limit=2&offset=1", None, (400, "INVALID_PARAMETER")),
        ("GET", "/record/v1/customer?q=colour%20IS%201", None, (400, "INVALID_CONTENT")),
        ("GET", "/elsewhere", None, (404, "INVALID_REQUEST")),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(sold, method, path, body, wanted):
    before = repr(records_of(sold.standing.core))
    assert code(sold.ask(method, path, body)) == wanted
    assert repr(records_of(sold.standing.core)) == before


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"companyName": NaN}', b"[" * 100_000, b"1" * 5_000])
def test_what_is_no_document_is_invalid_content(asked, body):
    assert code(asked.send("POST", "/services/rest/record/v1/customer", body)) == (400, "INVALID_CONTENT")


def test_a_huge_body_is_refused(asked):
    answer = asked.send("POST", "/services/rest/record/v1/customer", b"x" * 2_000_001)
    assert code(answer) == (413, "REQUEST_TOO_LARGE")


def test_unknown_fields_pass_where_a_client_says_so(asked):
    ignoring = ("x-netsuite-propertynamevalidation", "ignore")
    assert asked.ask("POST", "/record/v1/customer", {**CUSTOMER, "colour": "red"}, ignoring).status == 204


def test_a_closed_period_takes_no_postings(sold):
    month = sold.rows("SELECT id FROM accountingperiod WHERE startdate = TO_DATE('2026-01-01', 'YYYY-MM-DD')")[0]["id"]
    assert sold.ask("PATCH", f"/record/v1/accountingPeriod/{month}", {"closed": True}).status == 204
    again = {"tranDate": "2026-01-10"}
    assert code(sold.ask("POST", f"/record/v1/salesOrder/{sold.order}/!transform/invoice", again)) == (400, "USER_ERROR")
    later = {**again, "postingPeriod": {"refName": "Feb 2026"}}
    assert sold.ask("POST", f"/record/v1/salesOrder/{sold.order}/!transform/invoice", later).status == 204
    assert code(sold.ask("PATCH", f"/record/v1/accountingPeriod/{month}", {"closed": False})) == (400, "USER_ERROR")


def test_the_network_refuses_in_netsuites_words(asked):
    busy = asked.face.refusal(Response(429, None, "throttled", 1_500_000))
    assert code(busy) == (429, "CONCURRENCY_LIMIT_EXCEEDED") and busy.header("retry-after") == "2"
    assert code(asked.face.refusal(Response(503, None, "down"))) == (503, "SERVICE_UNAVAILABLE")


# --- orders, and what follows from them --------------------------------------------------------------


def test_a_second_quantity_is_a_second_version(sold):
    changed = {"custbody_effective_date": "2026-02-01", "item": {"items": [{"line": 1, "quantity": 3}]}}
    assert sold.ask("PATCH", f"/record/v1/salesOrder/{sold.order}", changed).status == 204
    (order,) = sold.standing.core.orders.values()
    assert [(one.kind, one.quantity, one.price_change_minor) for one in order.state.versions] == [
        ("signed", 2, 120_000), ("amended", 3, 55_000),
    ]  # fmt: skip
    body = {"entity": {"id": sold.customer}, "item": {"items": [{"item": sold.item, "quantity": 0, "rate": 50}]}}
    for _ in range(2):
        assert sold.ask("PUT", "/record/v1/salesOrder/eid:C-1", body).status == 204
    assert [one.kind for one in order.state.versions] == ["signed", "amended", "cancelled"] and order.revision == 4


def test_an_order_is_written_as_it_was_read(sold):
    path = f"/record/v1/salesOrder/{sold.order}"
    (order,) = sold.standing.core.orders.values()
    before, read = order.state, json.loads(sold.ask("GET", f"{path}?expandSubResources=true").body)
    assert sold.ask("PATCH", f"{path}?replace=item", {**read, "custbody_revision": 1}).status == 204
    assert order.state == before and order.revision == 2
    assert sold.ask("DELETE", path).status == 204 and order.void is not None
    assert code(sold.ask("GET", path)) == (404, "NONEXISTENT_ID")


def test_a_refund_pays_a_credit_memo_back(sold):
    memo = sold.made(f"/record/v1/invoice/{sold.invoice}/!transform/creditMemo", {"item": {"items": [{"amount": 40}]}})
    sold.made(f"/record/v1/creditMemo/{memo}/!transform/customerRefund", {})
    invoice, credit = sold.standing.core.open_items
    assert (invoice.open_minor, credit.total_minor, credit.open_minor) == (10_000, -4_000, 0)
    sold.made(f"/record/v1/invoice/{sold.invoice}/!transform/customerPayment", {})
    assert invoice.open_minor == 0 and sold.standing.core.ledger.trial_balance() == 0


def test_cash_waits_for_its_document(sold):
    payment = {"customer": {"id": sold.customer}, "payment": 12.34, "custbody_document": "INV-2", "externalId": "P-2"}
    id_ = sold.made("/record/v1/customerPayment", payment)
    assert json.loads(sold.ask("GET", f"/record/v1/customerPayment/{id_}").body)["unapplied"] == 12.34
    line = {"item": {"id": sold.item}, "amount": 12.34}
    sold.made("/record/v1/invoice", {"entity": {"id": sold.customer}, "tranId": "INV-2", "item": {"items": [line]}})
    assert json.loads(sold.ask("GET", f"/record/v1/customerPayment/{id_}").body)["unapplied"] == 0


def test_a_journal_is_taken_back_by_its_reversal_date(sold):
    sides = [{"account": {"externalId": "2400"}, "debit": "0.10"}, {"account": "7", "custcol_product": "platform", "credit": 0.1}]
    id_ = sold.made("/record/v1/journalEntry", {"custbody_contract_key": "C-1", "line": {"items": sides}})
    assert sold.ask("PATCH", f"/record/v1/journalEntry/{id_}", {"reversalDate": "2026-02-01"}).status == 204
    entry, back = sold.standing.core.ledger.entries[-2:]
    assert back.reverses == entry.id and back.postings == tuple((a, s, -minor) for a, s, minor in entry.postings)
    assert sold.standing.core.ledger.totals["4000 revenue platform"] == 0


def test_lists_are_paged_and_picked(sold):
    for number in range(2, 6):
        sold.made("/record/v1/customer", {"companyName": f"Company {number}"})
    page = json.loads(sold.ask("GET", "/record/v1/customer?limit=2&offset=2").body)
    assert [one["id"] for one in page["items"]] == ["3", "4"] and page["hasMore"] and page["totalResults"] == 5
    picked = json.loads(sold.ask("GET", '/record/v1/customer?q=companyName%20START_WITH%20%22north%22%20OR%20id%20EQUAL%205').body)
    assert [one["id"] for one in picked["items"]] == ["1", "5"]


# --- SuiteQL -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT COUNT(*) AS n FROM transaction", [{"n": "2"}]),
        ("SELECT t.tranid, c.companyname FROM transaction t JOIN customer c ON c.id = t.entity WHERE t.type = 'CustInvc'",
         [{"tranid": "INV-1", "companyname": "Northwind"}]),
        ("SELECT type, SUM(foreigntotal) s FROM transaction GROUP BY type HAVING COUNT(*) > 0 ORDER BY type DESC",
         [{"type": "SalesOrd", "s": "100"}, {"type": "CustInvc", "s": "100"}]),
        ("SELECT tranid FROM transaction WHERE type IN ('CustInvc','CustCred') AND trandate BETWEEN TO_DATE('1/1/2026','MM/DD/YYYY') AND TO_DATE('2026-12-31','YYYY-MM-DD')",
         [{"tranid": "INV-1"}]),
        ("SELECT tranid FROM transaction WHERE tranid LIKE 'inv%' AND NOT (id <> 12 OR entity IS NULL)", [{"tranid": "INV-1"}]),
        ("SELECT BUILTIN.DF(status) AS s, BUILTIN.DF(postingperiod) p FROM transaction WHERE id = 12",
         [{"s": "Invoice : Open", "p": "Jan 2026"}]),
        ("SELECT item, BUILTIN.DF(item) AS name, quantity, netamount FROM transactionline WHERE transaction = 12 AND mainline = 'F'",
         [{"item": "1", "name": "platform", "quantity": "-2", "netamount": "-100"}]),
        ("SELECT a.acctnumber, SUM(NVL(l.debit, 0) - NVL(l.credit, 0)) AS balance FROM transactionaccountingline l "
         "INNER JOIN account a ON a.id = l.account GROUP BY a.acctnumber ORDER BY 1",
         [{"acctnumber": "1100", "balance": "100"}, {"acctnumber": "2400", "balance": "-100"}]),
        ("SELECT custbody_contract_key AS k FROM transaction WHERE externalid = 'C-1'", [{"k": "C-1"}]),
        ("SELECT CASE WHEN id > 0 THEN 'yes' ELSE 'no' END AS x, UPPER(companyname) || '!' y FROM customer "
         "WHERE id IN (SELECT entity FROM transaction)", [{"x": "yes", "y": "NORTHWIND!"}]),
        ("SELECT i.itemid, t.tranid FROM item i LEFT JOIN transaction t ON t.entity = i.id + 5", [{"itemid": "platform"}]),
        ("SELECT DISTINCT entity FROM transaction FETCH FIRST 1 ROWS ONLY", [{"entity": "1"}]),
        ("SELECT n FROM (SELECT COUNT(*) AS n FROM customer) q WHERE n = 1", [{"n": "1"}]),
    ],
)  # fmt: skip
def test_queries_are_answered(sold, query, rows):
    assert sold.rows(query) == rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT", "SELECT * FROM", "SELECT colour FROM customer", "SELECT * FROM spaceship", "DROP TABLE customer",
        "SELECT 1/0 FROM customer", "SELECT id FROM customer WHERE id = 'x'", "SELECT WARP(id) FROM customer",
        "SELECT id FROM customer WHERE (" * 50, "SELECT id FROM customer ORDER BY 9", "SELECT TO_DATE('x') FROM customer",
        "SELECT '", "SELECT id FROM customer WHERE trandate > 5", "SELECT 9" + "*9e9" * 3 + " FROM customer",
        "SELECT " + "(" * 5_000, "SELECT id FROM customer WHERE " + "-" * 3 + "1 = 1 AND",
    ],
)  # fmt: skip
def test_queries_that_make_no_sense_are_refused(sold, query):
    status, said = sold.sql(query)
    assert (status, said["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_PARAMETER")


def test_a_query_must_be_transient(asked):
    status, said = asked.sql("SELECT id FROM customer", ("accept", "*/*"))
    assert (status, said["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_HEADER")


def test_types_are_told_of(asked):
    listed = json.loads(asked.ask("GET", "/record/v1/metadata-catalog").body)
    names = [one["name"] for one in listed["items"]]
    assert "salesOrder" in names and len(names) == len(set(names))
    for name in names:
        assert json.loads(asked.ask("GET", f"/record/v1/metadata-catalog/{name}").body)["properties"]
        assert asked.ask("GET", f"/record/v1/{name}").status == 200
