"""Quote to cash with three vendors' own clients: what sales agree in Salesforce, Stripe bills and NetSuite has posted.

It knows nothing of Tieout: `simple_salesforce`, `stripe` and `netsuite` are used as they come, and find their own
hosts. A revenue system of the company's own is called with httpx. Run it through a month in virtual time:

    tieout run calm-month --layer examples.quote_to_cash.integration:app:crm=salesforce,billing=stripe

Salesforce tells of changes, Stripe of documents, and the revenue system of what it has recognised. Everything may be
told again, and done again: what is there already is found by its external id, and Stripe knows a key that is repeated.
What cannot be done now is answered with 503, so that it comes again.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import netsuite
import stripe
from fastapi import FastAPI, Request, Response
from netsuite.exceptions import NetsuiteAPIRequestError
from requests import RequestException
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError

KEY = os.environ.get("API_KEY", "sk_test_tieout")
SIGNING_SECRET = os.environ.get("STRIPE_SIGNING_SECRET", "whsec_dGllb3V0LXNpZ25pbmctc2VjcmV0")
REVENUE_URL = os.environ.get("REVENUE_URL", "https://revenue.tieout.test")
HOME = ZoneInfo(os.environ.get("COMPANY_TIME_ZONE", "America/New_York"))

ACCOUNT = netsuite.Config(
    account=os.environ.get("NETSUITE_ACCOUNT", "TIEOUT"),
    auth=netsuite.TokenAuth(
        consumer_key=os.environ.get("NETSUITE_CONSUMER_KEY", "tieout"),
        consumer_secret=os.environ.get("NETSUITE_CONSUMER_SECRET", "tieout-secret"),
        token_id=os.environ.get("NETSUITE_TOKEN_ID", KEY),
        token_secret=os.environ.get("NETSUITE_TOKEN_SECRET", "tieout-secret"),
    ),
)

locks: dict[str, asyncio.Lock] = {}
"""One change of a record at a time."""


class Later(Exception):
    """What is told of cannot be carried yet: something that it rests on is not there."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a client for each system. That of Salesforce blocks, for as long as one call of its takes."""
    app.state.sales = Salesforce(
        username=os.environ.get("SF_USERNAME", "tieout"),
        password=os.environ.get("SF_PASSWORD", "tieout-secret"),
        security_token=os.environ.get("SF_SECURITY_TOKEN", KEY),
    )
    app.state.billing = stripe.StripeClient(KEY, max_network_retries=2).v1
    app.state.ledger = netsuite.NetSuite(ACCOUNT).rest_api
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=REVENUE_URL, timeout=30, headers=headers) as client:
        app.state.revenue = client
        yield


app = FastAPI(lifespan=lifespan)


async def again(request: Request, trouble: Exception) -> Response:
    """Have an event told again that could not be dealt with."""
    return Response(str(trouble), 503)


for kind in (Later, stripe.StripeError, NetsuiteAPIRequestError, httpx.HTTPError, SalesforceError, RequestException):
    app.add_exception_handler(kind, again)


# --- what is told ----------------------------------------------------------------------------------------


@app.post("/webhooks/salesforce")
async def sold(change: dict[str, Any]) -> None:
    """Sales have an account or a contract that is new, or another than it was."""
    header = change["payload"]["ChangeEventHeader"]
    handler = {"Account": account_changed, "Contract": contract_changed}.get(header["entityName"])
    for record in header["recordIds"] if handler else ():
        async with locks.setdefault(record, asyncio.Lock()):
            await handler(record)


@app.post("/webhooks/stripe")
async def billed(request: Request) -> None:
    """Stripe has issued a document."""
    signature = request.headers["stripe-signature"]
    event = stripe.Webhook.construct_event(await request.body(), signature, SIGNING_SECRET)
    handler = {"invoice.finalized": invoice_issued, "credit_note.created": credit_issued}.get(event.type)
    if handler:
        await handler(event.data.object)


@app.post("/webhooks/revenue")
async def recognised(event: dict[str, Any]) -> None:
    """The revenue system has released contract liability."""
    if event["type"] == "tieout.revenue.revenue_recognised":
        await journalled(event["data"])


