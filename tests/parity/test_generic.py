"""Every operation of the generic API: the core asked directly, the face in place and over uvicorn say the same."""

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import pytest

from fakes import billing, crm, erp, projects, revenue
from fakes.bulk import BatchTotals, BulkLoad, Row
from fakes.changes import EARLIEST, ListChanges, Position, ReadStream
from fakes.customers import UpdateCustomer
from fakes.faces.generic.face import endpoints_of
from fakes.faces.traceparent import traceparent_of
from fakes.fulfilments import FindFulfilments, RecordFulfilment
from fakes.names import SYSTEMS
from fakes.service import RefreshToken
from tests.fakes.samples import CALENDAR, as_of, at, contract, day
from tests.parity.company import SUBSCRIBED, generic, standing
from tests.parity.ways import records_of

ZERO = CALENDAR.local(0).astimezone(UTC)
NEW = contract(key="C-9", account="A-1", start="2026-01-15", products={"platform": 100})
NEW_JSON = {
    "key": "C-9", "account": "A-1", "currency": "USD", "start_day": "2026-01-15", "end_day": "2027-01-15",
    "billing_months": 1, "unit_price_minor": 100, "obligations": [{"product": "platform", "ssp_minor": 100}],
    "versions": [
        {
            "number": 1, "kind": "signed", "signed_day": "2026-01-15", "effective_day": "2026-01-15", "quantity": 10,
            "price_change_minor": 12_000,
        }
    ],
}  # fmt: skip
AMENDED = contract(("2026-02-01", 15), key="C-1", start="2025-12-20", products={"platform": 60, "support": 40})
AMENDED_JSON = {
    "key": "C-1", "account": "A-1", "currency": "USD", "start_day": "2025-12-20", "end_day": "2026-12-20",
    "billing_months": 1, "unit_price_minor": 100, "ramp": [],
    "obligations": [{"product": "platform", "ssp_minor": 60}, {"product": "support", "ssp_minor": 40}],
    "versions": [
        {
            "number": 1, "kind": "signed", "signed_day": "2025-12-20", "effective_day": "2025-12-20", "quantity": 10,
            "price_change_minor": 12_000,
        },
        {
            "number": 2, "kind": "amended", "signed_day": "2025-12-20", "effective_day": "2026-02-01", "quantity": 15,
            "price_change_minor": AMENDED.versions[1].price_change_minor,
        },
    ],
}  # fmt: skip
USED = {"key": "U-2", "contract": "C-1", "product": "calls", "from_day": "2026-02-01", "day": "2026-02-04", "units": 20}
USED_CORE = RecordFulfilment(billing.Fulfilment("U-2", "C-1", "calls", day("2026-02-01"), day("2026-02-04"), 20))
SIDES_JSON = [
    {"account": "2400 contract liability", "subject": "C-1", "minor": 90},
    {"account": "4000 revenue platform", "subject": "C-1", "minor": -90},
]
SIDES = (("2400 contract liability", "C-1", 90), ("4000 revenue platform", "C-1", -90))


@dataclass
class Case:
    """One request over HTTP, and the same in the core's own words."""

    method: str
    target: str
    request: Any
    body: Any = None


