"""People enter what happens to a project as soon as it is there, and go on in another where theirs was voided."""

from fakes.billing import Billing, CreateCustomer, CreateSubscription, VoidSubscription
from fakes.projects import CreateProject, GetProject, Projects, VoidProject
from tests.fakes.samples import CALENDAR, as_of, ask, at, contract
from tests.harness.oracle.delivered import done, hours, promising, services, usage

TERMS = services(hours(100_000, 200), hours(20_000, 50, version=2, ssp_minor=0), changes=["2026-03-10"])


def test_what_happened_before_the_project_was_there_is_entered_when_it_is_in_its_order():
    core, week = Projects(), done("delivery", "2026-02-13", 30)
    core.enter(week, 1)
    core.enter(TERMS, 2)
    assert core.news == []

    project = ask(core, CreateProject(as_of(TERMS, 1)), 3)
    assert [(one.type, one.version, one.body) for one in core.news] == [
        ("time_approved", 1, week), ("change_order_approved", 2, TERMS),
    ]  # fmt: skip
    assert (project.state, project.applied) == (TERMS, {1: 3, 2: 3})


def test_a_project_that_takes_anothers_place_is_at_the_newest_change_order():
    core = Projects()
    first, second = (ask(core, CreateProject(as_of(TERMS, 1)), now) for now in (1, 2))
    core.enter(TERMS, 3)
    assert (first.state.version, second.state.version) == (2, 1)

    ask(core, VoidProject(first.id, "test"), 4)
    assert (ask(core, GetProject("C-1")), second.applied) == (TERMS, {1: 2, 2: 4})
    ask(core, VoidProject(second.id, "test"), 5)
    assert ask(core, CreateProject(as_of(TERMS, 1)), 6).state == TERMS
    assert len(core.news) == 1


def test_usage_is_charged_again_to_the_subscription_that_takes_the_place_of_a_void_one():
    core = Billing(CALENDAR, lambda record: 0)
    terms = promising(contract(start="2026-01-05"), usage(2))
    customer = ask(core, CreateCustomer("A-1", "Company")).id
    first = ask(core, CreateSubscription(customer, terms), at("2026-01-06"))
    used = done("usage", "2026-01-31", 10, metered=True)
    core.meter(used, at("2026-02-01"))
    ask(core, VoidSubscription(first.id, "test", credit=True), at("2026-02-02"))

    second = ask(core, CreateSubscription(customer, terms), at("2026-02-02"))
    assert second.billed[1, used.key] == 20