# --- Salesforce to all -----------------------------------------------------------------------------------


async def account_changed(record: str) -> None:
    """A customer in NetSuite and in Stripe."""
    account = app.state.sales.Account.get(record)
    await debtor(account)
    await payer(account)


async def contract_changed(record: str) -> None:
    """A contract's copies in NetSuite, the revenue system and, last, Stripe, which bills; at its newest version."""
    contract = app.state.sales.Contract.get(record)
    account = app.state.sales.Account.get(contract["AccountId"])
    key = contract["ContractKey__c"]
    items = app.state.sales.query_all(
        "SELECT Product_Key__c, SSP_Minor__c FROM OrderItem "
        f"WHERE Order.ContractKey__c = '{key}' AND Kind__c = 'obligation'"
    )["records"]
    if not items:
        raise Later(f"nothing is sold with {key}")
    contract["worth"] = {each["Product_Key__c"]: int(each["SSP_Minor__c"]) for each in items}
    contract["versions"] = json.loads(contract["Versions__c"])
    await ordered(contract, account)
    await scheduled(contract, account)
    await subscribed(contract, account)


# --- NetSuite --------------------------------------------------------------------------------------------


async def first(query: str) -> dict[str, Any] | None:
    """The first row that a query finds."""
    rows = (await app.state.ledger.suiteql(query, limit=1))["items"]
    return rows[0] if rows else None


async def debtor(account: dict[str, Any]) -> str:
    """NetSuite's id of an account's customer, who is made if there is none."""
    key = account["AccountKey__c"]
    query = f"SELECT id FROM customer WHERE custentity_account_key = '{key}' ORDER BY id"
    known = await first(query)
    if known is None:
        said = {"companyName": account["Name"], "custentity_account_key": key}
        await app.state.ledger.put(f"/record/v1/customer/eid:{key}", json=said)
        known = await first(query)
    if known is None:
        raise Later(f"the customer of {key} is not found yet")
    return str(known["id"])


async def ordered(contract: dict[str, Any], account: dict[str, Any]) -> None:
    """The sales order of a contract, at its newest version."""
    key, newest = contract["ContractKey__c"], contract["versions"][-1]
    lines = []
    for product, minor in contract["worth"].items():
        await app.state.ledger.put(f"/record/v1/serviceSaleItem/eid:{product}", json={"itemId": product})
        lines.append({"item": {"externalId": product}, "quantity": newest["quantity"], "rate": minor / 100,
                      "custcol_ssp": minor / 100, "custcol_kind": "obligation"})  # fmt: skip
    order = {
        "entity": {"id": await debtor(account)}, "currency": {"refName": contract["CurrencyIsoCode"]},
        "tranDate": contract["versions"][0]["signed_day"], "startDate": contract["StartDate"],
        "endDate": contract["EndDate"], "custbody_contract_key": key,
        "custbody_billing_months": contract["Billing_Months__c"], "custbody_unit_price": contract["Unit_Price__c"],
        "custbody_versions": contract["Versions__c"], "item": {"items": lines},
    }  # fmt: skip
    known = await order_of(key)
    if known is None:
        await app.state.ledger.put(f"/record/v1/salesOrder/eid:{key}", json=order)
    elif int(known["version"]) < newest["number"]:
        await app.state.ledger.patch(f"/record/v1/salesOrder/{known['id']}", params={"replace": "item"}, json=order)


async def order_of(contract: str) -> dict[str, Any] | None:
    """The sales order of a contract: its id, version, customer, and first item."""
    return await first(
        "SELECT t.id, t.custbody_contract_version AS version, t.entity, l.item FROM transaction t "
        "JOIN transactionline l ON l.transaction = t.id "
        f"WHERE t.type = 'SalesOrd' AND t.custbody_contract_key = '{contract}' AND l.mainline = 'F' ORDER BY l.id"
    )


