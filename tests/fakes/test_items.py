"""An ERP with a catalogue of its own: it knows items by their codes, and no product of the CRM's."""

from fakes.books.ledger import CONTRACT_LIABILITY, revenue_account
from fakes.erp import Erp, PostJournal
from tests.fakes.samples import CALENDAR, ask, day, refusal


def posting(item):
    sides = ((CONTRACT_LIABILITY, "C-1", 500), (revenue_account(item), "C-1", -500))
    return PostJournal("REC-1", "C-1", "GBP", day("2026-02-28"), day("2026-02-28"), sides)


def erp():
    return Erp(CALENDAR, lambda record: 0, entity="acme", items={"platform": "ACME-0001"})


def test_an_item_is_posted_to_the_account_of_its_product():
    entry = ask(erp(), posting("ACME-0001"))

    assert entry.postings[1] == (revenue_account("platform"), "C-1", -500)
    assert entry.id == "JE-ACME-0000001"


def test_a_product_of_the_crm_is_no_item():
    assert refusal(erp(), posting("platform")) == (422, "unknown_item")
    assert refusal(erp(), posting("ACME-0002")) == (422, "unknown_item")
