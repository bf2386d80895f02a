"""Salesforce's own client takes a deal from account to order, changes it, reads it, and takes it back."""

from datetime import UTC, datetime, timedelta

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound
from simple_salesforce.format import format_external_id, format_soql


@pytest.fixture
def deal(sf):
    """An account with a product at a price, and an opportunity with a line of it."""
    account = sf.Account.create({"Name": "Acme", "External_Id__c": "acme", "BillingCountry": "US"})["id"]
    product = sf.Product2.create({"Name": "Platform", "ProductCode": "PLT", "IsActive": True})["id"]
    book = sf.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["records"][0]["Id"]
    price = sf.PricebookEntry.create(
        {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 99.5, "IsActive": True}
    )["id"]
    opportunity = sf.Opportunity.create(
        {
            "Name": "Acme 2026",
            "AccountId": account,
            "StageName": "Prospecting",
            "CloseDate": "2026-01-31",
            "Pricebook2Id": book,
        }
    )["id"]
    sf.OpportunityLineItem.create({"OpportunityId": opportunity, "PricebookEntryId": price, "Quantity": 10})
    return {"account": account, "product": product, "book": book, "price": price, "opportunity": opportunity}


def test_a_deal_becomes_an_order(sf, deal):
    assert sf.Opportunity.get(deal["opportunity"])["Amount"] == 995.0
    assert sf.Opportunity.update(deal["opportunity"], {"StageName": "Closed Won"}) == 204
    contract = sf.Contract.create({"AccountId": deal["account"], "StartDate": "2026-01-31", "ContractTerm": 13})["id"]
    order = sf.Order.create(
        {
            "AccountId": deal["account"], "ContractId": contract, "EffectiveDate": "2026-01-31", "Status": "Draft",
            "Pricebook2Id": deal["book"],
        }
    )["id"]  # fmt: skip
    sf.OrderItem.create({"OrderId": order, "PricebookEntryId": deal["price"], "Quantity": 10, "UnitPrice": 90})
    assert sf.Order.update(order, {"Status": "Activated"}) == 204
    soql = (
        "SELECT Id, OrderNumber, Status, TotalAmount, Account.Name, Contract.EndDate, "
        "(SELECT Quantity, UnitPrice, Product2.Name FROM OrderItems) FROM Order WHERE Account.External_Id__c = {}"
    )
    (row,) = sf.query(format_soql(soql, "acme"))["records"]
    assert (row["Status"], row["TotalAmount"], row["Account"]["Name"]) == ("Activated", 900.0, "Acme")
    assert row["Contract"]["EndDate"] == "2027-02-27", "a term of months ends before the day of the month comes again"
    (item,) = row["OrderItems"]["records"]
    assert (item["Quantity"], item["Product2"]["Name"]) == (10.0, "Platform")
    won = sf.query("SELECT IsWon, IsClosed, Probability FROM Opportunity WHERE StageName = 'Closed Won'")["records"]
    assert [(one["IsWon"], one["IsClosed"], one["Probability"]) for one in won] == [(True, True, 100.0)]


def test_a_quote_and_its_lines_know_what_they_are_of(sf, deal):
    euros = sf.PricebookEntry.create(
        {"Pricebook2Id": deal["book"], "Product2Id": deal["product"], "UnitPrice": 90, "CurrencyIsoCode": "EUR"}
    )["id"]
    opportunity = sf.Opportunity.create(
        {
            "Name": "Acme EU", "AccountId": deal["account"], "StageName": "Prospecting", "CloseDate": "2026-01-31",
            "CurrencyIsoCode": "EUR",
        }
    )["id"]  # fmt: skip
    quote = sf.Quote.create({"Name": "Q-1", "OpportunityId": opportunity, "Pricebook2Id": deal["book"]})["id"]
    line = {"QuoteId": quote, "PricebookEntryId": euros, "Product2Id": deal["product"], "Quantity": 2}
    sf.QuoteLineItem.create(line)
    lines = "(SELECT CurrencyIsoCode FROM QuoteLineItems)"
    soql = f"SELECT Account.Name, CurrencyIsoCode, GrandTotal, {lines} FROM Quote WHERE Id = '{quote}'"
    (row,) = sf.query(soql)["records"]
    assert (row["Account"]["Name"], row["CurrencyIsoCode"], row["GrandTotal"]) == ("Acme", "EUR", 180.0)
    assert row["QuoteLineItems"]["records"][0]["CurrencyIsoCode"] == "EUR"


def test_how_likely_a_deal_is_may_be_said_until_its_stage_changes(sf, deal):
    def likely():
        read = sf.Opportunity.get(deal["opportunity"])
        return read["Probability"], read["ExpectedRevenue"], read["HasOpportunityLineItem"]

    assert likely() == (10.0, 99.5, True)
    sf.Opportunity.update(deal["opportunity"], {"Probability": 33})
    assert likely() == (33.0, 328.35, True)
    sf.Opportunity.update(deal["opportunity"], {"StageName": "Negotiation/Review"})
    assert likely() == (90.0, 895.5, True)


def test_an_order_is_reduced_by_another(sf, deal):
    order = {"AccountId": deal["account"], "EffectiveDate": "2026-01-31", "Status": "Draft"}
    first = sf.Order.create(order)["id"]
    price = {"PricebookEntryId": deal["price"], "UnitPrice": 90}
    item = sf.OrderItem.create(price | {"OrderId": first, "Quantity": 10})["id"]
    second = sf.Order.create(order | {"IsReductionOrder": True, "OriginalOrderId": first})["id"]
    sf.OrderItem.create(price | {"OrderId": second, "Quantity": -4, "OriginalOrderItemId": item})
    total = sf.query(f"SELECT SUM(TotalPrice) t FROM OrderItem WHERE OrderId IN ('{first}', '{second}')")
    assert total["records"][0]["t"] == 540.0
    assert (
        sf.query("SELECT OriginalOrderItem.Quantity FROM OrderItem WHERE Quantity < 0")["records"][0][
            "OriginalOrderItem"
        ]["Quantity"]
        == 10.0
    )