VOID = {"reason": "twice"}
CASES = {
    "crm": [
        Case("GET", "/accounts/A-1", crm.GetAccount("A-1")),
        Case("GET", "/contracts/C-1", crm.GetContract("C-1")),
        Case("POST", "/token", RefreshToken()),
        Case(
            "GET", "/changes?since=2026-02-05T00:00:00Z&until=2026-02-06T00:00:00%2B01:00",
            ListChanges(at("2026-02-04", "19:00"), at("2026-02-05", "18:00")),
        ),
        Case("GET", "/stream?limit=1", ReadStream(EARLIEST, 1)),
        Case("GET", "/stream?after=0.0", ReadStream(Position(0, 0))),
    ],
    "billing": [
        Case(
            "POST", "/customers", billing.CreateCustomer("A-3", "Fabrikam", "A-2", "P-1", 2),
            {"account": "A-3", "name": "Fabrikam", "parent": "A-2", "party": "P-1", "version": 2},
        ),
        Case("GET", "/customers?account=A-1", billing.FindCustomers("A-1")),
        Case("GET", "/customers?account=A-404", billing.FindCustomers("A-404")),
        Case(
            "PUT", "/customers/cus-000001", UpdateCustomer("cus-000001", "A-1", "North", version=2),
            {"account": "A-1", "name": "North", "version": 2},
        ),
        Case(
            "POST", "/subscriptions", billing.CreateSubscription("cus-000001", NEW),
            {"customer": "cus-000001", "state": NEW_JSON},
        ),
        Case("GET", "/subscriptions?contract=C-1", billing.FindSubscriptions("C-1")),
        Case(
            "PUT", "/subscriptions/sub-000001", billing.UpdateSubscription("sub-000001", AMENDED, 1),
            {"state": AMENDED_JSON, "if_revision": 1},
        ),
        Case(
            "POST", "/subscriptions/sub-000001/void",
            billing.VoidSubscription("sub-000001", "twice", credit=True, by="Ann"),
            {"reason": "twice", "credit": True, "by": "Ann"},
        ),
        Case("POST", "/fulfilments", USED_CORE, {"fulfilment": USED}),
        Case("GET", "/fulfilments?fulfilment=U-2", FindFulfilments("U-2")),
        Case("GET", "/usage/U-1", billing.GetUsage("U-1")),
        Case("GET", "/invoices/INV-C-1-3", billing.GetInvoice("INV-C-1-3")),
        Case("GET", "/payments/PAY-INV-C-1-2", billing.GetPayment("PAY-INV-C-1-2")),
        Case("POST", "/token", RefreshToken()),
        Case(
            "GET", "/changes?since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z",
            ListChanges(at("2025-12-31", "19:00"), at("2026-02-28", "19:00")),
        ),
        Case("GET", "/stream", ReadStream()),
        Case(
            "POST", "/bulk-loads", BulkLoad("b", 1, (
                Row("A-3", billing.CreateCustomer("A-3", "Fabrikam"), "k-1"),
                Row("C-1", billing.VoidSubscription("sub-404", "twice"), None, 7),
            )),
            {
                "batch": "b", "job": 1,
                "rows": [
                    {"operation": "create_customer", "key": "A-3", "idempotency_key": "k-1",
                        "request": {"account": "A-3", "name": "Fabrikam"}},
                    {"operation": "void_subscription", "key": "C-1", "traceparent": traceparent_of(7),
                        "request": {"subscription": "sub-404", "reason": "twice"}},
                ],
            },
        ),
        Case("GET", "/bulk-loads/b", BatchTotals("b")),
    ],
    "erp": [
        Case(
            "POST", "/customers", erp.UpsertCustomer("A-3", "Fabrikam", "A-3", "A-2"),
            {"account": "A-3", "name": "Fabrikam", "external_id": "A-3", "parent": "A-2"},
        ),
        Case("GET", "/customers?account=A-1", erp.FindCustomers("A-1")),
        Case(
            "PUT", "/customers/CUST-000001", UpdateCustomer("CUST-000001", "A-9", "Other"),
            {"account": "A-9", "name": "Other"},
        ),
        Case(
            "POST", "/orders", erp.CreateOrder("CUST-000001", NEW, "C-9"),
            {"customer": "CUST-000001", "state": NEW_JSON, "external_id": "C-9"},
        ),
        Case(
            "PUT", "/orders/by-external-id/C-9", erp.UpsertOrder("CUST-000001", NEW, "C-9", 0),
            {"customer": "CUST-000001", "state": NEW_JSON, "if_revision": 0},
        ),
        Case("GET", "/orders?contract=C-1", erp.FindOrders("C-1")),
        Case("PUT", "/orders/SO-000001", erp.UpdateOrder("SO-000001", AMENDED), {"state": AMENDED_JSON}),
        Case("POST", "/orders/SO-000001/void", erp.VoidOrder("SO-000001", "twice"), VOID),
        Case(
            "POST", "/documents",
            erp.PostDocument("INV-9", "A-1", "C-1", "USD", -700, day("2026-01-31"), day("2026-02-05"), "INV-9"),
            {
                "document": "INV-9", "account": "A-1", "contract": "C-1", "currency": "USD", "total_minor": -700,
                "day": "2026-01-31", "posting_day": "2026-02-05", "external_id": "INV-9",
            },
        ),
        Case("GET", "/documents?document=INV-C-1-2", erp.FindDocuments("INV-C-1-2")),
        Case(
            "POST", "/payments",
            erp.ApplyPayment(
                "PAY-1", "INV-C-1-2", "A-1", "C-1", "USD", 1_000, day("2026-02-01"), day("2026-02-05"), "PAY-1"
            ),
            {
                "payment": "PAY-1", "document": "INV-C-1-2", "account": "A-1", "contract": "C-1", "currency": "USD",
                "minor": 1_000, "day": "2026-02-01", "posting_day": "2026-02-05", "external_id": "PAY-1",
            },
        ),
        Case("GET", "/payments?payment=PAY-1", erp.FindPayments("PAY-1")),
        Case(
            "POST", "/journal-entries",
            erp.PostJournal("REC-9", "C-1", "USD", day("2026-01-31"), day("2026-02-05"), SIDES, "REC-9"),
            {
                "reference": "REC-9", "contract": "C-1", "currency": "USD", "effective_day": "2026-01-31",
                "posting_day": "2026-02-05", "postings": SIDES_JSON, "external_id": "REC-9",
            },
        ),
        Case("GET", "/journal-entries?reference=REC-C-1-1", erp.FindJournals("REC-C-1-1")),
        Case(
            "POST", "/journal-entries/JE-0000002/reverse", erp.ReverseJournal("JE-0000002", day("2026-02-05")),
            {"posting_day": "2026-02-05"},
        ),
        Case("POST", "/token", RefreshToken()),
        Case(
            "POST", "/bulk-loads", BulkLoad("b", 1, (
                Row("C-1", erp.UpdateOrder("SO-000001", AMENDED), None),
                Row("C-9", erp.UpsertOrder("CUST-000001", NEW, "C-9"), None),
            )),
            {
                "batch": "b", "job": 1,
                "rows": [
                    {"operation": "update_order", "key": "C-1",
                        "request": {"order": "SO-000001", "state": AMENDED_JSON}},
                    {"operation": "upsert_order", "key": "C-9",
                        "request": {"external_id": "C-9", "customer": "CUST-000001", "state": NEW_JSON}},
                ],
            },
        ),
        Case("GET", "/bulk-loads/b", BatchTotals("b")),
    ],
    "revenue": [
        Case("POST", "/contracts", revenue.CreateContract(NEW), {"state": NEW_JSON}),
        Case("GET", "/contracts?contract=C-1", revenue.FindContracts("C-1")),
        Case(
            "PUT", "/contracts/RC-000001", revenue.ModifyContract("RC-000001", AMENDED), {"state": AMENDED_JSON}
        ),
        Case("POST", "/contracts/RC-000002/void", revenue.VoidContract("RC-000002", "twice"), VOID),
        Case(
            "POST", "/billings", revenue.RecordBilling("INV-9", "C-1", 700),
            {"document": "INV-9", "contract": "C-1", "total_minor": 700},
        ),
        Case("GET", "/billings?document=INV-9", revenue.FindBillings("INV-9")),
        Case("POST", "/fulfilments", USED_CORE, {"fulfilment": USED}),
        Case("GET", "/fulfilments?fulfilment=U-2", FindFulfilments("U-2")),
        Case("GET", "/recognitions/REC-C-1-1", revenue.GetRecognition("REC-C-1-1")),
        Case("POST", "/token", RefreshToken()),
        Case(
            "GET", "/changes?since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z",
            ListChanges(at("2025-12-31", "19:00"), at("2026-02-28", "19:00")),
        ),
        Case("GET", "/stream", ReadStream()),
        Case(
            "POST", "/bulk-loads", BulkLoad("b", 1, (
                Row("INV-9", revenue.RecordBilling("INV-9", "C-1", 700), None),
                Row("C-9", revenue.CreateContract(NEW), None),
            )),
            {
                "batch": "b", "job": 1,
                "rows": [
                    {"operation": "record_billing", "key": "INV-9",
                        "request": {"document": "INV-9", "contract": "C-1", "total_minor": 700}},
                    {"operation": "create_contract", "key": "C-9", "request": {"state": NEW_JSON}},
                ],
            },
        ),
        Case("GET", "/bulk-loads/b", BatchTotals("b")),
    ],
    "projects": [
        Case("POST", "/projects", projects.CreateProject(NEW), {"state": NEW_JSON}),
        Case("GET", "/projects?contract=S-1", projects.FindProjects("S-1")),
        Case("POST", "/projects/PRJ-000001/void", projects.VoidProject("PRJ-000001", "twice"), VOID),
        Case("GET", "/contracts/S-1", projects.GetProject("S-1")),
        Case("GET", "/fulfilments/T-1", projects.GetFulfilment("T-1")),
        Case("POST", "/token", RefreshToken()),
        Case(
            "GET", "/changes?since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z&limit=2",
            ListChanges(at("2025-12-31", "19:00"), at("2026-02-28", "19:00"), limit=2),
        ),
        Case("GET", "/stream", ReadStream()),
        Case(
            "POST", "/bulk-loads", BulkLoad("b", 1, (
                Row("C-9", projects.CreateProject(NEW), None),
                Row("S-1", projects.VoidProject("PRJ-000001", "twice"), None),
            )),
            {
                "batch": "b", "job": 1,
                "rows": [
                    {"operation": "create_project", "key": "C-9", "request": {"state": NEW_JSON}},
                    {"operation": "void_project", "key": "S-1", "request": {"project": "PRJ-000001", **VOID}},
                ],
            },
        ),
        Case("GET", "/bulk-loads/b", BatchTotals("b")),
    ],
}  # fmt: skip
ALL = [
    pytest.param(system, case, id=f"{system} {case.method} {case.target}")
    for system, cases in CASES.items()
    for case in cases
]


