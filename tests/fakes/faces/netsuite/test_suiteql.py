"""Queries as integrations write them, and queries that make no sense."""

import pytest


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT COUNT(*) AS n FROM transaction", [{"n": "2"}]),
        ("SELECT t.tranid, c.companyname FROM transaction t JOIN customer c ON c.id = t.entity "
         "WHERE t.type = 'CustInvc'",
         [{"tranid": "INV-1", "companyname": "Northwind"}]),
        ("SELECT type, SUM(foreigntotal) s FROM transaction GROUP BY type HAVING COUNT(*) > 0 ORDER BY type DESC",
         [{"type": "SalesOrd", "s": "100"}, {"type": "CustInvc", "s": "100"}]),
        ("SELECT tranid FROM transaction WHERE type IN ('CustInvc','CustCred') AND trandate "
         "BETWEEN TO_DATE('1/1/2026','MM/DD/YYYY') AND TO_DATE('2026-12-31','YYYY-MM-DD')",
         [{"tranid": "INV-1"}]),
        ("SELECT tranid FROM transaction WHERE tranid LIKE 'inv%' AND NOT (id <> 12 OR entity IS NULL)",
         [{"tranid": "INV-1"}]),
        ("SELECT BUILTIN.DF(status) AS s, BUILTIN.DF(postingperiod) p FROM transaction WHERE id = 12",
         [{"s": "Invoice : Open", "p": "Jan 2026"}]),
        ("SELECT item, BUILTIN.DF(item) AS name, quantity, netamount FROM transactionline "
         "WHERE transaction = 12 AND mainline = 'F'",
         [{"item": "1", "name": "platform", "quantity": "-2", "netamount": "-100"}]),
        ("SELECT a.acctnumber, SUM(NVL(l.debit, 0) - NVL(l.credit, 0)) AS balance FROM transactionaccountingline l "
         "INNER JOIN account a ON a.id = l.account GROUP BY a.acctnumber ORDER BY 1",
         [{"acctnumber": "1100", "balance": "100"}, {"acctnumber": "2400", "balance": "-100"}]),
        ("SELECT custbody_contract_key AS k FROM transaction WHERE externalid = 'C-1'", [{"k": "C-1"}]),
        ("SELECT CASE WHEN id > 0 THEN 'yes' ELSE 'no' END AS x, UPPER(companyname) || '!' y FROM customer "
         "WHERE id IN (SELECT entity FROM transaction)", [{"x": "yes", "y": "NORTHWIND!"}]),
        ("SELECT i.itemid, t.tranid FROM item i LEFT JOIN transaction t ON t.entity = i.id + 5",
         [{"itemid": "platform"}]),
        ("SELECT DISTINCT entity FROM transaction FETCH FIRST 1 ROWS ONLY", [{"entity": "1"}]),
        ("SELECT TO_CHAR(createddate, 'YYYY-MM-DD\"T\"HH24:MI:SS') AS at, TO_CHAR(createddate, 'Mon DD') AS on_day "
         "FROM customer;", [{"at": "2026-01-20T10:00:00", "on_day": "Jan 20"}]),
        ("SELECT GREATEST(1, 3) AS g, REPLACE('a-b', '-', '+') AS r, INSTR('abc', 'c') AS i, NULLIF(1, 2) AS n "
         "FROM DUAL",
         [{"g": "3", "r": "a+b", "i": "3", "n": "1"}]),
        ("SELECT c.id, t.id AS t FROM customer c LEFT JOIN transaction t ON t.entity = c.id AND t.type = 'Journal' "
         "WHERE c.id = 1 AND t.id IS NULL", [{"id": "1"}]),
        ("SELECT id FROM transaction WHERE ROWNUM <= 1 AND type <> 'Journal'", [{"id": "11"}]),
        ("SELECT id FROM (SELECT id FROM transaction ORDER BY id DESC) q WHERE ROWNUM < 2", [{"id": "12"}]),
        ("SELECT n FROM (SELECT COUNT(*) AS n FROM customer) q WHERE n = 1", [{"n": "1"}]),
    ],
)  # fmt: skip
def test_queries_are_answered(sold, query, rows):
    assert sold.rows(query) == rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT", "SELECT * FROM", "SELECT colour FROM customer", "SELECT * FROM spaceship", "DROP TABLE customer",
        "SELECT 1/0 FROM customer", "SELECT id FROM customer WHERE id = 'x'", "SELECT WARP(id) FROM customer",
        "SELECT id FROM customer WHERE (" * 50, "SELECT id FROM customer ORDER BY 9",
        "SELECT TO_DATE('x') FROM customer", "SELECT id FROM customer WHERE ROWNUM > id", "SELECT ROWNUM FROM customer",
        "SELECT '", "SELECT id FROM customer WHERE trandate > 5", "SELECT 9" + "*9e9" * 3 + " FROM customer",
        "SELECT " + "(" * 5_000, "SELECT id FROM customer WHERE " + "-" * 3 + "1 = 1 AND",
    ],
)  # fmt: skip
def test_queries_that_make_no_sense_are_refused(sold, query):
    status, said = sold.sql(query)
    assert (status, said["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_PARAMETER")


def test_a_query_must_be_transient(asked):
    status, said = asked.sql("SELECT id FROM customer", ("accept", "*/*"))
    assert (status, said["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_HEADER")
