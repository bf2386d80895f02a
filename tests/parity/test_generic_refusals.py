"""What the generic API refuses: by a problem of one shape, in place and over uvicorn, and nothing is changed by it."""

import copy
import json

import pytest

from fakes.erp import PostDocument
from fakes.faces.generic.face import endpoints_of
from fakes.names import SYSTEMS
from sim.http import request_to
from tests.fakes.samples import day
from tests.parity.company import face_of, generic, standing
from tests.parity.test_generic import AMENDED_JSON, CASES, NEW_JSON, USED, endpoint_for
from tests.parity.ways import in_place, records_of

CUSTOMER = {"account": "A-1", "name": "North"}
ADMITTED = (("authorization", "Bearer sk_test_tieout"), ("content-type", "application/json"))
DOCUMENT = {
    "document": "INV-9", "account": "A-1", "contract": "C-1", "currency": "USD", "total_minor": 5,
    "day": "2025-12-31", "posting_day": "2025-12-31",
}  # fmt: skip


def refused(parity, system, method, target, body=None, headers=None):
    """The problem of a request that is refused, which changes nothing."""
    both = generic(parity, system)

    def ask(way):
        before = copy.deepcopy(records_of(way.core))
        answer = way.ask(method, target, body, headers)
        assert records_of(way.core) == before
        return answer

    answer = both.each(ask)
    assert dict(answer.headers)["content-type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert problem.keys() - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == answer.status
    return answer, problem


def fields(problem):
    return {error["field"] for error in problem["errors"]}


# --- who is let in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", [None, "Bearer sk_test_other", "Bearer", "Basic sk_test_tieout", "sk_test_tieout", "Bearer é"]
)
@pytest.mark.parametrize("target", ["/customers", "/customers?account=A-1"])
def test_without_the_api_key_nothing_is_done(parity, authorization, target):
    method = "GET" if "?" in target else "POST"
    headers = [("content-type", "application/json")]
    if authorization is not None:
        headers.append(("authorization", authorization))
    body = None if method == "GET" else json.dumps(CUSTOMER).encode()
    answer, problem = refused(parity, "billing", method, target, body, headers)

    assert (answer.status, problem["code"]) == (401, "unauthorised")
    assert dict(answer.headers)["www-authenticate"] == "Bearer"


def test_the_scheme_is_read_in_any_case(parity):
    headers = (("authorization", "bearer sk_test_tieout"),)
    answer = generic(parity, "crm").each(lambda way: way.ask("GET", "/accounts/A-1", headers=headers))
    assert answer.status == 200


# --- bodies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b'{"account": "A-1"} {}', b'{"account": "\xff"}', b'{"account": "\\ud800", "name": "x"}',
     b"[" * 5_000, b'{"account": }'],
    ids=["empty", "open", "no JSON", "two documents", "no UTF-8", "half a character", "deep", "no value"],
)  # fmt: skip
def test_what_is_no_json_is_malformed(parity, body):
    answer, problem = refused(parity, "billing", "POST", "/customers", body, ADMITTED)
    assert (answer.status, problem["code"], "errors" in problem) == (400, "malformed_json", False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "body.name"),
        ({"name": ""}, "body.name"),
        ({"name": "x" * 256}, "body.name"),
        ({"account": 7}, "body.account"),
        ({"account": "A/1"}, "body.account"),
        ({"version": "2"}, "body.version"),
        ({"version": 2.5}, "body.version"),
        ({"version": True}, "body.version"),
        ({"version": 0}, "body.version"),
        ({"colour": "red"}, "body.colour"),
    ],
)
def test_what_does_not_fit_its_contract_is_told_by_field(parity, change, field):
    answer, problem = refused(parity, "billing", "POST", "/customers", {**CUSTOMER, **change})
    assert (answer.status, problem["code"], fields(problem)) == (422, "invalid_request", {field})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start_day": "2026-02-30"}, "start_day"),
        ({"start_day": "20260101"}, "start_day"),
        ({"start_day": "2026-01-01T00:00:00Z"}, "start_day"),
        ({"start_day": 739_617}, "start_day"),
        ({"start_day": "9999-12-31"}, "start_day"),
        ({"currency": "usd"}, "currency"),
        ({"unit_price_minor": "100"}, "unit_price_minor"),
        ({"unit_price_minor": 10**13}, "unit_price_minor"),
        ({"billing_months": 0}, "billing_months"),
        ({"versions": []}, "versions"),
        ({"versions": "1"}, "versions"),
        ({"obligations": [{"product": "platform"}]}, "obligations.0.ssp_minor"),
        ({"versions": [{**NEW_JSON["versions"][0], "kind": "renewed"}]}, "versions.0.kind"),
    ],
)
def test_a_field_of_a_contract_is_told_by_its_place(parity, change, field):
    body = {"state": {**NEW_JSON, **change}}
    answer, problem = refused(parity, "revenue", "POST", "/contracts", body)
    assert answer.status == 422
    assert f"body.state.{field}" in fields(problem)


