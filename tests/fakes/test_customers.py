"""A customer master: what it knows of a customer's accounts, and what an account's change does to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.agreements import Account
from fakes.billing import Billing, CreateCustomer
from fakes.crm import Crm
from fakes.customers import CustomerMaster, UpdateCustomer
from fakes.erp import Erp, UpsertCustomer
from fakes.service import Refused, Service
from tests.fakes.samples import CALENDAR

NAMES = st.sampled_from(["Alpha", "Beta", "Gamma"])


@pytest.fixture
def master():
    return CustomerMaster("cus", lambda record: 0)


def test_a_second_account_of_a_party_is_found_under_its_own_key_and_the_partys(master):
    first = master.create("A-1", "Alpha", None, 10, party="P-1")
    master.update(UpdateCustomer(first.id, "A-2", "Alpha", "", 1), 20)

    assert master.find("A-2", 30) == master.find("P-1", 30) == [first]
    assert (first.accounts, first.applied) == (("A-1", "A-2"), {("A-2", 1): 20})


def test_of_before_the_run_a_customer_is_found_from_the_first():
    master = CustomerMaster("cus", lambda record: 60)
    old, new = master.create("A-1", "Alpha", None, 0), master.create("A-1", "Alpha", None, 0)
    master.index([old.id])

    assert master.find("A-1", 0) == [old]
    assert master.find("A-1", 60) == [old, new]


@pytest.mark.parametrize(("core", "asked"), [
    (Billing, CreateCustomer("A-1", "Alpha")), (Erp, UpsertCustomer("A-1", "Alpha", "A-1")),
])  # fmt: skip
def test_a_repeated_key_gets_the_customer_as_it_was_told_first(core, asked):
    service = Service(core(CALENDAR, lambda record: 0).operations, 100)
    first = service.serve(asked, "k", 0).body
    service.serve(UpdateCustomer(first.id, "A-1", "Beta", "", 2), None, 10)
    again = service.serve(asked, "k", 20)

    assert (again.word, again.body.name, again.body.applied) == ("replayed", "Alpha", {})


def test_a_second_account_changes_neither_name_nor_parent(master):
    first = master.create("A-1", "Alpha", None, 10)
    master.update(UpdateCustomer(first.id, "A-2", "Beta", "A-9", 1), 20)

    assert (first.name, first.parent) == ("Alpha", "")


def test_an_upsert_under_a_partys_external_id_takes_note_of_the_account(master):
    first = master.create("A-1", "Alpha", "P-1", 10)
    again = master.create("A-2", "Alpha", "P-1", 20)

    assert again is first
    assert [customer.accounts for customer in master.all.values()] == [("A-1", "A-2")]


def test_who_is_not_there_is_not_brought_up_to_date(master):
    with pytest.raises(Refused, match="customer_not_found"):
        master.update(UpdateCustomer("cus-9", "A-1", "Alpha"), 10)


@given(st.lists(st.tuples(st.sampled_from(["A-1", "A-2"]), NAMES, st.integers(2, 5)), max_size=8))
def test_a_customer_bears_what_its_first_account_said_last(changes):
    master = CustomerMaster("cus", lambda record: 0)
    customer = master.create("A-1", "Alpha", None, 1)
    for now_us, (account, name, version) in enumerate(changes, start=2):
        master.update(UpdateCustomer(customer.id, account, name, "", version), now_us)

    own = [name for account, name, _ in changes if account == "A-1"]
    assert customer.name == (own[-1] if own else "Alpha")
    assert master.find("A-1", 100) == [customer]
    assert all(1 < at_us <= len(changes) + 1 for at_us in customer.applied.values())


def test_versions_of_an_account_are_told_of_one_by_one():
    crm = Crm()
    crm.open_account(Account("A-1", "Alpha"))
    crm.change_account(Account("A-1", "Beta", version=2))

    assert [(news.type, news.version, news.body.name) for news in crm.news] == [
        ("account_opened", 1, "Alpha"), ("account_changed", 2, "Beta"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="A-1: version 4 where 3 comes next"):
        crm.change_account(Account("A-1", "Gamma", version=4))
