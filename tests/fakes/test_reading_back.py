"""What a system has issued or taken in can be read back by its key, at once and in the order in which it came."""

import pytest

from fakes import billing, erp, revenue
from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.lookup import Lookup
from tests.fakes.samples import CALENDAR, JANUARY, ask, at, contract, day, refusal

NOW_US = at("2026-01-10")


def test_an_invoice_is_read_by_its_id():
    core = billing.Billing(CALENDAR, lambda _: 0)
    customer = ask(core, billing.CreateCustomer("A-1", "Company"))
    for key in ("C-1", "C-2"):
        ask(core, billing.CreateSubscription(customer.id, contract(key=key)), NOW_US)
    for invoice in core.invoices:
        assert ask(core, billing.GetInvoice(invoice.id)) is invoice
    assert [invoice.id for invoice in core.invoices] == ["INV-C-1-1", "INV-C-2-1"]


def test_a_recognition_is_read_by_its_id():
    core = revenue.Revenue(CALENDAR)
    ask(core, revenue.CreateContract(contract()))
    core.run(JANUARY, 1, at("2026-02-04"))
    (recognition,) = core.recognitions
    assert ask(core, revenue.GetRecognition("REC-C-1-1")) is recognition


@pytest.mark.parametrize(
    ("core", "request_", "word"),
    [
        (billing.Billing(CALENDAR, lambda _: 0), billing.GetInvoice("INV-C-1-1"), "invoice_not_found"),
        (revenue.Revenue(CALENDAR), revenue.GetRecognition("REC-C-1-1"), "recognition_not_found"),
    ],
)
def test_what_was_never_issued_is_not_found(core, request_, word):
    assert refusal(core, request_) == (404, word)


def test_every_note_of_a_document_is_listed():
    core = revenue.Revenue(CALENDAR)
    assert ask(core, revenue.FindBillings("INV-1")) == []
    first = ask(core, revenue.RecordBilling("INV-1", "C-1", 100))
    ask(core, revenue.RecordBilling("INV-2", "C-1", 100))
    assert ask(core, revenue.FindBillings("INV-1")) == [first]
    again = ask(core, revenue.RecordBilling("INV-1", "C-1", 100))
    assert ask(core, revenue.FindBillings("INV-1")) == [first, again]


def test_every_posting_of_a_document_and_of_a_reference_is_listed():
    core, today = erp.Erp(CALENDAR, lambda _: 0), day("2026-01-10")
    ask(core, erp.UpsertCustomer("A-1", "Company"))
    items = [
        ask(core, erp.PostDocument(document, "A-1", "C-1", "USD", 100, today, today))
        for document in ("INV-1", "INV-2", "INV-1")
    ]
    earned = ((CONTRACT_LIABILITY, "C-1", 90), ("4000 revenue platform", "C-1", -90))
    entries = [ask(core, erp.PostJournal("REC-1", "C-1", "USD", today, today, earned)) for _ in range(2)]
    assert ask(core, erp.FindDocuments("INV-1")) == [items[0], items[2]]
    assert ask(core, erp.FindDocuments("INV-9")) == []
    assert ask(core, erp.FindJournals("REC-1")) == entries
    assert [entry.id for entry in ask(core, erp.FindJournals("INV-2"))] == [items[1].journal_entry]


def test_an_opening_balance_is_an_entry_of_its_contract():
    core = erp.Erp(CALENDAR, lambda _: 0)
    core.preload("Company", contract(), 700)
    assert [entry.source for entry in ask(core, erp.FindJournals("C-1"))] == ["opening"]


def test_a_lookup_keeps_up_with_its_list_and_gives_copies():
    words = ["ab", "cd"]
    lookup = Lookup(words, lambda word: word[0])
    assert (lookup.all("a"), lookup.all("x")) == (["ab"], [])
    words.append("ax")
    lookup.all("a").clear()
    assert lookup.all("a") == ["ab", "ax"]