async def posted(path: str, external_id: str, said: dict[str, Any], day: date) -> None:
    """Have a transaction be there once: in the period of its day or, if that is closed, in the present one."""
    if await first(f"SELECT id FROM transaction WHERE externalid = '{external_id}'"):
        return
    body = {**said, "externalId": external_id, "tranDate": day.isoformat()}
    try:
        await app.state.ledger.post(f"/record/v1{path}", json=body)
    except NetsuiteAPIRequestError as refused:
        if "period is closed" not in refused.response_text:
            raise
        body["postingPeriod"] = {"refName": datetime.now(HOME).strftime("%b %Y")}
        await app.state.ledger.post(f"/record/v1{path}", json=body)


# --- the revenue system ----------------------------------------------------------------------------------


async def asked(method: str, path: str, key: str, said: dict[str, Any]) -> None:
    """Have the revenue system do something once."""
    answer = await app.state.revenue.request(method, path, json=said, headers={"idempotency-key": key})
    answer.raise_for_status()


async def scheduled(contract: dict[str, Any], account: dict[str, Any]) -> None:
    """The revenue contract, at its newest version."""
    key, versions = contract["ContractKey__c"], contract["versions"]
    state = {
        "key": key, "account": account["AccountKey__c"], "currency": contract["CurrencyIsoCode"],
        "start_day": contract["StartDate"], "end_day": ended(contract).isoformat(),
        "billing_months": int(contract["Billing_Months__c"]), "unit_price_minor": int(contract["Unit_Price_Minor__c"]),
        "obligations": [{"product": product, "ssp_minor": minor} for product, minor in contract["worth"].items()],
        "versions": versions,
    }  # fmt: skip
    answer = await app.state.revenue.get("/contracts", params={"contract": key})
    answer.raise_for_status()
    found, number = answer.json()["data"], versions[-1]["number"]
    if not found:
        await asked("POST", "/contracts", f"contract:{key}:{number}", {"state": state})
    elif found[0]["version"] < number:
        said = {"state": state, "if_revision": found[0]["revision"]}
        await asked("PUT", f"/contracts/{found[0]['id']}", f"contract:{key}:{number}", said)


async def journalled(recognition: dict[str, Any]) -> None:
    """The journal entry that releases contract liability to revenue."""
    year, month = map(int, recognition["month"].split("-"))
    lines = [{"account": {"refName": "2400"}, "debit": recognition["total_minor"] / 100}]
    for each in recognition["amounts"]:
        side, minor = ("credit", each["minor"]) if each["minor"] >= 0 else ("debit", -each["minor"])
        lines.append({"account": {"refName": f"4000-{each['product']}"}, side: minor / 100})
    said = {
        "custbody_reference": recognition["id"], "custbody_contract_key": recognition["contract"],
        "currency": {"refName": recognition["currency"]}, "line": {"items": lines},
    }  # fmt: skip
    last_day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    await posted("/journalEntry", recognition["id"], said, last_day)


# --- Stripe ----------------------------------------------------------------------------------------------


async def payer(account: dict[str, Any]) -> str:
    """The Stripe customer of an account, which is made if there is none."""
    key = account["AccountKey__c"]
    found = (await app.state.billing.customers.search_async({"query": f"metadata['account']:'{key}'"})).data
    if found:
        return str(found[0].id)
    said = {"name": account["Name"], "metadata": {"account": key, "party": account["Party__c"] or ""}}
    return str((await app.state.billing.customers.create_async(said, {"idempotency_key": f"customer:{key}"})).id)


async def subscribed(contract: dict[str, Any], account: dict[str, Any]) -> None:
    """The Stripe subscription of a contract; every version is carried, in order, and noted in Salesforce."""
    key, known = contract["ContractKey__c"], contract["Stripe_Subscription_Id__c"]
    for version in contract["versions"][int(contract["Integration_Status__c"] or 0) :]:
        if known:
            await amended(known, key, version)
        else:
            known = await opened(contract, account, version)
        done = {"Stripe_Subscription_Id__c": known, "Integration_Status__c": str(version["number"])}
        app.state.sales.Contract.update(contract["Id"], done)


