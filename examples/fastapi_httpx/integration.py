"""An order-to-cash integration: a FastAPI app that is told of changes by webhook, and calls the systems with httpx.

It knows nothing of Tieout. Run it through a quarter in virtual time:

    tieout run billing-outage --layer examples.fastapi_httpx.integration:app

or under uvicorn, against `tieout serve`, with CRM_URL, BILLING_URL, ERP_URL and REVENUE_URL in the environment.

Everything that it does may be done again: each write has a key that follows from what it is about, what was dealt with
is known by the event's id, and what cannot be done now is refused, so that it is told again.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException

KEY = os.environ.get("API_KEY", "sk_test_tieout")
URLS = {
    system: os.environ.get(f"{system.upper()}_URL", f"https://{system}.tieout.test")
    for system in ("crm", "billing", "erp", "revenue")
}
ATTEMPTS = 4
TIMEOUT_S = 30

done: set[str] = set()
"""The ids of the events that were dealt with. A real one keeps them in its database."""

locks: dict[str, asyncio.Lock] = {}
"""One event of a contract at a time."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have one client for all systems."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S, headers={"authorization": f"Bearer {KEY}"}) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


class Refused(Exception):
    """A system does not do what it was asked."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


async def ask(system: str, method: str, path: str, *, key: str = "", json: Any = None, **query: str) -> Any:
    """What a system answers. Tries again what may succeed later: no answer, 429, 5xx."""
    headers = {"idempotency-key": key} if key else {}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = await app.state.client.request(
                method, URLS[system] + path, headers=headers, json=json, params=query
            )
        except httpx.TransportError:
            status, code, after_s = 0, "no_answer", 0.0
        else:
            if answer.is_success:
                return answer.json()
            status, code = answer.status_code, answer.json().get("code", "")
            after_s = float(answer.headers.get("retry-after", 0))
        if attempt == ATTEMPTS or (0 < status < 500 and status != 429):
            raise Refused(status, code)
        await asyncio.sleep(after_s + random.random() * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


async def first(system: str, path: str, **query: str) -> Any:
    """The first record that a system finds, or None."""
    found = (await ask(system, "GET", path, **query))["data"]
    return found[0] if found else None


# --- what is told ----------------------------------------------------------------------------------------


@app.post("/webhooks/{system}")
async def told(system: str, event: dict[str, Any]) -> dict[str, str]:
    """Deal with an event; 503 for one that is to come again."""
    handler = HANDLERS.get(event["type"])
    if handler is None or event["id"] in done:
        return {"status": "ignored"}
    data = event["data"]
    if data is None:
        raise HTTPException(503, "the event cannot be read")
    async with locks.setdefault(data.get("contract", event["key"]), asyncio.Lock()):
        try:
            await handler(data)
        except Refused as refused:
            raise HTTPException(503, f"{refused.status} {refused.code}") from refused
        done.add(event["id"])
    return {"status": "done"}


async def account_opened(account: dict[str, Any]) -> None:
    """A customer in billing and in ERP."""
    await asyncio.gather(customer("billing", account), customer("erp", account))


async def customer(system: str, account: dict[str, Any]) -> str:
    """The id of an account's customer, which is made if there is none."""
    found = await first(system, "/customers", account=account["key"])
    if found is None:
        body = {"account": account["key"], "name": account["name"], "party": account["party"]}
        body |= {"external_id": account["key"]} if system == "erp" else {}
        found = await ask(system, "POST", "/customers", key=f"customer:{account['key']}", json=body)
    return str(found["id"])


async def contract_changed(state: dict[str, Any]) -> None:
    """The contract's copies in billing, ERP and revenue, at this version or a newer one."""
    version = state["versions"][-1]["number"]
    account = await ask("crm", "GET", f"/accounts/{state['account']}")
    places = (("billing", "/subscriptions"), ("erp", "/orders"), ("revenue", "/contracts"))
    for system, path in places:
        key = f"contract:{state['key']}:{version}"
        copy = await first(system, path, contract=state["key"])
        if copy is None:
            body: dict[str, Any] = {"state": state}
            if system != "revenue":
                body["customer"] = await customer(system, account)
            body |= {"external_id": state["key"]} if system == "erp" else {}
            await ask(system, "POST", path, key=key, json=body)
        elif copy["version"] < version:
            body = {"state": state, "if_revision": copy["revision"]}
            await ask(system, "PUT", f"{path}/{copy['id']}", key=key, json=body)


async def document_issued(document: dict[str, Any]) -> None:
    """The document in ERP's receivables, and revenue told of it."""
    about = {name: document[name] for name in ("account", "contract", "currency", "total_minor", "day")}
    body = {**about, "document": document["id"], "external_id": document["id"]}
    await post("/documents", body, document["day"])
    billed = {"document": document["id"], "contract": document["contract"], "total_minor": document["total_minor"]}
    await ask("revenue", "POST", "/billings", key=f"document:{document['id']}", json=billed)


async def revenue_recognised(recognition: dict[str, Any]) -> None:
    """The entry that releases contract liability to revenue."""
    year, month = map(int, recognition["month"].split("-"))
    last_day = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).date().isoformat()
    contract, total_minor = recognition["contract"], recognition["total_minor"]
    postings = [{"account": "2400 contract liability", "subject": contract, "minor": total_minor}]
    for amount in recognition["amounts"]:
        account = f"4000 revenue {amount['product']}"
        postings.append({"account": account, "subject": contract, "minor": -amount["minor"]})
    entry = {
        "reference": recognition["id"], "external_id": recognition["id"], "contract": contract,
        "currency": recognition["currency"], "effective_day": last_day, "postings": postings,
    }  # fmt: skip
    await post("/journal-entries", entry, last_day)


async def post(path: str, body: dict[str, Any], day: str) -> None:
    """Post to ERP in the period of a day or, once that is closed, today."""
    try:
        await ask("erp", "POST", path, json={**body, "posting_day": day})
    except Refused as refused:
        if refused.code != "period_closed":
            raise
        await ask("erp", "POST", path, json={**body, "posting_day": datetime.now().date().isoformat()})


HANDLERS = {
    "tieout.crm.account_opened": account_opened,
    "tieout.crm.contract_signed": contract_changed,
    "tieout.crm.contract_amended": contract_changed,
    "tieout.crm.contract_cancelled": contract_changed,
    "tieout.billing.invoice_issued": document_issued,
    "tieout.billing.credit_memo_issued": document_issued,
    "tieout.revenue.revenue_recognised": revenue_recognised,
}
