"""Bulk loads and extracts, by Salesforce's own client: both of its APIs."""

import csv
import io

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceOperationError


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_is_loaded_and_each_row_accounted_for(sf):
    sf.Account.create({"Name": "Old", "External_Id__c": "x0"})
    records = [
        {"External_Id__c": "x0", "Name": "New", "Phone": "#N/A"},
        {"External_Id__c": "x1", "Name": 'Comma, "quote"\nline', "Phone": "1"},
        {"External_Id__c": "x2", "Name": "x" * 256, "Phone": ""},
    ]
    (result,) = sf.bulk2.Account.upsert(records=records, external_id_field="External_Id__c", wait=0.002)
    assert (result["numberRecordsProcessed"], result["numberRecordsFailed"]) == (3, 1)
    job = result["job_id"]
    good = rows(sf.bulk2.Account.get_successful_records(job))
    assert [(one["sf__Created"], one["External_Id__c"]) for one in good] == [("false", "x0"), ("true", "x1")]
    (bad,) = rows(sf.bulk2.Account.get_failed_records(job))
    assert bad["sf__Error"].startswith("STRING_TOO_LONG:") and bad["External_Id__c"] == "x2"
    assert rows(sf.bulk2.Account.get_unprocessed_records(job)) == []
    assert sf.Account.get_by_custom_id("External_Id__c", "x1")["Name"] == 'Comma, "quote"\nline'


def test_a_table_is_extracted_in_parts(sf):
    sf.bulk2.Account.insert(records=[{"Name": f"Acme {n:03}"} for n in range(250)], wait=0.002)
    soql = "SELECT Name, Owner.Name, Phone FROM Account WHERE Name LIKE 'Acme%' ORDER BY Name"
    parts = list(sf.bulk2.Account.query(soql, max_records=100, wait=0.002))
    assert [len(rows(part)) for part in parts] == [100, 100, 50]
    assert rows(parts[0])[0] == {"Name": "Acme 000", "Owner.Name": "Integration User", "Phone": ""}
    with pytest.raises(SalesforceMalformedRequest):
        next(sf.bulk2.Account.query("SELECT COUNT(Id) FROM Account", wait=0.002))


def test_rows_are_updated_and_deleted(sf):
    made = sf.bulk2.Account.insert(records=[{"Name": "A"}, {"Name": "B"}], wait=0.002)
    ids = [one["sf__Id"] for one in rows(sf.bulk2.Account.get_successful_records(made[0]["job_id"]))]
    sf.bulk2.Account.update(records=[{"Id": id_, "Phone": "1"} for id_ in ids], wait=0.002, column_delimiter="TAB")
    assert sf.query("SELECT COUNT() FROM Account WHERE Phone = '1'")["totalSize"] == 2
    sf.bulk2.Account.delete(records=[{"Id": id_} for id_ in ids], wait=0.002)
    assert sf.query("SELECT COUNT() FROM Account WHERE Phone = '1'")["totalSize"] == 0
    assert len(rows(next(sf.bulk2.Account.query_all("SELECT Id FROM Account WHERE Phone = '1'", wait=0.002)))) == 2


def test_a_row_can_refer_to_another_record_by_its_key(sf):
    sf.Account.create({"Name": "Acme", "External_Id__c": "acme"})
    sf.bulk2.Contact.insert(records=[{"LastName": "Doe", "Account.External_Id__c": "acme"}], wait=0.002)
    assert sf.query("SELECT COUNT() FROM Contact WHERE Account.Name = 'Acme'")["totalSize"] == 1
    sf.bulk2.Task.insert(records=[{"Subject": "Call", "Account:What.External_Id__c": "acme"}], wait=0.002)
    assert sf.query("SELECT COUNT() FROM Task WHERE What.Name = 'Acme'")["totalSize"] == 1


