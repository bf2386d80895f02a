"""Quote to cash with the vendors' own clients: Salesforce is polled for what sales agree, and Stripe bills it.

It knows nothing of Tieout: `simple_salesforce` and `stripe` are used as they come, and find their own hosts. Run it
through a month in virtual time:

    tieout run calm-month --layer examples.stripe_salesforce.integration:worker

What was carried is written back into Salesforce, so that a restart forgets nothing, and what Stripe has already is
found before anything is made. Nobody carries anything on to ERP and revenue here: the audit says what is missing
there, and that billing is right.
"""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import stripe
from simple_salesforce import Salesforce

KEY = os.environ.get("API_KEY", "sk_test_tieout")
HOME = ZoneInfo(os.environ.get("COMPANY_TIME_ZONE", "America/New_York"))
POLL_S = int(os.environ.get("POLL_S", "3600"))
OVERLAP = timedelta(minutes=10)
"""How far each poll looks back beyond the one before: stamps are whole seconds, and commits can come late."""


class Carrying:
    """What one process keeps in mind: clients, and how far it has read."""

    def __init__(self) -> None:
        self.sales = Salesforce(
            username=os.environ.get("SF_USERNAME", "tieout"),
            password=os.environ.get("SF_PASSWORD", "tieout-secret"),
            security_token=os.environ.get("SF_SECURITY_TOKEN", KEY),
        )
        self.billing = stripe.StripeClient(KEY, max_network_retries=5)
        self.since = datetime.now(UTC) - OVERLAP

    def poll(self) -> None:
        """Carry what is new."""
        began = datetime.now(UTC)
        stamp = self.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        for account in self.all(f"SELECT {ACCOUNT} FROM Account WHERE SystemModstamp >= {stamp}"):
            self.customer(account)
        for contract in self.all(f"SELECT {CONTRACT} FROM Contract WHERE SystemModstamp >= {stamp}"):
            self.subscription(contract)
        self.since = began - OVERLAP

    def all(self, query: str) -> list[dict[str, Any]]:
        """All records of a query, page by page."""
        return list(self.sales.query_all_iter(f"{query} ORDER BY SystemModstamp"))

    # --- Salesforce to Stripe ----------------------------------------------------------------------------

    def customer(self, account: dict[str, Any]) -> str:
        """The Stripe customer of an account, which is made if there is none."""
        if not account["AccountKey__c"]:
            return ""
        if account["Stripe_Customer_Id__c"]:
            return str(account["Stripe_Customer_Id__c"])
        key = account["AccountKey__c"]
        found = self.billing.v1.customers.search({"query": f"metadata['account']:'{key}'"}).data
        if found:
            customer = found[0].id
        else:
            said = {"name": account["Name"], "metadata": {"account": key, "party": account["Party__c"] or ""}}
            customer = self.billing.v1.customers.create(said, {"idempotency_key": f"customer:{key}"}).id
        self.sales.Account.update(account["Id"], {"Stripe_Customer_Id__c": customer})
        return customer

    def subscription(self, contract: dict[str, Any]) -> None:
        """The Stripe subscription of a contract, at its newest version; every version is carried, in order."""
        key, known = contract["ContractKey__c"], contract["Stripe_Subscription_Id__c"]
        versions = json.loads(contract["Versions__c"] or "[]")
        carried = int(contract["Integration_Status__c"] or 0)
        for version in versions[carried:]:
            if not known:
                known = self.first(contract, version)
            else:
                self.changed(known, key, version)
            done = {"Stripe_Subscription_Id__c": known, "Integration_Status__c": str(version["number"])}
            self.sales.Contract.update(contract["Id"], done)

    def first(self, contract: dict[str, Any], version: dict[str, Any]) -> str:
        """A new subscription, of a price of its own."""
        key, months = contract["ContractKey__c"], int(contract["Billing_Months__c"])
        found = self.billing.v1.subscriptions.search({"query": f"metadata['contract']:'{key}'"}).data
        if found:
            return found[0].id
        account = self.all(f"SELECT {ACCOUNT} FROM Account WHERE Id = '{contract['AccountId']}'")[0]
        items = self.all(
            "SELECT Product_Key__c, SSP_Minor__c FROM OrderItem "
            f"WHERE Order.ContractKey__c = '{key}' AND Kind__c = 'obligation'"
        )
        price = self.billing.v1.prices.create(
            {
                "currency": contract["CurrencyIsoCode"].lower(),
                "unit_amount": int(contract["Unit_Price_Minor__c"]) * months,
                "recurring": {"interval": "month", "interval_count": months},
                "product_data": {"name": key},
            },
            {"idempotency_key": f"price:{key}"},
        )
        ends = datetime.fromisoformat(contract["EndDate"]).date() + timedelta(days=1)
        metadata = {
            "contract": key, "account": account["AccountKey__c"], "signed": version["signed_day"],
            "ends": ends.isoformat(),
            "obligations": ",".join(f"{each['Product_Key__c']}:{int(each['SSP_Minor__c'])}" for each in items),
        }  # fmt: skip
        made = self.billing.v1.subscriptions.create(
            {
                "customer": self.customer(account),
                "items": [{"price": price.id, "quantity": version["quantity"]}],
                **starting(contract["StartDate"]),
                "collection_method": "send_invoice",
                "days_until_due": 30,
                "metadata": metadata,
            },
            {"idempotency_key": f"subscription:{key}"},
        )
        return made.id

    def changed(self, subscription: str, key: str, version: dict[str, Any]) -> None:
        """Another quantity from a day on; 0 is a cancellation."""
        item = self.billing.v1.subscriptions.retrieve(subscription)["items"].data[0].id
        said = {
            "items": [{"id": item, "quantity": version["quantity"]}],
            "proration_date": midnight(version["effective_day"]),
            "metadata": {"signed": version["signed_day"], "version": str(version["number"])},
        }
        self.billing.v1.subscriptions.update(
            subscription, said, {"idempotency_key": f"subscription:{key}:{version['number']}"}
        )


ACCOUNT = "Id, Name, AccountKey__c, Party__c, Stripe_Customer_Id__c"
CONTRACT = (
    "Id, ContractKey__c, AccountId, StartDate, EndDate, CurrencyIsoCode, Billing_Months__c, Unit_Price_Minor__c, "
    "Versions__c, Stripe_Subscription_Id__c, Integration_Status__c"
)


def midnight(day: str) -> int:
    """The first second of a day, where the company is."""
    return int(datetime.fromisoformat(day).replace(tzinfo=HOME).timestamp())


def starting(day: str) -> dict[str, Any]:
    """How Stripe is told of a subscription's start: one that has begun is backdated, any other is anchored."""
    at = midnight(day)
    return {"backdate_start_date": at} if at <= time.time() else {"billing_cycle_anchor": at}


def worker() -> None:
    """Poll for ever."""
    carrying = Carrying()
    while True:
        time.sleep(POLL_S)  # first: what others have just made, searches do not find yet
        carrying.poll()