async def opened(contract: dict[str, Any], account: dict[str, Any], version: dict[str, Any]) -> str:
    """A new subscription, of a price of its own; or the one that there is."""
    key, months = contract["ContractKey__c"], int(contract["Billing_Months__c"])
    found = (await app.state.billing.subscriptions.search_async({"query": f"metadata['contract']:'{key}'"})).data
    if found:
        return str(found[0].id)
    price = await app.state.billing.prices.create_async(
        {
            "currency": contract["CurrencyIsoCode"].lower(),
            "unit_amount": int(contract["Unit_Price_Minor__c"]) * months,
            "recurring": {"interval": "month", "interval_count": months},
            "product_data": {"name": key},
        },
        {"idempotency_key": f"price:{key}"},
    )
    start = midnight(contract["StartDate"])
    made = await app.state.billing.subscriptions.create_async(
        {
            "customer": await payer(account),
            "items": [{"price": price.id, "quantity": version["quantity"]}],
            **({"backdate_start_date": start} if start <= time.time() else {"billing_cycle_anchor": start}),
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "metadata": {
                "contract": key, "account": account["AccountKey__c"], "signed": version["signed_day"],
                "ends": ended(contract).isoformat(),
                "obligations": ",".join(f"{product}:{minor}" for product, minor in contract["worth"].items()),
            },
        },
        {"idempotency_key": f"subscription:{key}"},
    )  # fmt: skip
    return str(made.id)


async def amended(subscription: str, key: str, version: dict[str, Any]) -> None:
    """Another quantity from a day on; 0 is a cancellation."""
    items = (await app.state.billing.subscriptions.retrieve_async(subscription))["items"].data
    said = {
        "items": [{"id": items[0].id, "quantity": version["quantity"]}],
        "proration_date": midnight(version["effective_day"]),
        "metadata": {"signed": version["signed_day"], "version": str(version["number"])},
    }
    options = {"idempotency_key": f"subscription:{key}:{version['number']}"}
    await app.state.billing.subscriptions.update_async(subscription, said, options)


async def invoice_issued(invoice: Any) -> None:
    """The invoice in NetSuite, made of the contract's order, and the revenue system told of it."""
    contract = invoice.parent.subscription_details.metadata["contract"]
    order = await order_of(contract)
    if order is None:
        raise Later(f"there is no order for {contract} yet")
    said = {"custbody_document": invoice.number, "item": {"items": [{"line": 1, "amount": invoice.total / 100}]}}
    path = f"/salesOrder/{order['id']}/!transform/invoice"
    await posted(path, invoice.number, said, day_of(invoice.effective_at))
    await billing_told(invoice.number, contract, invoice.total)


async def credit_issued(note: Any) -> None:
    """The credit memo in NetSuite, and the revenue system told of it."""
    contract = note.metadata["contract"]
    order = await order_of(contract)
    if order is None:
        raise Later(f"there is no order for {contract} yet")
    said = {
        "entity": {"id": order["entity"]}, "currency": {"refName": note.currency.upper()},
        "custbody_document": note.number, "custbody_contract_key": contract,
        "item": {"items": [{"item": {"id": order["item"]}, "amount": note.total / 100}]},
    }  # fmt: skip
    await posted("/creditMemo", note.number, said, day_of(note.effective_at))
    await billing_told(note.number, contract, -note.total)


async def billing_told(document: str, contract: str, total_minor: int) -> None:
    """The revenue system knows of a document."""
    said = {"document": document, "contract": contract, "total_minor": total_minor}
    await asked("POST", "/billings", f"document:{document}", said)


# --- days ------------------------------------------------------------------------------------------------


def ended(contract: dict[str, Any]) -> date:
    """The first day after a contract."""
    return date.fromisoformat(contract["EndDate"]) + timedelta(days=1)


def midnight(day: str) -> int:
    """The first second of a day, where the company is."""
    return int(datetime.fromisoformat(day).replace(tzinfo=HOME).timestamp())


def day_of(at: int) -> date:
    """The day of an instant, where the company is."""
    return datetime.fromtimestamp(at, HOME).date()
