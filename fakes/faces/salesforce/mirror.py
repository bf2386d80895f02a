"""What sales has entered, as records: accounts, and contracts with an order each, whose items are what was promised.

The business keys are in `AccountKey__c` and `ContractKey__c`. Amounts are in units of the currency, beside them the
same in minor units where an integration must not round. The price of an order item is its share of the contract's unit
price by stand-alone selling prices, and `SSP__c` that of its product: the shares sum to the contract's price.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from fakes.agreements import Account, Contract, Deliverable
from fakes.books.allocation import allocate
from fakes.faces.salesforce.org import Org
from fakes.object_types import Outcome, Write
from fakes.sales import SalesSince
from sim.calendar import FiscalCalendar


class Mirror:
    """Sales' accounts and contracts in an organisation. `follow` brings them up to date."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._position = 0
        self._standard = next(iter(org.view.of_type("Pricebook2"))).id

    def follow(self) -> None:
        """Take over what sales has entered since the last time."""
        sales = self._org.door.ask(SalesSince(self._position))
        self._position = sales.position
        for entered in sales.entered:
            if isinstance(entered.state, Account):
                account = entered.state
                self._upsert(entered.at_us, "Account", "AccountKey__c", account.key, self.account(account))
            else:
                self._enter(entered.at_us, entered.state)

    def record_id(self, key: str) -> tuple[str, str] | None:
        """The object and the id of the record of a business key."""
        for name, field in (("Account", "AccountKey__c"), ("Contract", "ContractKey__c")):
            found = self._org.view.find(name, field, key)
            if found:
                return name, found[0].id
        return None

    def account(self, account: Account) -> dict[str, Any]:
        """An account's fields."""
        parents = self._org.view.find("Account", "AccountKey__c", account.parent) if account.parent else []
        return {
            "AccountKey__c": account.key,
            "Name": account.name, "AccountNumber": account.key[:40], "Type": "Customer", "Version__c": account.version,
            "Entity__c": account.entity or None, "Party__c": account.party or None,
            **({"ParentId": parents[0].id} if parents else {}),
        }  # fmt: skip

    def contract(self, contract: Contract) -> dict[str, Any]:
        """A contract's fields."""
        return self._agreed(contract) | _terms(contract)

    def _agreed(self, contract: Contract) -> dict[str, Any]:
        """What a contract and its order have in common."""
        account = self._org.view.find("Account", "AccountKey__c", contract.account)[0].id
        return {
            "ContractKey__c": contract.key, "AccountId": account, "Version__c": contract.version,
            "CurrencyIsoCode": contract.currency,
            "Pricebook2Id": self._standard, "EndDate": _day(contract.end_day - 1), "Entity__c": contract.entity or None,
            "Status": "Activated" if contract.quantity or not contract.obligations else "Cancelled",
        }  # fmt: skip

    def _enter(self, at_us: int, contract: Contract) -> None:
        agreed = self._agreed(contract)
        contract_id = self._upsert(at_us, "Contract", "ContractKey__c", contract.key, agreed | _terms(contract))
        order = agreed | {"ContractId": contract_id, "EffectiveDate": _day(contract.start_day), "Name": contract.key}
        order_id = self._upsert(at_us, "Order", "ContractKey__c", contract.key, order)
        for key, product, values in _items(contract):
            entry = self._price(at_us, product, contract.currency, values["UnitPrice"])
            item = {
                "OrderId": order_id, "PricebookEntryId": entry, "CurrencyIsoCode": contract.currency,
                "Product_Key__c": product, **values,
            }  # fmt: skip
            self._upsert(at_us, "OrderItem", "OrderItemKey__c", key, item)

    def _price(self, at_us: int, product: str, currency: str, price: Decimal) -> str:
        """The entry of a product in the standard price book, made at the first price that it is sold at."""
        known = self._org.view.find("Product2", "ProductKey__c", product)
        if known:
            product_id = known[0].id
        else:
            named = {"Name": product, "ProductCode": product, "IsActive": True}
            product_id = self._upsert(at_us, "Product2", "ProductKey__c", product, named)
        for entry in self._org.view.find("PricebookEntry", "Product2Id", product_id):
            if entry.values["Pricebook2Id"] == self._standard and entry.values["CurrencyIsoCode"] == currency:
                return entry.id
        values = {
            "Pricebook2Id": self._standard, "Product2Id": product_id, "UnitPrice": price, "IsActive": True,
            "CurrencyIsoCode": currency,
        }  # fmt: skip
        return self._done(self._org.write([Write("insert", "PricebookEntry", values=values, source_us=at_us)]))

    def _upsert(self, at_us: int, name: str, field: str, key: str, values: dict[str, Any]) -> str:
        write = Write("upsert", name, values={field: key, **values}, by=field, key=key, source_us=at_us)
        return self._done(self._org.write([write]))

    @staticmethod
    def _done(outcomes: tuple[Outcome, ...]) -> str:
        (outcome,) = outcomes
        assert outcome.problem is None, f"what sales enters is sound, but {outcome.problem}"
        return outcome.id


