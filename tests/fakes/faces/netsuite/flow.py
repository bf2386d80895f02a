"""A quote to cash at NetSuite as the official client does it; the same over HTTPS and in virtual time."""

from tests.fakes.faces.netsuite.world import post


async def quote_to_cash(client):
    """What came of it, by name."""
    found = {}
    await client.put("/record/v1/customer/eid:A-1", json={"companyName": "Northwind", "custentity_account_key": "A-1"})
    await client.put("/record/v1/customer/eid:A-1", json={"companyName": "Northwind Ltd", "email": "ar@north.example"})
    found["customer"] = await client.get("/record/v1/customer/eid:A-1")
    customer = found["customer"]["id"]
    income = await client.suiteql("SELECT id FROM account WHERE acctnumber = '4000'")
    item = await post(client, "/record/v1/serviceSaleItem", {
        "itemId": "platform", "externalId": "platform", "incomeAccount": {"id": income["items"][0]["id"]},
    })  # fmt: skip
    order = await post(client, "/record/v1/salesOrder", {
        "entity": {"id": customer}, "externalId": "C-1", "tranDate": "2026-01-05", "startDate": "2026-01-01",
        "endDate": "2026-12-31", "custbody_contract_key": "C-1", "custbody_billing_months": 1,
        "item": {"items": [{"item": {"id": item}, "quantity": 10, "rate": 10.00}]},
    })  # fmt: skip
    found["order"] = await client.get(f"/record/v1/salesOrder/{order}", params={"expandSubResources": "true"})
    invoice = await post(client, f"/record/v1/salesOrder/{order}/!transform/invoice", {
        "tranDate": "2026-01-05", "custbody_document": "INV-C-1-1", "externalId": "INV-C-1-1",
    })  # fmt: skip
    found["invoice"] = await client.get(f"/record/v1/invoice/{invoice}")
    memo = await post(client, f"/record/v1/invoice/{invoice}/!transform/creditMemo", {
        "tranDate": "2026-01-10", "tranId": "CM-1", "item": {"items": [{"amount": 20.05}]},
    })  # fmt: skip
    found["memo"] = await client.get(f"/record/v1/creditMemo/{memo}", params={"expandSubResources": "true"})
    payment = await post(client, "/record/v1/customerPayment", {
        "customer": {"id": customer}, "tranDate": "2026-01-15", "payment": 100.00, "externalId": "PAY-1",
        "apply": {"items": [{"doc": {"id": invoice}, "apply": True, "amount": 100.00}]},
    })  # fmt: skip
    found["payment"] = await client.get(f"/record/v1/customerPayment/{payment}")
    liability = (await client.suiteql("SELECT id FROM account WHERE acctnumber = '2400'"))["items"][0]["id"]
    journal = await post(client, "/record/v1/journalEntry", {
        "tranDate": "2026-01-31", "externalId": "REC-1", "custbody_contract_key": "C-1", "memo": "January",
        "line": {"items": [
            {"account": {"id": liability}, "debit": 33.33},
            {"account": {"refName": "4000 revenue platform"}, "credit": 33.33},
        ]},
    })  # fmt: skip
    found["journal"] = await client.get(f"/record/v1/journalEntry/{journal}", params={"expandSubResources": "true"})
    asked = "SELECT id, type, tranid, foreigntotal, BUILTIN.DF(entity) AS who FROM transaction ORDER BY tranid"
    found["pages"] = [await client.suiteql(asked, limit=2, offset=offset) for offset in (0, 2, 4)]
    period = (await client.suiteql("SELECT id FROM accountingperiod WHERE periodname = 'Dec 2025'"))["items"][0]["id"]
    await client.patch(f"/record/v1/accountingPeriod/{period}", json={"closed": True})
    found["period"] = await client.get(f"/record/v1/accountingPeriod/{period}")
    found["late"] = await client.request("POST", f"/record/v1/salesOrder/{order}/!transform/invoice", json={
        "tranDate": "2025-12-30",
    })  # fmt: skip
    return found


def check(found, erp):
    """What came of it is right, and the books say the same."""
    assert found["customer"]["companyName"] == "Northwind Ltd" and found["customer"]["email"] == "ar@north.example"
    assert len(erp.customers.all) == 1
    (line,) = found["order"]["item"]["items"]
    assert (line["rate"], line["amount"], found["order"]["total"]) == (10.0, 100.0, 100.0)
    (order,) = erp.orders.values()
    state = order.state
    assert (state.key, state.account, state.quantity, state.unit_price_minor) == ("C-1", "A-1", 10, 1000)
    assert state.versions[0].price_change_minor == 120_000 and order.external_id == "C-1"
    invoice, memo = erp.open_items
    assert (invoice.document, invoice.contract) == ("INV-C-1-1", "C-1")
    assert (invoice.total_minor, invoice.open_minor) == (10_000, 0)
    assert (memo.document, memo.contract, memo.total_minor) == ("CM-1", "C-1", -2_005)
    assert (found["invoice"]["total"], found["memo"]["total"]) == (100.0, 20.05)
    assert found["memo"]["createdFrom"]["refName"] == "INV-C-1-1"
    assert (found["payment"]["applied"], found["payment"]["unapplied"]) == (100.0, 0.0)
    entry = erp.ledger.entries[-1]
    assert entry.postings == (("2400 contract liability", "C-1", 3_333), ("4000 revenue platform", "C-1", -3_333))
    assert [row.get("debit") for row in found["journal"]["line"]["items"]] == [33.33, None]
    pages = found["pages"]
    rows = [row for page in pages for row in page["items"]]
    assert [(row["type"], row["foreigntotal"]) for row in rows] == [
        ("CustCred", "-20.05"), ("CustInvc", "100"), ("Journal", "33.33"), ("CustPymt", "-100"), ("SalesOrd", "100"),
    ]  # fmt: skip
    assert [page["hasMore"] for page in pages] == [True, True, False]
    assert {page["totalResults"] for page in pages} == {5}
    assert found["period"]["closed"] is True
    assert found["late"].status_code == 400 and found["late"].json()["o:errorDetails"][0]["o:errorCode"] == "USER_ERROR"
    assert erp.ledger.trial_balance() == 0 and len(erp.open_items) == 2
