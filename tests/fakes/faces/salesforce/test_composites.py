"""Several requests in one: all of them or none, those that refer to each other, and up to 200 records."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

V = "/services/data/v59.0"


def accounts(sf):
    return sf.query("SELECT COUNT() FROM Account")["totalSize"]


def sent(sf, requests, **options):
    return sf.restful("composite", method="POST", json={"compositeRequest": requests, **options})["compositeResponse"]


def test_a_request_refers_to_the_answers_before_it(sf):
    made, contact, read = sent(
        sf,
        [
            {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "a", "body": {"Name": "Acme"}},
            {
                "method": "POST", "url": f"{V}/sobjects/Contact", "referenceId": "c",
                "body": {"LastName": "Doe", "AccountId": "@{a.id}", "Description": "of @{a.id}"},
            },
            {"method": "GET", "url": f"{V}/query?q=SELECT Account.Name FROM Contact WHERE Id = '@{{c.id}}'",
            "referenceId": "q"},
        ],
    )  # fmt: skip
    assert [one["httpStatusCode"] for one in (made, contact, read)] == [201, 201, 200]
    assert made["httpHeaders"]["Location"] == f"{V}/sobjects/Account/{made['body']['id']}"
    assert read["body"]["records"][0]["Account"]["Name"] == "Acme"


def test_all_of_a_composite_is_done_or_nothing(sf):
    before = accounts(sf)
    requests = [
        {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "a", "body": {"Name": "Acme"}},
        {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "b", "body": {}},
        {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "c", "body": {"Name": "Never"}},
    ]
    answers = sent(sf, requests, allOrNone=True)
    codes = [one["body"][0]["errorCode"] for one in answers]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert accounts(sf) == before
    assert [one["httpStatusCode"] for one in sent(sf, requests)] == [201, 400, 201]
    assert accounts(sf) == before + 2


def test_a_reference_to_nothing_halts_what_refers_to_it(sf):
    answers = sent(
        sf,
        [
            {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "a", "body": {}},
            {"method": "POST", "url": f"{V}/sobjects/Contact", "referenceId": "c", "body": {"LastName": "@{a.id}"}},
        ],
    )
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_reference_leads_into_a_list(sf):
    made = {
        "method": "POST", "url": f"{V}/composite/sobjects", "referenceId": "a",
        "body": {"records": [{"attributes": {"type": "Account"}, "Name": "Acme"}]},
    }  # fmt: skip
    contact = {"LastName": "Doe", "AccountId": "@{a[0].id}"}
    below = {"method": "POST", "url": f"{V}/sobjects/Contact", "referenceId": "c", "body": contact}
    assert [one["httpStatusCode"] for one in sent(sf, [made, below])] == [200, 201]
    assert sf.query("SELECT COUNT() FROM Contact WHERE Account.Name = 'Acme'")["totalSize"] == 1


@pytest.mark.parametrize("second", [{"method": "GET", "url": f"{V}/limits"}, {"referenceId": "a"}])
def test_a_composite_that_is_refused_has_done_nothing(sf, second):
    before = accounts(sf)
    first = {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "a", "body": {"Name": "Acme"}}
    with pytest.raises(SalesforceMalformedRequest):
        sent(sf, [first, second])
    batched = {"method": "POST", "url": "v59.0/sobjects/Account", "richInput": {"Name": "Acme"}}
    with pytest.raises(SalesforceMalformedRequest):
        sf.restful("composite/batch", method="POST", json={"batchRequests": [batched, {"method": "GET"}]})
    assert accounts(sf) == before


def test_two_hundred_records_have_a_result_each(sf):
    records = [{"attributes": {"type": "Account"}, "Name": "Acme"}, {"attributes": {"type": "Account"}}]
    made = sf.restful("composite/sobjects", method="POST", json={"records": records})
    assert [one["success"] for one in made] == [True, False]
    assert made[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    before = accounts(sf)
    undone = sf.restful("composite/sobjects", method="POST", json={"records": records, "allOrNone": True})
    assert [one["errors"][0]["statusCode"] for one in undone] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert accounts(sf) == before


def test_records_are_upserted_changed_read_and_deleted_together(sf):
    records = [{"attributes": {"type": "Account"}, "External_Id__c": f"x{n}", "Name": f"N{n}"} for n in range(3)]
    first = sf.restful("composite/sobjects/Account/External_Id__c", method="PATCH", json={"records": records[:2]})
    again = sf.restful("composite/sobjects/Account/External_Id__c", method="PATCH", json={"records": records})
    assert [one["created"] for one in first + again] == [True, True, False, False, True]
    ids = [one["id"] for one in again]
    changes = [{"attributes": {"type": "Account"}, "id": id_, "Phone": "1"} for id_ in ids]
    assert all(one["success"] for one in sf.restful("composite/sobjects", method="PATCH", json={"records": changes}))
    read = sf.restful(
        "composite/sobjects/Account", params={"ids": ",".join([*ids, ids[0][:3]]), "fields": "Name,Phone"}
    )
    assert [one and (one["Name"], one["Phone"]) for one in read] == [("N0", "1"), ("N1", "1"), ("N2", "1"), None]
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": ",".join(ids), "allOrNone": "true"})
    assert [one["success"] for one in gone] == [True] * 3
    assert sf.query("SELECT COUNT() FROM Account WHERE Phone = '1'")["totalSize"] == 0


def test_batches_know_nothing_of_each_other(sf):
    account = sf.Account.create({"Name": "Acme"})["id"]
    requests = [
        {"method": "GET", "url": f"v59.0/sobjects/Account/{account}"},
        {"method": "GET", "url": "v59.0/sobjects/Account/nobody"},
        {"method": "PATCH", "url": f"v59.0/sobjects/Account/{account}", "richInput": {"Phone": "1"}},
    ]
    answer = sf.restful("composite/batch", method="POST", json={"batchRequests": requests})
    assert answer["hasErrors"] and [one["statusCode"] for one in answer["results"]] == [200, 404, 204]
    halted = sf.restful("composite/batch", method="POST", json={"batchRequests": requests, "haltOnError": True})
    assert [one["statusCode"] for one in halted["results"]] == [200, 404, 412]


def test_a_tree_is_planted_whole_or_not_at_all(sf):
    tree = {
        "attributes": {"type": "Account", "referenceId": "a"}, "Name": "Acme",
        "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "Doe"}]},
    }  # fmt: skip
    answer = sf.restful("composite/tree/Account", method="POST", json={"records": [tree]})
    assert [one["referenceId"] for one in answer["results"]] == ["a", "c"]
    before = accounts(sf)
    del tree["Contacts"]["records"][0]["LastName"]
    with pytest.raises(SalesforceMalformedRequest):
        sf.restful("composite/tree/Account", method="POST", json={"records": [tree]})
    assert accounts(sf) == before


def nested(depth):
    record = {"attributes": {"type": "Account", "referenceId": f"a{depth}"}, "Name": "Acme"}
    return record | ({"ChildAccounts": {"records": [nested(depth - 1)]}} if depth > 1 else {})


def test_a_tree_has_limits_and_calls_each_record_by_a_name_of_its_own(sf):
    def planted(records):
        try:
            return sf.restful("composite/tree/Account", method="POST", json={"records": records})["hasErrors"]
        except SalesforceMalformedRequest as refused:
            return refused.content

    before, one = accounts(sf), nested(1)
    assert planted([{"Name": "Acme"}])[0]["errorCode"] == "INVALID_INPUT"
    assert planted([nested(6)])[0]["errorCode"] == "INVALID_INPUT"
    assert planted([nested(2) | {"Contacts": {"records": [one] * 199}}])[0]["errorCode"] == "LIMIT_EXCEEDED"
    (repeated,) = planted([one, one, one])["results"]
    assert (repeated["referenceId"], repeated["errors"][0]["statusCode"]) == ("a1", "INVALID_INPUT")
    assert accounts(sf) == before
    assert planted([nested(5)]) is False and accounts(sf) == before + 5


def test_a_composite_counts_as_one_call_and_needs_no_session_of_its_own(place):
    sf, used = place.client(), place.org.usage.used
    sent(sf, [{"method": "GET", "url": f"{V}/limits", "referenceId": f"r{n}"} for n in range(5)])
    assert place.org.usage.used == used + 1