@pytest.mark.parametrize("body", [b"null", b"7", b"[]", b'"text"'])
def test_a_body_that_is_no_object_does_not_fit(parity, body):
    answer, problem = refused(parity, "billing", "POST", "/customers", body, ADMITTED)
    assert (answer.status, fields(problem)) == (422, {"body"})


def test_a_body_over_a_megabyte_is_too_large(parity):
    body = json.dumps({**CUSTOMER, "name": "x" * 1_000_000}).encode()
    answer, problem = refused(parity, "billing", "POST", "/customers", body, ADMITTED)
    assert (answer.status, problem["code"]) == (413, "body_too_large")


def test_a_body_that_is_not_said_to_be_json_is_not_read(parity):
    headers = (ADMITTED[0], ("content-type", "text/plain"))
    answer, problem = refused(parity, "billing", "POST", "/customers", json.dumps(CUSTOMER).encode(), headers)
    assert (answer.status, problem["code"]) == (415, "unsupported_media_type")


# --- paths and queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/", "/nowhere", "/customers/", "/invoices/a/b", "/invoices/%2F", "/accounts/A-1"])
def test_an_unknown_path_is_a_problem(parity, target):
    answer, problem = refused(parity, "billing", "GET", target)
    assert (answer.status, problem["code"]) == (404, "unknown_path")


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("DELETE", "/customers", "POST, GET"),
        ("GET", "/customers/cus-000001", "PUT"),
        ("PATCH", "/invoices/INV-C-1-1", "GET"),
        ("POST", "/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(parity, method, target, allowed):
    answer, problem = refused(parity, "billing", method, target)
    assert (answer.status, problem["code"]) == (405, "method_not_allowed")
    assert dict(answer.headers)["allow"] == allowed


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query.account"),
        ("?account=", "query.account"),
        ("?account=A-1&colour=red", "query.colour"),
        ("?account=A-1&account=A-2", "query"),
        ("?account=%FF", "query"),
        ("?account=" + "a" * 256, "query.account"),
    ],
)
def test_a_query_that_does_not_fit_is_told_by_field(parity, query, field):
    answer, problem = refused(parity, "billing", "GET", f"/customers{query}")
    assert (answer.status, fields(problem)) == (422, {field})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday&until=2026-01-01T00:00:00Z", "query.since"),
        ("since=2026-01-01T00:00:00&until=2026-01-01T00:00:00Z", "query.since"),
        ("since=2026-01-01T00:00:00Z&until=2026-01-01T24:30:00Z", "query.until"),
        ("since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z&limit=0", "query.limit"),
        ("since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z&after=there", "query.after"),
    ],
)
def test_instants_and_places_are_read_strictly(parity, query, field):
    answer, problem = refused(parity, "crm", "GET", f"/changes?{query}")
    assert (answer.status, fields(problem)) == (422, {field})


def test_an_id_in_a_path_has_a_largest_length(parity):
    answer, problem = refused(parity, "crm", "GET", "/accounts/" + "a" * 256)
    assert (answer.status, fields(problem)) == (422, {"path.account"})


# --- what the cores refuse ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "method", "target", "body", "status", "code"),
    [
        ("crm", "GET", "/accounts/A-404", None, 404, "account_not_found"),
        ("crm", "GET", "/contracts/C-404", None, 404, "contract_not_found"),
        ("billing", "PUT", "/customers/cus-404", CUSTOMER, 404, "customer_not_found"),
        ("billing", "POST", "/subscriptions", {"customer": "cus-404", "state": NEW_JSON}, 404, "customer_not_found"),
        ("billing", "PUT", "/subscriptions/sub-404", {"state": NEW_JSON}, 404, "subscription_not_found"),
        (
            "billing", "PUT", "/subscriptions/sub-000001", {"state": AMENDED_JSON, "if_revision": 7},
            412, "revision_changed",
        ),
        ("billing", "POST", "/subscriptions/sub-000001/void", {"reason": "twice"}, 409, "invoice_issued"),
        ("billing", "POST", "/fulfilments", {"fulfilment": {**USED, "product": "x"}}, 422, "unknown_deliverable"),
        ("billing", "GET", "/usage/U-404", None, 404, "usage_not_found"),
        ("billing", "GET", "/invoices/INV-404", None, 404, "invoice_not_found"),
        ("billing", "GET", "/payments/PAY-404", None, 404, "payment_not_found"),
        ("erp", "POST", "/documents", DOCUMENT, 409, "period_closed"),
        ("erp", "POST", "/documents", {**DOCUMENT, "account": "A-404"}, 404, "customer_not_found"),
        ("erp", "POST", "/journal-entries/JE-404/reverse", {"posting_day": "2026-02-05"}, 404, "entry_not_found"),
        ("erp", "POST", "/orders/SO-404/void", {"reason": "twice"}, 404, "order_not_found"),
        (
            "revenue", "POST", "/contracts", {"state": {**NEW_JSON, "end_day": NEW_JSON["start_day"]}},
            422, "invalid_contract",
        ),
        ("revenue", "POST", "/contracts/RC-000001/void", {"reason": "twice"}, 409, "revenue_recognised"),
        ("revenue", "GET", "/recognitions/REC-404", None, 404, "recognition_not_found"),
        ("projects", "GET", "/fulfilments/T-404", None, 404, "fulfilment_not_found"),
        ("projects", "POST", "/projects/PRJ-404/void", {"reason": "twice"}, 404, "project_not_found"),
    ],
)  # fmt: skip
def test_a_cores_word_is_the_code_of_the_problem(parity, system, method, target, body, status, code):
    answer, problem = refused(parity, system, method, target, body)
    assert (answer.status, problem["code"]) == (status, code)
    assert problem["type"] == f"urn:tieout:problem:{code}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_problem_that_an_operation_meets_is_declared(parity, system):
    """Each operation is asked in ways that it refuses; the document names the status of each answer."""
    both = generic(parity, system)
    declared = json.loads(both.ways[0].ask("GET", "/openapi.json").body)["paths"]
    for case in CASES[system]:
        endpoint = endpoint_for(system, case)
        said = declared[endpoint.path][case.method.lower()]["responses"]
        nobody, huge = (("content-type", "application/json"),), b" " * 1_000_001
        for body, headers in ((case.body, nobody), (b"{", ADMITTED), (b"{}", ADMITTED), (huge, ADMITTED)):
            target = case.target.partition("?")[0] + ("?x=1" if endpoint.query else "")
            answer = both.ways[0].ask(case.method, target, body, headers)
            assert str(answer.status) in said, (case, answer)


