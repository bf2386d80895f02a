"""What sales enters is there as records, which integrations may add to and not change."""

import json

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from fakes.agreements import Account
from tests.fakes.faces.salesforce.places import SIGNED
from tests.fakes.samples import as_of

CONTRACT = (
    "SELECT Version__c, Quantity__c, Unit_Price__c, Unit_Price_Minor__c, Billing_Months__c, StartDate, EndDate, "
    "Status, Kind__c, CurrencyIsoCode, Versions__c, Account.AccountKey__c FROM Contract WHERE ContractKey__c = 'C-1'"
)


def test_a_contract_has_all_that_it_takes_to_bill_it(sf):
    (row,) = sf.query(CONTRACT)["records"]
    assert (row["StartDate"], row["EndDate"], row["Billing_Months__c"]) == ("2026-01-01", "2026-12-31", 1)
    assert (row["Quantity__c"], row["Unit_Price__c"], row["Unit_Price_Minor__c"]) == (10.0, 1.01, 101)
    assert (row["Status"], row["Kind__c"], row["Account"]["AccountKey__c"]) == ("Activated", "signed", "A-1")
    assert json.loads(row["Versions__c"])[0]["effective_day"] == "2026-01-01"
    items = sf.query("SELECT Product_Key__c, UnitPrice, SSP_Minor__c FROM OrderItem WHERE Order.ContractKey__c = 'C-1'")
    prices = {one["Product_Key__c"]: (one["UnitPrice"], one["SSP_Minor__c"]) for one in items["records"]}
    assert prices == {"platform": (0.67, 80), "support": (0.34, 40)}, "shares by SSP, which sum to the contract's price"


def test_a_deliverable_is_an_order_item_of_its_own(sf):
    soql = "SELECT UnitPrice, Measure__c, Product2.Name FROM OrderItem WHERE Order.ContractKey__c = 'S-1'"
    (row,) = sf.query(soql)["records"]
    assert (row["UnitPrice"], row["Measure__c"], row["Product2"]["Name"]) == (5_000.0, "on_acceptance", "set-up")


def test_an_amendment_and_a_new_account_appear_with_their_instants(place):
    sf, company = place.client(), place.company
    before = sf.Contract.get_by_custom_id("ContractKey__c", "C-1")
    company.wire.clock.run_until(3 * 86_400_000_000)
    company.sign(SIGNED)
    company.open_account(Account("A-3", "Fresh", parent="A-1"))
    company.open_account(Account("A-3", "Fresh & Co", parent="A-1", version=2))
    after = sf.Contract.get_by_custom_id("ContractKey__c", "C-1")
    assert (after["Id"], after["Version__c"], after["Quantity__c"], after["Kind__c"]) == (
        before["Id"],
        2,
        15.0,
        "amended",
    )
    assert (before["SystemModstamp"], after["SystemModstamp"]) == (
        "2025-12-18T05:00:00.000+0000",
        "2025-12-21T05:00:00.000+0000",
    )
    assert after["CreatedDate"] == before["CreatedDate"]
    (fresh,) = sf.query("SELECT Name, Parent.AccountKey__c FROM Account WHERE AccountKey__c = 'A-3'")["records"]
    assert (fresh["Name"], fresh["Parent"]["AccountKey__c"]) == ("Fresh & Co", "A-1")
    changed = sf.query("SELECT ContractKey__c FROM Contract WHERE SystemModstamp > 2025-12-20T00:00:00Z")["records"]
    assert [one["ContractKey__c"] for one in changed] == ["C-1"]
    items = sf.query("SELECT Quantity FROM OrderItem WHERE Order.ContractKey__c = 'C-1'")["records"]
    assert [one["Quantity"] for one in items] == [15.0, 15.0]


def test_what_sales_says_is_read_only_and_all_else_is_not(sf):
    account = sf.Account.get_by_custom_id("AccountKey__c", "A-1")["Id"]
    assert sf.Account.update(account, {"Stripe_Customer_Id__c": "cus_1", "Name": "Opening"}) == 204
    assert sf.Account.get_by_custom_id("Stripe_Customer_Id__c", "cus_1")["Id"] == account
    for work in (lambda: sf.Account.update(account, {"Name": "Other"}), lambda: sf.Account.delete(account)):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            work()
        assert caught.value.content[0]["errorCode"] in {
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "INSUFFICIENT_ACCESS_OR_READONLY",
        }


def test_what_was_written_back_outlasts_an_amendment(place):
    sf = place.client()
    id_ = sf.Contract.get_by_custom_id("ContractKey__c", "C-1")["Id"]
    sf.Contract.update(id_, {"Stripe_Subscription_Id__c": "sub_1"})
    place.company.sign(SIGNED)
    assert sf.Contract.get(id_)["Stripe_Subscription_Id__c"] == "sub_1"


def test_an_organisation_that_is_looked_at_late_has_what_was_entered_before(alone):
    alone.company.sign(SIGNED)
    alone.company.open_account(Account("A-3", "Fresh"))
    sf = alone.client()
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 3
    assert sf.query(CONTRACT)["records"][0]["Version__c"] == as_of(SIGNED, 2).version
