"""Orders and what follows from them, one field and line at a time."""

import json

from sim.durations import HOUR
from tests.fakes.faces.netsuite.asked import code


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
    sides = [{"account": {"externalId": "2400"}, "debit": "0.10"}]
    sides += [{"account": "7", "custcol_product": "platform", "credit": 0.1}]
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
    query = "companyName%20START_WITH%20%22north%22%20OR%20id%20EQUAL%205"
    picked = json.loads(sold.ask("GET", f"/record/v1/customer?q={query}").body)
    assert [one["id"] for one in picked["items"]] == ["1", "5"]


def test_types_are_told_of(asked):
    listed = json.loads(asked.ask("GET", "/record/v1/metadata-catalog").body)
    names = [one["name"] for one in listed["items"]]
    assert "salesOrder" in names and len(names) == len(set(names))
    for name in names:
        assert json.loads(asked.ask("GET", f"/record/v1/metadata-catalog/{name}").body)["properties"]
        assert asked.ask("GET", f"/record/v1/{name}").status == 200


def test_what_has_changed_is_found_by_when_it_has(sold):
    since = "lastmodifieddate > TO_TIMESTAMP('2026-01-20 12:00:00', 'YYYY-MM-DD HH24:MI:SS')"
    query = f"SELECT recordtype FROM transaction WHERE {since}"
    assert sold.rows(query) == []
    sold.later_us = HOUR * 5
    sold.authorization = f"Bearer {sold.token()['access_token']}"
    sold.ask("PATCH", f"/record/v1/salesOrder/{sold.order}", {"item": {"items": [{"line": 1, "quantity": 3}]}})
    sold.ask("PATCH", f"/record/v1/invoice/{sold.invoice}", {"memo": "checked"})
    sold.ask("PATCH", f"/record/v1/customer/{sold.customer}", {"email": "ar@north.example"})
    assert sold.rows(query) == [{"recordtype": "salesorder"}, {"recordtype": "invoice"}]
    assert sold.rows(f"SELECT id FROM customer WHERE {since}") == [{"id": sold.customer}]
    read = json.loads(sold.ask("GET", f"/record/v1/customer/{sold.customer}").body)
    assert (read["createdDate"], read["lastModifiedDate"]) == ("2026-01-20T15:00:00Z", "2026-01-20T20:00:00Z")