def test_a_table_that_is_none_fails_its_job(place):
    sf = place.client()
    job = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    csv_data = {"Content-Type": "text/csv"}
    assert place.send("PUT", f"/{job['contentUrl']}", b"Name,Phone\n1,2,3\n", **csv_data).status_code == 201
    assert (
        sf.restful(f"jobs/ingest/{job['id']}", method="PATCH", json={"state": "UploadComplete"})["state"]
        == "UploadComplete"
    )
    told = sf.restful(f"jobs/ingest/{job['id']}")
    assert told["state"] == "Failed" and "InvalidBatch" in told["errorMessage"]
    assert place.send("PUT", f"/{job['contentUrl']}", b"Name\n1\n", **csv_data).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "token", "code"),
    [
        ("job", b"{", "00Dtest-token", "JSON_PARSER_ERROR"),
        ("job", b'{"operation": []}', "00Dtest-token", "InvalidJob"),
        ("job/nothing", b'{"state": []}', "00Dtest-token", "NOT_FOUND"),
        ("job", b"{}", "wrong", "InvalidSessionId"),
        ("nothing", b"{}", "00Dtest-token", "NOT_FOUND"),
    ],
)
def test_the_older_api_has_a_shape_of_its_own_for_errors(place, path, body, token, code):
    answer = place.send("POST", f"/services/async/59.0/{path}", body, token=token)
    assert answer.json().keys() == {"exceptionCode", "exceptionMessage"}
    assert answer.json()["exceptionCode"] == code


def test_a_job_takes_its_time(alone):
    sf = alone.client()
    job = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    alone.send("PUT", f"/{job['contentUrl']}", b"Name\nAcme\n", Content_Type="text/csv")
    sf.restful(f"jobs/ingest/{job['id']}", method="PATCH", json={"state": "UploadComplete"})
    assert sf.restful(f"jobs/ingest/{job['id']}")["state"] == "InProgress"
    alone.time.at_us += 2_000_000
    assert sf.restful(f"jobs/ingest/{job['id']}")["state"] == "JobComplete"


@pytest.mark.parametrize("table", [b"Name,Phone\n1,2,3\n", b"Name,Nothing__c\n1,2\n", b"Name,Nothing.Id\n1,2\n", b""])
def test_a_table_of_unknown_columns_is_not_begun(alone, table):
    sf = alone.client()
    job = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    alone.send("PUT", f"/{job['contentUrl']}", table, Content_Type="text/csv")
    sf.restful(f"jobs/ingest/{job['id']}", method="PATCH", json={"state": "UploadComplete"})
    told = sf.restful(f"jobs/ingest/{job['id']}")
    assert told["state"] == "Failed" and told["errorMessage"].startswith("InvalidBatch")
    assert sf.query("SELECT COUNT() FROM Account WHERE Name = '1'")["totalSize"] == 0
    assert len(rows(sf.bulk2.Account.get_unprocessed_records(job["id"]))) == (b"Nothing" in table)


def test_rows_of_one_key_are_all_refused(sf):
    records = [{"External_Id__c": key, "Name": name} for key, name in (("a", "1"), ("b", "2"), ("A", "3"))]
    (result,) = sf.bulk2.Account.upsert(records=records, external_id_field="External_Id__c", wait=0.002)
    refused = rows(sf.bulk2.Account.get_failed_records(result["job_id"]))
    assert [(one["Name"], one["sf__Error"].partition(":")[0]) for one in refused] == [
        ("1", "DUPLICATE_VALUE"), ("3", "DUPLICATE_VALUE"),
    ]  # fmt: skip
    together = sf.restful("composite/sobjects/Account/External_Id__c", method="PATCH", json={"records": records})
    assert [one["success"] for one in together] == [False, True, False]


def test_jobs_of_all_kinds_have_ids_of_their_own(sf):
    soql = {"operation": "query", "query": "SELECT FIELDS(STANDARD) FROM Contact WHERE LastName = 'nobody' LIMIT 9"}
    read = sf.restful("jobs/query", method="POST", json=soql)
    written = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    assert read["id"] != written["id"] and read["numberRecordsProcessed"] == 0


def test_an_aborted_job_writes_nothing(alone):
    sf = alone.client()
    job = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    sf.bulk2.Account._client.abort_job(job["id"], False)
    with pytest.raises(SalesforceOperationError):
        sf.bulk2.Account._client.wait_for_job(job["id"], False, 0.001)


def test_the_older_api_loads_and_extracts(place):
    place.time.speed = 10_000_000  # its client looks at once, and then every five seconds
    sf = place.client()
    made = sf.bulk.Account.insert([{"Name": "A", "External_Id__c": "b0"}, {"Phone": "1"}])
    assert [one["success"] for one in made] == [True, False]
    again = sf.bulk.Account.upsert([{"Name": "B", "External_Id__c": "b0"}], "External_Id__c")
    assert [(one["created"], one["id"]) for one in again] == [(False, made[0]["id"])]
    found = sf.bulk.Account.query("SELECT Id, Name FROM Account WHERE External_Id__c = 'b0'")
    assert [one["Name"] for one in found] == ["B"]
    assert sf.bulk.Account.delete([{"Id": made[0]["id"]}])[0]["success"]
