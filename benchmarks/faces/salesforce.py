"""Salesforce: an account is created, and an opportunity of one that there is."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from benchmarks.faces.measuring import CALENDAR, LIVE_DOCUMENTS, Bench, post
from fakes.agreements import Account, Contract, PerformanceObligation, Version
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.salesforce.face import make
from fakes.faces.salesforce.ids import numbering
from fakes.names import KEY_LIFETIME_US
from fakes.objects import Objects
from fakes.sales import Entered, Sales, SalesSince
from fakes.service import Operation, Service
from sim.calendar import add_months

PATH = "/services/data/v59.0/sobjects"
_FIRST_ACCOUNT = numbering("001")(1)


class NewAccount(BaseModel):
    """What the bare app wants to know of an account."""

    name: Annotated[str, Field(alias="Name", min_length=1, max_length=255)]
    phone: Annotated[str, Field(alias="Phone", max_length=40)]
    industry: Annotated[str, Field(alias="Industry", max_length=255)]
    annual_revenue: Annotated[float, Field(alias="AnnualRevenue")]
    key: Annotated[str, Field(alias="AccountKey__c", max_length=255)]


class NewOpportunity(BaseModel):
    """What the bare app wants to know of an opportunity."""

    name: Annotated[str, Field(alias="Name", min_length=1, max_length=120)]
    account: Annotated[str, Field(alias="AccountId", min_length=15, max_length=18)]
    stage: Annotated[str, Field(alias="StageName", min_length=1, max_length=255)]
    closes: Annotated[date, Field(alias="CloseDate")]
    amount: Annotated[float, Field(alias="Amount")]


def bare_account() -> Any:
    """The app that does nothing but validate an account."""
    app = FastAPI()

    @app.post(f"{PATH}/Account")
    async def create_account(body: NewAccount) -> dict[str, bool]:
        return {"ok": True}

    return app


def bare_opportunity() -> Any:
    """The app that does nothing but validate an opportunity."""
    app = FastAPI()

    @app.post(f"{PATH}/Opportunity")
    async def create_opportunity(body: NewOpportunity) -> dict[str, bool]:
        return {"ok": True}

    return app


def face(contracts: int = 0) -> Any:
    """Salesforce's API on a CRM in which sales has entered an account, and so many contracts."""
    day = CALENDAR.day_of(0)
    signed = (
        Contract(
            f"OLD-{number}", "A-1", "USD", day, add_months(day, 12), 1, 1_000,
            (PerformanceObligation("platform", 1_000),), (Version(1, "signed", day, day, 1, 12_000),),
        )
        for number in range(contracts)
    )  # fmt: skip
    entered = (Entered(0, Account("A-1", "Northwind")), *(Entered(0, contract) for contract in signed))

    def since(request: SalesSince, now_us: int) -> Sales:
        return Sales(entered[request.position :], len(entered))

    service = Service({SalesSince: Operation("sales_since", since)}, KEY_LIFETIME_US["crm"])
    service.offer(Objects().operations)
    return make(Door(service.serve, lambda: 0, CALENDAR), Credentials()).app


def laden() -> Any:
    """The face that begins with contracts."""
    return face(LIVE_DOCUMENTS)


def create_account(number: int) -> bytes:
    """Another account."""
    said = {
        "Name": f"Northwind {number}", "Phone": "+1 555 0100", "Industry": "Shipping", "AnnualRevenue": 1_000_000.5,
        "AccountKey__c": f"N-{number}",
    }  # fmt: skip
    return post(f"{PATH}/Account", "application/json", json.dumps(said).encode())


def create_opportunity(number: int) -> bytes:
    """Another opportunity of the first account."""
    said = {
        "Name": f"Deal {number}", "AccountId": _FIRST_ACCOUNT, "StageName": "Prospecting", "CloseDate": "2026-01-31",
        "Amount": 12_000.5,
    }  # fmt: skip
    return post(f"{PATH}/Opportunity", "application/json", json.dumps(said).encode())


BENCHES = (
    Bench("Salesforce's face, creating an account", bare_account, face, laden, create_account),
    Bench("Salesforce's face, creating an opportunity", bare_opportunity, face, laden, create_opportunity),
)
