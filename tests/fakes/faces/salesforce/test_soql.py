"""Queries, as integrations write them."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest


@pytest.fixture
def sf(alone):
    """A client of an organisation with four accounts, three of them with contacts, beside those of sales."""
    client = alone.client()
    for name, industry, revenue, flag in (
        ("Alpha", "Energy", 100, "2026-01-06"), ("beta", "Energy", 250.5, "2026-01-07"), ("Gamma", "Retail", None,
        None),
        ("100% _Delta's", "Retail", -5, "2025-12-31"),
    ):  # fmt: skip
        account = client.Account.create(
            {
                "Name": name,
                "Industry": industry,
                "AnnualRevenue": revenue,
                "Site": "t",
                "Last_Synced__c": flag and f"{flag}T12:00:00Z",
            }
        )["id"]
        if name != "Gamma":
            client.Contact.create({"LastName": f"{name} Doe", "AccountId": account})
            client.Task.create({"WhatId": account, "ActivityDate": flag})
    return client


def names(sf, condition, rest="ORDER BY CreatedDate, Id"):
    return [
        one["Name"] for one in sf.query(f"SELECT Name FROM Account WHERE Site = 't' AND {condition} {rest}")["records"]
    ]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Name = 'BETA'", ["beta"]),
        ("Name != 'alpha'", ["beta", "Gamma", "100% _Delta's"]),
        ("Name LIKE '%a'", ["Alpha", "beta", "Gamma"]),
        (r"Name LIKE '100\% \_d%'", ["100% _Delta's"]),
        (r"Name = '100% _Delta\'s'", ["100% _Delta's"]),
        ("Name LIKE '_eta'", ["beta"]),
        ("Name IN ('alpha', 'Gamma', 'nobody')", ["Alpha", "Gamma"]),
        ("Name NOT IN ('alpha', 'gamma')", ["beta", "100% _Delta's"]),
        ("AnnualRevenue > 100", ["beta"]),
        ("AnnualRevenue >= 100.0", ["Alpha", "beta"]),
        ("AnnualRevenue < 0", ["100% _Delta's"]),
        ("AnnualRevenue <> 100", ["beta", "Gamma", "100% _Delta's"]),
        ("AnnualRevenue = null", ["Gamma"]),
        ("(Industry = 'Energy' OR AnnualRevenue = null) AND (NOT Name = 'beta')", ["Alpha", "Gamma"]),
        ("NOT (Industry = 'Energy')", ["Gamma", "100% _Delta's"]),
        ("IsDeleted = false AND Industry IN ('energy')", ["Alpha", "beta"]),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'Alpha%')", ["Alpha"]),
        ("Id NOT IN (SELECT AccountId FROM Contact)", ["Gamma"]),
        ("Last_Synced__c = TODAY", ["beta"]),
        ("Last_Synced__c = YESTERDAY", ["Alpha"]),
        ("Last_Synced__c = LAST_MONTH", ["100% _Delta's"]),
        ("Last_Synced__c >= THIS_MONTH", ["Alpha", "beta"]),
        ("Last_Synced__c = LAST_N_DAYS:2", ["Alpha", "beta"]),
        ("Last_Synced__c < LAST_N_DAYS:2", ["100% _Delta's"]),
        ("Last_Synced__c = THIS_YEAR", ["Alpha", "beta"]),
        ("Last_Synced__c > 2026-01-06T12:00:00Z", ["beta"]),
        ("Last_Synced__c >= 2026-01-06T07:00:00-05:00", ["Alpha", "beta"]),
        ("DAY_ONLY(Last_Synced__c) = 2026-01-06", ["Alpha"]),
        ("CALENDAR_YEAR(Last_Synced__c) = 2025", ["100% _Delta's"]),
        ("WEEK_IN_YEAR(Last_Synced__c) = 53 AND WEEK_IN_MONTH(Last_Synced__c) = 5", ["100% _Delta's"]),
        ("Industry = 'Energy' WITH USER_MODE", ["Alpha", "beta"]),
        ("CreatedDate = TODAY AND Owner.Name = 'Integration User' AND Name > 'b'", ["beta", "Gamma"]),
    ],
)  # fmt: skip
def test_conditions(sf, condition, found):
    assert names(sf, condition) == found


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("ORDER BY Name", ["100% _Delta's", "Alpha", "beta", "Gamma"]),
        ("ORDER BY AnnualRevenue", ["Gamma", "100% _Delta's", "Alpha", "beta"]),
        ("ORDER BY AnnualRevenue DESC NULLS LAST", ["beta", "Alpha", "100% _Delta's", "Gamma"]),
        ("ORDER BY Industry DESC, Name DESC LIMIT 3", ["Gamma", "100% _Delta's", "beta"]),
        ("ORDER BY Name LIMIT 2 OFFSET 1", ["Alpha", "beta"]),
        ("ORDER BY Name LIMIT 0", []),
    ],
)
def test_order_limit_and_offset(sf, rest, found):
    assert names(sf, "Name != null", rest) == found


def test_children_come_with_their_parents(sf):
    children = "(SELECT LastName, Account.Name FROM Contacts ORDER BY LastName LIMIT 1)"
    soql = f"SELECT a.Name, {children} FROM Account a WHERE a.Industry = 'Retail'"
    gamma, delta = sf.query(soql)["records"]
    assert gamma["Contacts"] is None
    assert delta["Contacts"]["totalSize"] == 1 and delta["Contacts"]["records"][0]["Account"]["Name"] == "100% _Delta's"


def test_a_reference_to_several_objects_is_followed(sf):
    rows = sf.query("SELECT What.Name FROM Task WHERE ActivityDate = 2026-01-06")["records"]
    assert [(one["What"]["attributes"]["type"], one["What"]["Name"]) for one in rows] == [("Account", "Alpha")]
    assert sf.query("SELECT Who.Name FROM Task LIMIT 1")["records"][0]["Who"] is None


def test_aggregates(sf):
    soql = (
        "SELECT Industry, COUNT(Id), SUM(AnnualRevenue) total, AVG(AnnualRevenue), MIN(Name), MAX(AnnualRevenue), "
        "COUNT_DISTINCT(Industry) FROM Account WHERE Site = 't' GROUP BY Industry HAVING COUNT(Id) > 1 "
        "ORDER BY SUM(AnnualRevenue) DESC"
    )
    energy, retail = sf.query(soql)["records"]
    assert {name: value for name, value in energy.items() if name != "attributes"} == {
        "Industry": "Energy", "expr0": 2, "total": 350.5, "expr1": 175.25, "expr2": "Alpha", "expr3": 250.5, "expr4": 1,
    }  # fmt: skip
    assert (retail["expr0"], retail["total"]) == (2, -5.0)
    assert sf.query("SELECT COUNT() FROM Account WHERE Site = 't'")["totalSize"] == 4
    assert sf.query("SELECT COUNT(AnnualRevenue) n FROM Account WHERE Site = 't'")["records"][0]["n"] == 3
    by_owner = sf.query(
        "SELECT Account.Industry i, COUNT(Id) n FROM Contact GROUP BY Account.Industry ORDER BY Account.Industry"
    )
    assert [(one["i"], one["n"]) for one in by_owner["records"]] == [("Energy", 2), ("Retail", 1)]


def test_all_fields_at_once(sf):
    standard = sf.query("SELECT FIELDS(STANDARD) FROM Account LIMIT 1")["records"][0]
    custom = sf.query("SELECT Id, FIELDS(CUSTOM) FROM Account LIMIT 1")["records"][0]
    assert "Name" in standard and "AccountKey__c" not in standard
    assert "AccountKey__c" in custom and "Name" not in custom


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nothing__c FROM Account", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT (SELECT Id FROM Nothings) FROM Account", "INVALID_TYPE"),
        ("SELECT Id Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY"),
        ('SELECT Id FROM Account WHERE Name = "a"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE AnnualRevenue = '1'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-13-01T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:999999999", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate = SOMEDAY", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Id = 'nobody'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Account WHERE AnnualRevenue LIKE 'a'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Description = null", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Description IN ('a')", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Description FROM Account GROUP BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Account WITH ME", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account FOR FUN", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id FROM Account WHERE " + "(" * 500 + "Name = 'a'" + ")" * 500, "MALFORMED_QUERY"),
    ],
)
def test_queries_that_make_no_sense(sf, soql, code):
    with pytest.raises(SalesforceMalformedRequest) as caught:
        sf.query(soql)
    assert [one["errorCode"] for one in caught.value.content] == [code]