def test_a_line_is_of_its_parents_currency_and_price_book(sf, deal):
    book = sf.Pricebook2.create({"Name": "Partners", "IsActive": True})["id"]
    price = {"Pricebook2Id": deal["book"], "Product2Id": deal["product"], "UnitPrice": 90}
    dollars = sf.PricebookEntry.create(price | {"Pricebook2Id": book})["id"]
    euros = sf.PricebookEntry.create(price | {"CurrencyIsoCode": "EUR"})["id"]
    other = sf.Product2.create({"Name": "Support"})["id"]
    line = {"OpportunityId": deal["opportunity"], "PricebookEntryId": deal["price"], "Quantity": 1}
    for wrong in ({"PricebookEntryId": dollars}, {"PricebookEntryId": euros}, {"Product2Id": other}):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            sf.OpportunityLineItem.create(line | wrong)
        assert [one["errorCode"] for one in caught.value.content] == ["FIELD_INTEGRITY_EXCEPTION"]
    assert sf.OpportunityLineItem.create(line | {"Product2Id": deal["product"]})["success"]


def test_an_external_id_makes_a_record_once(sf):
    key = format_external_id("External_Id__c", "o/1 ü")
    assert sf.Account.upsert(key, {"Name": "First"}) == 201
    assert sf.Account.upsert(key, {"Name": "Second"}) == 200
    found = sf.query("SELECT Name FROM Account WHERE External_Id__c = 'o/1 ü'")["records"]
    assert [one["Name"] for one in found] == ["Second"]
    assert sf.Account.get(key)["Name"] == "Second"
    assert sf.Account.upsert("External_Id__c/o-1", {"Name": "Third"}) == 201
    assert sf.Account.get_by_custom_id("External_Id__c", "o-1")["Name"] == "Third"


def test_what_is_deleted_is_gone_with_its_parts(sf, deal):
    assert sf.Opportunity.delete(deal["opportunity"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Opportunity.get(deal["opportunity"])
    assert sf.query("SELECT COUNT() FROM OpportunityLineItem")["totalSize"] == 0
    assert sf.query("SELECT Id FROM OpportunityLineItem", include_deleted=True)["totalSize"] == 1
    start = datetime.now(UTC) - timedelta(days=10_000)
    gone = sf.Opportunity.deleted(start, datetime.now(UTC) + timedelta(days=10_000))["deletedRecords"]
    assert [one["id"] for one in gone] == [deal["opportunity"]]


def test_a_long_result_comes_in_pages(sf):
    records = [{"attributes": {"type": "Account"}, "Name": f"Acme {n:03}"} for n in range(401)]
    for start in range(0, 401, 200):
        done = sf.restful("composite/sobjects", method="POST", json={"records": records[start : start + 200]})
        assert all(one["success"] for one in done)
    soql = "SELECT Name FROM Account WHERE Name LIKE 'Acme %' ORDER BY Name"
    first = sf.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    assert (first["totalSize"], first["done"], len(first["records"])) == (401, False, 200)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    last = sf.query_more(second["nextRecordsUrl"].rpartition("/")[2])
    assert last["done"] and [one["Name"] for one in last["records"]] == ["Acme 400"]
    everything = sf.query_all(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    assert [one["Name"] for one in everything["records"]] == [f"Acme {n:03}" for n in range(401)]


def test_the_client_finds_out_what_there_is(sf):
    assert {"Account", "Invoice__c"} <= {one["name"] for one in sf.describe()["sobjects"]}
    fields = {one["name"]: one for one in sf.Contract.describe()["fields"]}
    assert fields["ContractKey__c"]["externalId"] and fields["AccountId"]["referenceTo"] == ["Account"]
    assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"
    assert sf.is_sandbox() is True
    before = sf.limits()["DailyApiRequests"]["Remaining"]
    sf.query("SELECT Id FROM Account")
    assert sf.limits()["DailyApiRequests"]["Remaining"] == before - 2
    assert sf.api_usage["api-usage"].total == 115_000


def test_custom_fields_are_added_and_written(sf):
    field = {"FullName": "Account.Tier__c", "Metadata": {"type": "Text", "length": 10, "externalId": True}}
    assert sf.toolingexecute("sobjects/CustomField", "POST", field)["success"]
    account = sf.Account.create({"Name": "Acme", "Tier__c": "gold"})["id"]
    assert sf.Account.get_by_custom_id("Tier__c", "GOLD")["Id"] == account
    assert sf.toolingexecute("sobjects/CustomObject", "POST", {"FullName": "Shipment__c"})["success"]
    assert sf.Shipment__c.create({"Name": "S-1"})["success"]


def test_searches_find_words(sf):
    sf.Contact.create({"LastName": "Waldo", "Email": "waldo@acme.example"})
    sf.Account.create({"Name": "Waldorf Ltd"})
    found = sf.search(
        "FIND {wald*} IN NAME FIELDS RETURNING Account(Id, Name ORDER BY Name LIMIT 5), Contact(LastName)"
    )
    rows = found["searchRecords"]
    assert [(one["attributes"]["type"], one.get("Name")) for one in rows] == [
        ("Account", "Waldorf Ltd"),
        ("Contact", None),
    ]
    assert len(sf.quick_search("Waldo")["searchRecords"]) == 2
