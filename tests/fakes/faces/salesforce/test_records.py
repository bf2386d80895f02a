"""Records one at a time, and how Salesforce says what is wrong with them."""

import pytest
from simple_salesforce.exceptions import SalesforceError, SalesforceMoreThanOneRecord


def declined(work, *arguments, **named):
    """The status and the codes that Salesforce's client reports."""
    with pytest.raises(SalesforceError) as caught:
        work(*arguments, **named)
    return caught.value.status, [one["errorCode"] for one in caught.value.content]


def test_what_is_wrong_is_said_in_salesforces_words(sf):
    sf.Account.create({"Name": "Acme", "External_Id__c": "acme"})
    create = sf.Account.create
    assert declined(create, {}) == (400, ["REQUIRED_FIELD_MISSING"])
    assert declined(create, {"Name": "x" * 256}) == (400, ["STRING_TOO_LONG"])
    assert declined(create, {"Name": "x", "Nmae": "y"}) == (400, ["INVALID_FIELD"])
    assert declined(create, {"Name": "x", "External_Id__c": "ACME"}) == (400, ["DUPLICATE_VALUE"])
    assert declined(create, {"Name": "x", "AnnualRevenue": "much"}) == (400, ["JSON_PARSER_ERROR"])
    assert declined(create, {"Name": {"a": 1}}) == (400, ["JSON_PARSER_ERROR"])
    assert declined(create, {"Name": "x", "ParentId": "nobody"}) == (400, ["MALFORMED_ID"])
    assert declined(create, {"Name": "x", "ParentId": "0015i00000zzzzzAAA"}) == (400, ["INVALID_CROSS_REFERENCE_KEY"])
    assert declined(create, {"Name": "x", "IsDeleted": True}) == (400, ["INVALID_FIELD_FOR_INSERT_UPDATE"])
    assert declined(create, {"Name": "x", "CurrencyIsoCode": "XXX"}) == (
        400,
        ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"],
    )
    assert declined(sf.Contact.create, {"LastName": "x", "Email": "nowhere"}) == (400, ["INVALID_EMAIL_ADDRESS"])
    assert declined(sf.Nothing.create, {"Name": "x"}) == (404, ["NOT_FOUND"])
    assert declined(sf.Account.get, "0015i00000zzzzzAAA") == (404, ["NOT_FOUND"])
    assert declined(sf.Account.update, "0015i00000zzzzzAAA", {"Name": "x"}) == (404, ["NOT_FOUND"])
    assert declined(sf.Account.delete, "0015i00000zzzzzAAA") == (404, ["NOT_FOUND"])
    assert declined(sf.Account.upsert, "Name/x", {"Phone": "1"}) == (404, ["NOT_FOUND"])


def test_what_was_deleted_can_neither_be_changed_nor_deleted(sf):
    account = sf.Account.create({"Name": "Acme"})["id"]
    sf.Account.delete(account)
    assert declined(sf.Account.delete, account) == (404, ["ENTITY_IS_DELETED"])
    assert declined(sf.Account.update, account, {"Name": "x"}) == (404, ["NOT_FOUND"])


def test_ids_are_of_fifteen_characters_or_eighteen(sf):
    account = sf.Account.create({"Name": "Acme"})["id"]
    assert len(account) == 18 and account.startswith("001")
    assert sf.Account.get(account[:15])["Id"] == account
    contact = sf.Contact.create({"LastName": "Doe", "AccountId": account[:15]})["id"]
    assert sf.Contact.get(contact)["AccountId"] == account
    assert sf.query(f"SELECT Id FROM Account WHERE Id = '{account[:15]}'")["totalSize"] == 1


def test_an_external_id_that_leads_to_two_records_is_answered_with_both(sf):
    both = [sf.Account.create({"Name": name, "Legacy_Id__c": "old"})["id"] for name in ("One", "Two")]
    for work in (
        lambda: sf.Account.get_by_custom_id("Legacy_Id__c", "old"),
        lambda: sf.Account.upsert("Legacy_Id__c/old", {"Phone": "1"}),
    ):
        with pytest.raises(SalesforceMoreThanOneRecord) as caught:
            work()
        assert [url.rpartition("/")[2] for url in caught.value.content] == both


