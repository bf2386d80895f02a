"""Salesforce's own client in virtual time: nothing of it is changed, and it finds its own hosts."""

import datetime
import time

import pytest

from sim.http import HttpRequest
from sim.network import Response
from tests.fakes.faces.salesforce.places import PASSWORD, SECURITY_TOKEN, USERNAME, face, in_virtual_time

KEYS = {"consumer_key": "tieout", "consumer_secret": "tieout-secret"}


def test_the_client_logs_in_anew_when_its_session_has_ended():
    def work():
        from simple_salesforce import Salesforce

        sf = Salesforce(username=USERNAME, password=PASSWORD, security_token=SECURITY_TOKEN)
        first = sf.session_id
        time.sleep(3 * 3600)
        found = sf.query("SELECT COUNT() FROM Account")["totalSize"]
        return found, first != sf.session_id, sf.sf_instance, datetime.datetime.now(datetime.UTC).isoformat()[:16]

    assert in_virtual_time(work, 20_000) == (2, True, "tieout.my.salesforce.com", "2025-12-18T08:00")


def test_the_client_logs_in_by_oauth():
    def work():
        from simple_salesforce import Salesforce

        by_password = Salesforce(username=USERNAME, password=PASSWORD, **KEYS)
        by_client = Salesforce(domain="acme.my", **KEYS)
        return [one.query("SELECT COUNT() FROM Account")["totalSize"] for one in (by_password, by_client)]

    assert in_virtual_time(work) == [2, 2]


def test_a_signed_assertion_lets_in():
    jwt = pytest.importorskip("jwt")
    key = "secret-of-more-than-thirty-two-bytes-for-once"

    def work():
        import requests

        claims = {"iss": "tieout", "sub": USERNAME, "aud": "https://login.salesforce.com", "exp": "1"}
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, key, algorithm="HS256"),
        }
        given = requests.post("https://login.salesforce.com/services/oauth2/token", data=form).json()
        return given["instance_url"]

    assert in_virtual_time(work) == "https://tieout.my.salesforce.com"


def test_a_flow_takes_the_same_time_every_time():
    def work():
        from simple_salesforce import Salesforce

        sf = Salesforce(username=USERNAME, password=PASSWORD, security_token=SECURITY_TOKEN)
        account = sf.Account.create({"Name": "Acme"})["id"]
        sf.bulk2.Contact.insert(records=[{"LastName": f"{n}", "AccountId": account} for n in range(300)])
        found = sf.query_all("SELECT Id FROM Contact", headers={"Sforce-Query-Options": "batchSize=200"})["totalSize"]
        return found, time.monotonic()

    first, again = in_virtual_time(work), in_virtual_time(work)
    assert first == again and first[0] == 300


def test_the_older_bulk_api_waits_on_threads_of_its_own():
    def work():
        from simple_salesforce import Salesforce

        sf = Salesforce(username=USERNAME, password=PASSWORD, security_token=SECURITY_TOKEN)
        made = sf.bulk.Contact.insert([{"LastName": f"{n}"} for n in range(50)], batch_size=20)
        found = sf.bulk.Contact.query("SELECT Id FROM Contact")
        return len(made), len(list(found)), time.monotonic()

    first, again = in_virtual_time(work), in_virtual_time(work)
    assert first == again and first[:2] == (50, 50)


def test_requests_are_named_by_what_they_ask_and_whom_they_are_about():
    named = face().named
    v = "/services/data/v59.0"

    def asked(method, target, body=b""):
        return named(HttpRequest(method, "acme.my.salesforce.com", target, (), body))

    assert asked("POST", "/services/oauth2/token") == ("refresh_token", "")
    assert asked("POST", f"{v}/sobjects/Account/", b'{"Name": "Acme"}') == ("create_account", "Acme")
    assert asked("PATCH", f"{v}/sobjects/OrderItem/OrderItemKey__c/C-1%2Fx") == ("upsert_order_item", "C-1/x")
    assert asked("GET", f"{v}/query/?q=SELECT+Id+FROM+Order") == ("query_order", "SELECT Id FROM Order")
    assert asked("GET", f"{v}/jobs/query/7505i0000000001AAA/results") == (
        "read_query_job_results",
        "7505i0000000001AAA",
    )
    assert asked("POST", f"{v}/composite", b"nonsense") == ("composite", "")


@pytest.mark.parametrize(
    ("status", "told", "code"),
    [(429, 403, "REQUEST_LIMIT_EXCEEDED"), (401, 401, "INVALID_SESSION_ID"), (503, 503, "SERVER_UNAVAILABLE"), (500,
    500, "UNKNOWN_EXCEPTION")],
)  # fmt: skip
def test_what_the_network_refuses_is_said_in_salesforces_words(status, told, code):
    answer = face().refusal(Response(status, None, "down"))
    assert answer.status == told and f'"errorCode":"{code}"'.encode() in answer.body


def test_a_credential_that_was_revoked_is_refused_in_oauths_words():
    answer = face().refusal(Response(401, None, "invalid_grant"))
    assert answer.status == 400 and b'"error":"invalid_grant"' in answer.body