# --- idempotency keys --------------------------------------------------------------------------------------


def with_key(key):
    return (*ADMITTED, ("idempotency-key", key))


def test_a_repeated_key_makes_one_customer_and_answers_the_same(parity):
    def body(way):
        sent = json.dumps(CUSTOMER).encode()
        return [way.ask("POST", "/customers", sent, with_key(key)) for key in ("k-1", "k-1", "k-2")]

    both = generic(parity, "billing")
    first, again, other = both.each(body)

    assert (first.status, first.body) == (again.status, again.body)
    assert first.body != other.body
    replayed = [dict(answer.headers).get("idempotent-replayed") for answer in (first, again, other)]
    assert replayed == [None, "true", None]
    assert [one for one in both.ways[0].core.customers.all if one > "cus-000002"] == ["cus-000003", "cus-000004"]


def test_a_key_with_another_request_is_refused(parity):
    def body(way):
        way.ask("POST", "/customers", json.dumps(CUSTOMER).encode(), with_key("k-1"))
        return way.ask("POST", "/customers", json.dumps({**CUSTOMER, "name": "South"}).encode(), with_key("k-1"))

    answer = generic(parity, "billing").each(body)
    assert (answer.status, json.loads(answer.body)["code"]) == (422, "key_reused")


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_length(parity, key):
    sent = json.dumps(CUSTOMER).encode()
    answer, problem = refused(parity, "billing", "POST", "/customers", sent, with_key(key))
    assert (answer.status, fields(problem)) == (422, {"header.idempotency-key"})


def test_only_systems_that_honour_keys_declare_them():
    def takes_key(system):
        made = generic_document(system)
        return {
            parameter["name"] for path in made["paths"].values() for operation in path.values()
            for parameter in operation.get("parameters", ()) if parameter["in"] == "header"
        }  # fmt: skip

    assert {system for system in SYSTEMS if takes_key(system)} == {"billing", "revenue", "projects"}


def generic_document(system):
    """The OpenAPI document of a system's API."""
    return json.loads(in_place(face_of(system), request_to("GET", "https://any.test/openapi.json")).body)


def test_an_external_id_makes_a_repeated_document_one(parity):
    posted = {**DOCUMENT, "posting_day": "2026-02-05", "external_id": "INV-9"}
    both = generic(parity, "erp")
    first, again = both.each(lambda way: [way.ask("POST", "/documents", posted) for _ in range(2)])
    assert first == again
    made = standing("erp")()
    made.serve(PostDocument(**{**posted, "day": day("2025-12-31"), "posting_day": day("2026-02-05")}), None, 1)
    assert len(both.ways[0].core.open_items) == len(made.core.open_items) == 2


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_document_says_what_every_operation_does_and_takes(system):
    made = generic_document(system)
    for endpoint in endpoints_of(system):
        said = made["paths"][endpoint.path][endpoint.method.lower()]
        assert said["operationId"] == endpoint.word
        assert said["description"]
        assert said["security"] == [{"HTTPBearer": []}]
        if endpoint.body:
            examples = said["requestBody"]["content"]["application/json"]["examples"]
            assert examples[endpoint.word]["value"] == endpoint.example