def test_a_reference_can_be_by_external_id(sf):
    sf.Account.create({"Name": "Acme", "External_Id__c": "acme"})
    contact = sf.Contact.create({"LastName": "Doe", "Account": {"External_Id__c": "acme"}})["id"]
    assert (
        sf.query(f"SELECT Account.Name FROM Contact WHERE Id = '{contact}'")["records"][0]["Account"]["Name"] == "Acme"
    )
    wrong = {"LastName": "Doe", "Account": {"External_Id__c": "nobody"}}
    assert declined(sf.Contact.create, wrong) == (400, ["INVALID_FIELD"])


def test_only_some_fields_are_read_if_so_asked(sf):
    account = sf.Account.create({"Name": "Acme"})["id"]
    read = sf.restful(f"sobjects/Account/{account}", params={"fields": "Name,Phone"})
    assert set(read) == {"attributes", "Id", "Name", "Phone"}


def test_an_account_with_contracts_cannot_be_deleted(sf):
    account = sf.Account.create({"Name": "Acme"})["id"]
    sf.Contract.create({"AccountId": account})
    assert declined(sf.Account.delete, account) == (400, ["DELETE_FAILED"])


def test_prices_need_a_standard_price_and_occur_once(sf):
    product = sf.Product2.create({"Name": "Platform"})["id"]
    standard = sf.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["records"][0]["Id"]
    custom = sf.Pricebook2.create({"Name": "Partners", "IsActive": True})["id"]
    price = {"Pricebook2Id": custom, "Product2Id": product, "UnitPrice": 9}
    assert declined(sf.PricebookEntry.create, price) == (400, ["STANDARD_PRICE_NOT_DEFINED"])
    sf.PricebookEntry.create(price | {"Pricebook2Id": standard})
    sf.PricebookEntry.create(price)
    assert declined(sf.PricebookEntry.create, price) == (400, ["DUPLICATE_VALUE"])


def test_what_is_worked_out_of_numbers_has_its_limits_too(sf):
    """Else a record was kept that nobody could read any more."""
    account = sf.Account.create({"Name": "Acme"})["id"]
    term = {"AccountId": account, "StartDate": "2026-01-01", "ContractTerm": 999_999_999}
    assert declined(sf.Contract.create, term) == (400, ["NUMBER_OUTSIDE_VALID_RANGE"])
    product = sf.Product2.create({"Name": "Platform"})["id"]
    book = sf.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["records"][0]["Id"]
    price = sf.PricebookEntry.create({"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1})["id"]
    opportunity = sf.Opportunity.create({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-01-31"})["id"]
    line = {"OpportunityId": opportunity, "PricebookEntryId": price, "Quantity": 1e17}
    assert declined(sf.OpportunityLineItem.create, line | {"UnitPrice": 1e17}) == (400, ["NUMBER_OUTSIDE_VALID_RANGE"])
    made = sf.OpportunityLineItem.create(line)["id"]
    assert declined(sf.OpportunityLineItem.update, made, {"UnitPrice": 1e17}) == (400, ["NUMBER_OUTSIDE_VALID_RANGE"])
    assert sf.Opportunity.get(opportunity)["Amount"] == 1e17


def test_duplicate_rules_can_be_on_and_passed_over(place):
    place.org.duplicate_rules = True
    sf = place.client()
    assert declined(sf.Account.create, {"Name": "opening"}) == (400, ["DUPLICATES_DETECTED"])
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert sf.Account.create({"Name": "opening"}, headers=allowed)["success"]


def test_records_of_one_second_are_told_apart_by_nothing_but_their_ids(alone):
    """Stamps are whole seconds, as Salesforce keeps them: who polls by `>` misses what came in the same second."""
    sf = alone.client()
    sf.Account.create({"Name": "One"})
    sf.Account.create({"Name": "Two"})
    stamps = [
        one["SystemModstamp"] for one in sf.query("SELECT SystemModstamp FROM Account WHERE Type = null")["records"]
    ]
    assert stamps == ["2026-01-07T05:00:00.000+0000"] * 2
    assert sf.query(f"SELECT Id FROM Account WHERE SystemModstamp > {stamps[0]}")["totalSize"] == 0
    assert sf.query(f"SELECT Id FROM Account WHERE SystemModstamp >= {stamps[0]}")["totalSize"] == 2
