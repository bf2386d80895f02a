"""What master data and rules lack is refused by its word, however often asked, until it is put right."""

import pytest

from fakes.billing import Billing, CreateCustomer, CreateSubscription
from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.erp import CreateOrder, Erp, PostDocument, PostJournal, UpdateOrder, UpsertCustomer
from fakes.master_data import (
    INVALID_LEGAL_ENTITY,
    MISSING_TAX_CODE,
    UNMAPPED_PRODUCT,
    UNSUPPORTED_AMENDMENT,
    Gap,
    product_key,
    version_key,
)
from fakes.records import Recognition
from fakes.revenue import CreateContract, ModifyContract, Revenue
from tests.fakes.samples import CALENDAR, JANUARY, as_of, ask, at, contract, day, refusal

AMENDED = contract(("2026-02-01", 20), ("2026-02-10", 30), products={"platform": 70, "support": 30})
DOCUMENT = PostDocument("INV-1", "A-1", "C-1", "USD", 1_000, day("2026-01-10"), day("2026-01-10"))
EARNED = Recognition("REC-1", "RC-1", "C-1", "USD", JANUARY, 1, (("platform", 70), ("support", 30)), 100, 0)
JOURNAL = PostJournal(
    "REC-1", "C-1", "USD", day("2026-01-31"), day("2026-01-31"),
    (
        (CONTRACT_LIABILITY, "C-1", 100),
        ("4000 revenue platform", "C-1", -70),
        ("4000 revenue support", "C-1", -30),
    ),
)  # fmt: skip


def erp(*gaps):
    """An ERP with one customer, of account A-1, that lacks what the gaps say."""
    core = Erp(CALENDAR, lambda record: 0, gaps=gaps)
    ask(core, UpsertCustomer("A-1", "Company"))
    return core


def billed():
    """An invoice of contract C-1 of account A-1, as billing issues it."""
    core = Billing(CALENDAR, lambda record: 0)
    customer = ask(core, CreateCustomer("A-1", "Company"))
    ask(core, CreateSubscription(customer.id, contract()), at("2026-01-02"))
    (invoice,) = core.invoices
    return invoice


def test_no_document_of_a_customer_without_a_tax_code_is_posted():
    core = erp(Gap(MISSING_TAX_CODE, "A-1"))
    assert [refusal(core, DOCUMENT), refusal(core, DOCUMENT)] == [(422, MISSING_TAX_CODE)] * 2
    assert core.open_items == [] and core.ledger.entries == []
    assert core.master_data.put_right(MISSING_TAX_CODE, billed()) == Gap(MISSING_TAX_CODE, "A-1")
    assert refusal(core, DOCUMENT) is None


def test_no_order_of_an_account_without_a_legal_entity_is_entered():
    core = erp(Gap(INVALID_LEGAL_ENTITY, "A-1"))
    state = contract()
    assert refusal(core, CreateOrder("CUST-000001", state)) == (422, INVALID_LEGAL_ENTITY)
    assert refusal(core, DOCUMENT) is None, "its invoices are another matter"
    core.master_data.put_right(INVALID_LEGAL_ENTITY, state)
    order = ask(core, CreateOrder("CUST-000001", state))
    assert refusal(core, UpdateOrder(order.id, state)) is None


def test_no_revenue_of_a_product_that_is_no_item_is_posted():
    core = erp(Gap(UNMAPPED_PRODUCT, product_key("C-1", "support")))
    assert refusal(core, JOURNAL) == (422, UNMAPPED_PRODUCT)
    core.master_data.put_right(UNMAPPED_PRODUCT, EARNED)
    assert refusal(core, JOURNAL) is None


def test_an_amendment_without_a_rule_is_refused_and_so_is_all_that_builds_on_it():
    core = Revenue(CALENDAR, [Gap(UNSUPPORTED_AMENDMENT, version_key("C-1", 2))])
    made = ask(core, CreateContract(as_of(AMENDED, 1)))
    for version in (2, 3):
        request = ModifyContract(made.id, as_of(AMENDED, version))
        assert refusal(core, request) == (422, UNSUPPORTED_AMENDMENT)
    assert refusal(core, CreateContract(AMENDED)) == (422, UNSUPPORTED_AMENDMENT)
    assert (made.state.version, made.revision) == (1, 1)
    core.master_data.put_right(UNSUPPORTED_AMENDMENT, AMENDED)
    assert refusal(core, ModifyContract(made.id, AMENDED)) is None


def test_one_thing_is_put_right_at_a_time():
    second, third = (Gap(UNSUPPORTED_AMENDMENT, version_key("C-1", version)) for version in (2, 3))
    core = Revenue(CALENDAR, [second, third])
    put_right = [core.master_data.put_right(UNSUPPORTED_AMENDMENT, AMENDED) for _ in range(3)]
    assert put_right == [second, third, None]


@pytest.mark.parametrize(("word", "record"), [(MISSING_TAX_CODE, billed()), (INVALID_LEGAL_ENTITY, contract())])
def test_nothing_else_is_put_right_than_what_the_word_says(word, record):
    other = INVALID_LEGAL_ENTITY if word == MISSING_TAX_CODE else MISSING_TAX_CODE
    core = erp(Gap(other, "A-1"), Gap(word, "A-2"))
    assert core.master_data.put_right(word, record) is None
    assert list(core.master_data.lacking) == [Gap(other, "A-1"), Gap(word, "A-2")]


def test_where_nothing_is_lacking_nothing_is_refused():
    core = erp()
    for request in (DOCUMENT, JOURNAL, CreateOrder("CUST-000001", AMENDED)):
        assert refusal(core, request) is None
