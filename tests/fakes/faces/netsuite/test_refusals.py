"""What NetSuite refuses, in its own words, and that nothing is changed by it."""

import base64
import hmac
import json
from urllib.parse import urlencode

import pytest

from sim.durations import HOUR, SECOND
from sim.network import Response
from tests.fakes.faces.netsuite.asked import CUSTOMER, HOST, code
from tests.fakes.faces.netsuite.world import CREDENTIALS, Served, config, refused, run
from tests.fakes.faces.netsuite.world import netsuite as library
from tests.fakes.samples import CALENDAR
from tests.parity.ways import records_of

pytestmark = [
    # What the client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


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
        import authlib.oauth1.rfc5849.client_auth as signing

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


def assertion(algorithm, secret=b"x", **claims):
    said = {"iss": CREDENTIALS.client_id, "exp": 1 << 40, **claims}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (
        {"alg": algorithm, "kid": "k"}, said,
    )]  # fmt: skip
    signature = hmac.digest(secret, ".".join(parts).encode(), "sha256")
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (assertion("PS256"), 200), (assertion("ES512"), 200),
        (assertion("HS256", CREDENTIALS.client_secret.encode()), 200),
        (assertion("HS256"), 401), (assertion("none"), 401), (assertion("PS256", iss="x"), 401),
        (assertion("PS256", exp=1), 401), ("x.y.z", 401), ("", 401),
    ],
)  # fmt: skip
def test_a_client_is_let_in_by_an_assertion(asked, said, status):
    form = {"grant_type": "client_credentials", "client_assertion": said}
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    answer = asked.send("POST", "/services/rest/auth/oauth2/v1/token", urlencode(form).encode(), kind)
    assert answer.status == status
    assert ("access_token" in json.loads(answer.body)) == (status == 200)


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
        ("POST", "/record/v1/salesOrder", {"entity": {"id": 1}, "item": {"items": [{"item": {"id": 9999}}]}},
         (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/salesOrder", {"entity": "1", "item": {"items": [{"item": "1", "quantity": -1}]}},
         (400, "INVALID_CONTENT")),
        ("POST", "/record/v1/salesOrder", {"entity": "1", "endDate": "2020-01-01",
          "item": {"items": [{"item": "1", "rate": 1}]}},
         (400, "USER_ERROR")),
        ("PATCH", "/record/v1/salesOrder/11", {"custbody_revision": 9}, (409, "RCRD_HAS_BEEN_CHANGED")),
        ("PATCH", "/record/v1/invoice/12", {"tranDate": "2026-01-01"}, (400, "USER_ERROR")),
        ("DELETE", "/record/v1/invoice/12", None, (400, "USER_ERROR")),
        ("POST", "/record/v1/journalEntry", {"line": {"items": [{"account": "4", "debit": 1}]}}, (400, "USER_ERROR")),
        ("POST", "/record/v1/journalEntry", {"line": {"items": [{"account": "2", "debit": 1},
          {"account": "4", "credit": 1}]}},
         (400, "USER_ERROR")),
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
    path = f"/record/v1/salesOrder/{sold.order}/!transform/invoice"
    assert code(sold.ask("POST", path, again)) == (400, "USER_ERROR")
    later = {**again, "postingPeriod": {"refName": "Feb 2026"}}
    assert sold.ask("POST", path, later).status == 204
    assert code(sold.ask("PATCH", f"/record/v1/accountingPeriod/{month}", {"closed": False})) == (400, "USER_ERROR")


def test_the_network_refuses_in_netsuites_words(asked):
    busy = asked.face.refusal(Response(429, None, "throttled", 1_500_000))
    assert code(busy) == (429, "CONCURRENCY_LIMIT_EXCEEDED") and busy.header("retry-after") == "2"
    assert code(asked.face.refusal(Response(503, None, "down"))) == (503, "SERVICE_UNAVAILABLE")