def endpoint_for(system, case):
    (found,) = (
        one for one in endpoints_of(system)
        if one.method == case.method and one.matches.match(case.target.partition("?")[0])
    )  # fmt: skip
    return found


@pytest.mark.parametrize(("system", "case"), ALL)
def test_core_and_face_say_and_do_the_same(parity, system, case):
    """The core is asked directly, the face in place and over uvicorn."""
    made = standing(system)()
    expected = made.serve(case.request, None, made.company.wire.clock.now)
    endpoint = endpoint_for(system, case)

    both = generic(parity, system)
    answer = both.each(lambda way: way.ask(case.method, case.target, case.body))

    assert (expected.status, answer.status) == (200, endpoint.status), answer.body
    write = endpoint.answer.of
    told = {"data": [write(one, ZERO) for one in expected.body]} if endpoint.many else write(expected.body, ZERO)
    assert json.loads(answer.body) == json.loads(json.dumps(told))
    assert records_of(both.ways[0].core) == records_of(made.core)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_endpoint_has_a_case(system):
    asked = {endpoint_for(system, case).word for case in CASES[system]}
    assert asked == {endpoint.word for endpoint in endpoints_of(system)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_operation_of_a_core_has_an_endpoint(system):
    offered = standing(system)().company.systems[system].operations
    assert {operation.word for operation in offered.values()} == {endpoint.word for endpoint in endpoints_of(system)}


def test_a_contract_read_is_a_contract_that_can_be_written(parity):
    state = generic(parity, "crm").each(lambda way: json.loads(way.ask("GET", "/contracts/C-1").body))
    both = generic(parity, "revenue")
    both.each(lambda way: way.ask("POST", "/contracts", {"state": state}))
    assert both.ways[0].core.contracts["RC-000003"].state == SUBSCRIBED == as_of(SUBSCRIBED, 1)