def _terms(contract: Contract) -> dict[str, Any]:
    newest = contract.versions[-1]
    months = FiscalCalendar.month_of_day(contract.end_day) - FiscalCalendar.month_of_day(contract.start_day)
    versions = [
        {
            **asdict(version),
            "signed_day": _day(version.signed_day).isoformat(),
            "effective_day": _day(version.effective_day).isoformat(),
        }
        for version in contract.versions
    ]
    return {
        "StartDate": _day(contract.start_day), "ContractTerm": months, "Kind__c": newest.kind,
        "Effective_Date__c": _day(newest.effective_day), "Signed_Date__c": _day(newest.signed_day),
        "Billing_Months__c": contract.billing_months, "Unit_Price__c": _units(contract.unit_price_minor),
        "Unit_Price_Minor__c": contract.unit_price_minor, "Quantity__c": Decimal(contract.quantity),
        "Price_Change__c": _units(newest.price_change_minor), "Versions__c": json.dumps(versions),
        "Ramp__c": json.dumps(contract.ramp) if contract.ramp else None, "Renews__c": contract.renews or None,
        "Acquired_Date__c": _day(contract.acquired_day) if contract.acquired_day else None,
    }  # fmt: skip


def _items(contract: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each promise as an order item: its key, its product, and its values."""
    ssp_minor = {one.product: one.ssp_minor for one in contract.obligations}
    shares_minor = allocate(contract.unit_price_minor, ssp_minor) if ssp_minor else {}
    for product, minor in ssp_minor.items():
        yield (
            f"{contract.key}/{product}",
            product,
            {
                "Quantity": Decimal(contract.quantity), "UnitPrice": _units(shares_minor[product]),
                "SSP__c": _units(minor),
                "SSP_Minor__c": minor, "Kind__c": "obligation", "Contract_Version__c": contract.version,
                "ServiceDate": _day(contract.start_day), "EndDate": _day(contract.end_day - 1),
            },
        )  # fmt: skip
    for one in contract.deliverables:
        yield f"{contract.key}/{one.version}/{one.product}", one.product, _deliverable(one)


def _deliverable(one: Deliverable) -> dict[str, Any]:
    return {
        "Quantity": Decimal(1), "UnitPrice": _units(one.price_minor or one.rate_minor), "SSP__c": _units(one.ssp_minor),
        "SSP_Minor__c": one.ssp_minor, "Kind__c": "deliverable", "Contract_Version__c": one.version,
        "Measure__c": one.measure, "Invoicing__c": one.invoicing, "Price__c": _units(one.price_minor),
        "Units__c": Decimal(one.units), "Included__c": Decimal(one.included), "Rate__c": _units(one.rate_minor),
        "ServiceDate": _day(one.from_day) if one.from_day else None,
        "EndDate": _day(one.to_day - 1) if one.to_day else None,
    }  # fmt: skip


def _units(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def _day(day: int) -> date:
    return date.fromordinal(day)
