"""A quote to cash that Salesforce's, Stripe's and NetSuite's own clients take together, at one company.

What is asked of whom, and what comes of it, is the same wherever the three lead.
"""

import warnings
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

with warnings.catch_warnings():  # authlib, which signs for NetSuite's client, would rather be used with httpx2,
    import authlib.deprecate  # noqa: F401 - and when it is imported has its warnings always shown

    warnings.simplefilter("ignore")
    import netsuite

import stripe
from netsuite.exceptions import NetsuiteAPIRequestError
from simple_salesforce import Salesforce

HOME = ZoneInfo("America/New_York")
RECORD = "/record/v1"

SCENARIO = """
name: three-clients
calendar: {quarter_start: 2026-01-01, months: 1}
business: {contracts: 1, active_share: 0, profile: flat}
"""


class Clients(NamedTuple):
    """The clients, and `later`, which lets days pass."""

    sales: Salesforce
    billing: stripe.StripeClient
    ledger: netsuite.rest_api.NetSuiteRestApi
    later: object


def ledger_of(said):
    """NetSuite's client for credentials as `tieout serve` says them."""
    auth = netsuite.TokenAuth(
        consumer_key=said["client_id"], consumer_secret=said["client_secret"], token_id=said["api_key"],
        token_secret=said["client_secret"],
    )  # fmt: skip
    return netsuite.NetSuite(netsuite.Config(account=said["account"], auth=auth)).rest_api


def midnight(day):
    return int(datetime(day.year, day.month, day.day, tzinfo=HOME).timestamp())


def sold(sales, today):
    """An opportunity that is won, with the contract and the order that come of it."""
    account = sales.Account.create({"Name": "Northwind", "External_Id__c": "northwind"})["id"]
    product = sales.Product2.create({"Name": "Seats", "ProductCode": "seats", "IsActive": True})["id"]
    book = sales.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["records"][0]["Id"]
    price = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 99.5, "IsActive": True}
    entry = sales.PricebookEntry.create(price)["id"]
    opportunity = sales.Opportunity.create({
        "Name": "Northwind 2026", "AccountId": account, "StageName": "Prospecting", "CloseDate": today.isoformat(),
        "Pricebook2Id": book,
    })["id"]  # fmt: skip
    sales.OpportunityLineItem.create({"OpportunityId": opportunity, "PricebookEntryId": entry, "Quantity": 10})
    sales.Opportunity.update(opportunity, {"StageName": "Closed Won"})
    contract = {"AccountId": account, "StartDate": today.isoformat(), "ContractTerm": 12}
    contract_id = sales.Contract.create(contract)["id"]
    order = {"AccountId": account, "ContractId": contract_id, "EffectiveDate": today.isoformat(), "Status": "Draft"}
    order_id = sales.Order.create({**order, "Pricebook2Id": book})["id"]
    item = {"OrderId": order_id, "PricebookEntryId": entry, "Quantity": 10, "UnitPrice": 99.5}
    item_id = sales.OrderItem.create(item)["id"]
    sales.Order.update(order_id, {"Status": "Activated"})
    return contract_id, order_id, item_id


def subscribed(billing, customer, start):
    product = billing.v1.products.create({"name": "Seats", "metadata": {"product": "seats"}})
    price = billing.v1.prices.create({
        "product": product.id, "currency": "usd", "unit_amount": 9_950, "recurring": {"interval": "month"},
    })  # fmt: skip
    return billing.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": price.id, "quantity": 10}],
        "backdate_start_date": midnight(start), "cancel_at": midnight(start.replace(year=start.year + 1)),
        "collection_method": "send_invoice", "days_until_due": 30, "metadata": {"contract": "NW-1"},
    })  # fmt: skip


async def entered(ledger, start):
    """The customer, the item and the order in NetSuite."""
    customer = {"companyName": "Northwind", "custentity_account_key": "northwind"}
    await ledger.put(f"{RECORD}/customer/eid:northwind", json=customer)
    await ledger.put(f"{RECORD}/serviceSaleItem/eid:seats", json={"itemId": "seats"})
    end = start.replace(year=start.year + 1) - timedelta(days=1)
    order = {
        "entity": {"externalId": "northwind"}, "tranDate": start.isoformat(), "startDate": start.isoformat(),
        "endDate": end.isoformat(), "custbody_contract_key": "NW-1",
        "item": {"items": [{"item": {"externalId": "seats"}, "quantity": 10, "rate": 99.5}]},
    }  # fmt: skip
    await ledger.put(f"{RECORD}/salesOrder/eid:NW-1", json=order)


async def billed(clients, customer):
    """All invoices at Stripe, oldest first, each posted to NetSuite once."""
    listed = clients.billing.v1.invoices.list({"customer": customer.id, "limit": 1})
    invoices = sorted(listed.auto_paging_iter(), key=lambda invoice: invoice.number)
    for invoice in invoices:
        known = await clients.ledger.suiteql(f"SELECT id FROM transaction WHERE externalid = '{invoice.number}'")
        if not known["items"]:
            said = {
                "externalId": invoice.number, "custbody_document": invoice.number,
                "tranDate": day_of(invoice.created).isoformat(),
                "item": {"items": [{"line": 1, "amount": invoice.total / 100}]},
            }  # fmt: skip
            await clients.ledger.post(f"{RECORD}/salesOrder/eid:NW-1/!transform/invoice", json=said)
    return invoices


