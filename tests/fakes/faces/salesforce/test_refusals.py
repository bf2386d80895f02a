"""Whatever is sent, it is answered in Salesforce's shape, the same over any way, and a refusal changes nothing."""

import json

import pytest

DATA = "/services/data/v59.0"
ACCOUNT = f"{DATA}/sobjects/Account"

REQUESTS = {
    "no JSON": ("POST", ACCOUNT, b"{", 400, "JSON_PARSER_ERROR"),
    "no object": ("POST", ACCOUNT, b"[1]", 400, "JSON_PARSER_ERROR"),
    "no body": ("POST", ACCOUNT, b"", 400, "JSON_PARSER_ERROR"),
    "no text": ("POST", ACCOUNT, b'{"Name": "\xff"}', 400, "JSON_PARSER_ERROR"),
    "half a character": ("POST", ACCOUNT, b'{"Name": "\\ud800"}', 400, "JSON_PARSER_ERROR"),
    "a bottomless list": ("POST", ACCOUNT, b"[" * 100_000, 400, "JSON_PARSER_ERROR"),
    "no number": ("POST", ACCOUNT, b'{"Name": "x", "AnnualRevenue": NaN}', 400, "JSON_PARSER_ERROR"),
    "a huge number": ("POST", ACCOUNT, b'{"Name": "x", "AnnualRevenue": 1e999999}', 400, "NUMBER_OUTSIDE_VALID_RANGE"),
    "an endless number": ("POST", ACCOUNT, b'{"Name":"x","NumberOfEmployees":' + b"9" * 5_000 + b"}", 400,
    "JSON_PARSER_ERROR"),
    "a long text": ("POST", ACCOUNT, json.dumps({"Name": "x" * 1_000_000}).encode(), 400, "STRING_TOO_LONG"),
    "no day": ("POST", f"{DATA}/sobjects/Task", b'{"ActivityDate": "2026-W01-1"}', 400, "JSON_PARSER_ERROR"),
    "no version": ("GET", "/services/data/v5.0/sobjects", b"", 404, "NOT_FOUND"),
    "no path": ("GET", f"{DATA}/nothing/at/all", b"", 404, "NOT_FOUND"),
    "no such method": ("PUT", ACCOUNT, b"{}", 405, "METHOD_NOT_ALLOWED"),
    "no query": ("GET", f"{DATA}/query", b"", 400, "MALFORMED_QUERY"),
    "a bad query": ("GET", f"{DATA}/query?q=SELECT", b"", 400, "MALFORMED_QUERY"),
    "a bad locator": ("GET", f"{DATA}/query/01gnothing-2000", b"", 400, "INVALID_QUERY_LOCATOR"),
    "an upsert that says its key twice": (
        "PATCH", f"{ACCOUNT}/External_Id__c/1", b'{"External_Id__c": "1", "Name": "x"}', 400, "INVALID_FIELD",
    ),
    "too many records": (
        "POST", f"{DATA}/composite/sobjects", json.dumps({"records": [{}] * 201}).encode(), 400, "LIMIT_EXCEEDED",
    ),
    "no records": ("POST", f"{DATA}/composite/sobjects", b'{"records": 1}', 400, "JSON_PARSER_ERROR"),
    "no requests": ("POST", f"{DATA}/composite", b"{}", 400, "JSON_PARSER_ERROR"),
    "no operation": ("POST", f"{DATA}/jobs/ingest", b'{"object": "Account"}', 400, "INVALIDJOB"),
    "no job": ("GET", f"{DATA}/jobs/ingest/7505i00000zzzzzAAA", b"", 404, "NOT_FOUND"),
    "no dates": ("GET", f"{ACCOUNT}/deleted?start=x", b"", 400, "INVALID_REPLICATION_DATE"),
    "no search": ("GET", f"{DATA}/search?q=waldo", b"", 400, "MALFORMED_SEARCH"),
    "no field": ("POST", f"{DATA}/tooling/sobjects/CustomField", b"{}", 400, "REQUIRED_FIELD_MISSING"),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_bad_request_is_refused_in_salesforces_shape_and_changes_nothing(place, name):
    method, path, body, status, code = REQUESTS[name]
    place.send("GET", ACCOUNT)
    before = {id_: (one.values, one.modified_us, one.deleted) for id_, one in place.org.view.records.items()}
    answer = place.send(method, path, body)
    assert (answer.status_code, [one["errorCode"] for one in answer.json()]) == (status, [code])
    assert before == {id_: (one.values, one.modified_us, one.deleted) for id_, one in place.org.view.records.items()}


@pytest.mark.parametrize("token", ["", "nonsense", "00D5i0000000001!12.abc", "ünsinn"])
def test_nobody_enters_without_a_session(place, token):
    answer = place.send("POST", ACCOUNT, b'{"Name": "x"}', token=token.encode("utf-8").decode("latin-1"))
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert place.send("GET", "/services/data", token=token.encode().decode("latin-1")).status_code == 200


def test_calls_are_granted_only_so_many_in_a_day(alone):
    alone.org.usage.granted = 3
    assert [alone.send("GET", ACCOUNT).status_code for _ in range(4)] == [200, 200, 200, 403]
    refused = alone.send("GET", ACCOUNT)
    assert [one["errorCode"] for one in refused.json()] == ["REQUEST_LIMIT_EXCEEDED"]
