"""A copy of a contract is written over whatever it holds, or only over the revision that the writer has read."""

import pytest

from fakes import billing, erp, revenue
from tests.fakes.samples import CALENDAR, as_of, ask, contract, refusal


def subscription(state):
    core = billing.Billing(CALENDAR, lambda _: 0)
    customer = ask(core, billing.CreateCustomer("A-1", "Company"))
    return core, ask(core, billing.CreateSubscription(customer.id, state)), billing.UpdateSubscription


def order(state):
    core = erp.Erp(CALENDAR, lambda _: 0)
    customer = ask(core, erp.UpsertCustomer("A-1", "Company"))
    return core, ask(core, erp.CreateOrder(customer.id, state)), erp.UpdateOrder


def revenue_contract(state):
    core = revenue.Revenue(CALENDAR)
    return core, ask(core, revenue.CreateContract(state)), revenue.ModifyContract


@pytest.fixture(params=[subscription, order, revenue_contract])
def copy(request):
    """A core, its copy of a contract as signed, the request that writes over it, and the contract as amended."""
    amended = contract(("2026-02-15", 20))
    return *request.param(as_of(amended, 1)), amended


def test_each_write_is_a_revision(copy):
    core, record, write, amended = copy
    assert record.revision == 1
    ask(core, write(record.id, amended))
    assert record.revision == 2


def test_a_write_over_the_revision_that_was_read_is_done(copy):
    core, record, write, amended = copy
    ask(core, write(record.id, amended, 1))
    assert (record.state, record.revision) == (amended, 2)


def test_a_late_write_over_a_revision_that_is_gone_changes_nothing(copy):
    """What a client gave up on and the system does all the same, after a newer version has come."""
    core, record, write, amended = copy
    ask(core, write(record.id, amended, 1))
    assert refusal(core, write(record.id, as_of(amended, 1), 1)) == (412, "revision_changed")
    assert (record.state, record.revision) == (amended, 2)


def test_a_write_that_names_no_revision_is_done_whatever_is_there(copy):
    core, record, write, amended = copy
    ask(core, write(record.id, amended))
    ask(core, write(record.id, as_of(amended, 1)))
    assert (record.state.version, record.revision) == (1, 3)