def day_of(at):
    return datetime.fromtimestamp(at, HOME).date()


async def quote_to_cash(clients):
    """What came of it, in the words of each product."""
    sales, billing, ledger, later = clients
    customer = billing.v1.customers.create({"name": "Northwind", "metadata": {"account": "northwind"}})
    start = day_of(customer.created)
    contract, order, item = sold(sales, start)
    subscription = subscribed(billing, customer, start)
    await entered(ledger, start)
    sales.Contract.update(contract, {"Stripe_Subscription_Id__c": subscription.id})
    await later(days=1)
    (first,) = await billed(clients, customer)

    # ten seats become twelve, ten days on
    changed = start + timedelta(days=10)
    await later(days=9)
    sales.OrderItem.update(item, {"Quantity": 12})
    seat = subscription["items"].data[0].id
    billing.v1.subscriptions.update(
        subscription.id, {"items": [{"id": seat, "quantity": 12}], "proration_date": midnight(changed)}
    )
    amendment = {
        "custbody_effective_date": changed.isoformat(), "item": {"items": [{"line": 1, "quantity": 12}]},
    }  # fmt: skip
    await ledger.patch(f"{RECORD}/salesOrder/eid:NW-1", json=amendment)
    await later(days=1)
    await billed(clients, customer)
    await later(days=22)
    invoices = await billed(clients, customer)

    # a part of the newest is credited, and the first is paid
    newest = invoices[-1]
    note = billing.v1.credit_notes.create({"invoice": newest.id, "amount": 20_000, "reason": "order_change"})
    memo = {"tranId": note.number, "custbody_document": note.number, "item": {"items": [{"amount": 200}]}}
    await ledger.post(f"{RECORD}/invoice/eid:{newest.number}/!transform/creditMemo", json=memo)
    paid = billing.v1.invoices.pay(first.id, {"paid_out_of_band": True})
    await ledger.post(f"{RECORD}/invoice/eid:{first.number}/!transform/customerPayment", json={"externalId": "PAY-1"})

    # a month's revenue is posted, and the month before the start is closed
    released = {
        "externalId": "REC-1", "custbody_contract_key": "NW-1",
        "line": {"items": [
            {"account": {"refName": "2400"}, "debit": 995}, {"account": {"refName": "4000-seats"}, "credit": 995},
        ]},
    }  # fmt: skip
    await ledger.post(f"{RECORD}/journalEntry", json=released)
    gone = start.replace(day=1) - timedelta(days=1)
    closed = await closed_period(ledger, gone)
    late = await refusal(ledger.post(f"{RECORD}/journalEntry", json={
        **released, "externalId": "REC-0", "tranDate": gone.isoformat(),
    }))  # fmt: skip

    by_type = await ledger.suiteql(
        "SELECT type, COUNT(*) AS n, SUM(foreigntotal) AS total FROM transaction "
        "WHERE custbody_contract_key = 'NW-1' GROUP BY type ORDER BY type"
    )
    owed = await ledger.suiteql(
        "SELECT SUM(CASE WHEN type = 'CustCred' THEN -foreignamountunpaid ELSE foreignamountunpaid END) AS owed "
        "FROM transaction WHERE custbody_contract_key = 'NW-1' AND type IN ('CustInvc', 'CustCred')"
    )
    books = await ledger.suiteql("SELECT SUM(amount) AS off FROM transactionaccountingline")
    remaining = sum(billing.v1.invoices.retrieve(one.id).amount_remaining for one in invoices)
    (said,) = sales.query(
        f"SELECT Status, TotalAmount, Contract.Stripe_Subscription_Id__c FROM Order WHERE Id = '{order}'"
    )["records"]
    return {
        "deal": (said["Status"], said["TotalAmount"], said["Contract"]["Stripe_Subscription_Id__c"] == subscription.id),
        "invoices": [(one.number, one.total, day_of(one.created) - start) for one in invoices],
        "paid": (paid.status, paid.amount_remaining),
        "transactions": [(row["type"], row["n"], row["total"]) for row in by_type["items"]],
        "owed": (owed["items"][0]["owed"], remaining),
        "books": books["items"][0]["off"],
        "closed": closed,
        "late": late,
    }


async def closed_period(ledger, day: date):
    """Whether the period of a day is closed, once it is asked to be."""
    found = await ledger.suiteql(f"SELECT id FROM accountingperiod WHERE periodname = '{day:%b %Y}'")
    path = f"{RECORD}/accountingPeriod/{found['items'][0]['id']}"
    await ledger.patch(path, json={"closed": True})
    return (await ledger.get(path))["closed"]


async def refusal(asking):
    """The status with which NetSuite refuses."""
    try:
        await asking
    except NetsuiteAPIRequestError as refused:
        return refused.status_code
    return None
