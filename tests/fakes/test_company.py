"""The systems together: they begin in agreement, run at their hours, and tell of what they do."""

import pytest

from fakes.agreements import Account
from fakes.billing import CreateCustomer, CreateSubscription
from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.company import Company
from fakes.erp import OPENING_BALANCE, CreateOrder, UpsertCustomer
from fakes.names import KEY_LIFETIME_US, SYSTEMS, erp_of, kind_of, legal_entity_of
from fakes.news import BODIES
from fakes.revenue import CreateContract
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import DAY, HOUR, SECOND
from sim.faults import Outage
from sim.network import CAUSE, Station, Wire
from sim.staleness import StaleIndex
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, DECEMBER, FEBRUARY, JANUARY, MARCH, as_of, at, contract, day


def company(*faults, opening=(), index_lag_us=0):
    """A company whose systems answer after a second, over a wire that takes none."""
    setup = Setup(
        station=Station(capacity=4, service=constant(SECOND), latency=constant(0)),
        delivery=DeliveryPolicy(delay=constant(2 * SECOND), retries_us=(60 * SECOND,), ack_timeout_us=10 * SECOND),
        index_lag=constant(index_lag_us),
    )
    made = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), faults, 0)
    accounts = {one.account: Account(one.account, f"Company {one.account}") for one in opening}
    made.preload(accounts.values(), opening)
    made.start()
    return made


def call(made, system, request, key="k", idempotency_key=None):
    """Send a request now; its response is the task's result once the clock has run."""

    async def client():
        return await made.systems[system].server.send(request, key, idempotency_key, 60 * SECOND)

    return made.wire.clock.spawn(client())


def told(made, source, types, accepts=True):
    """The (instant, event) pairs that a subscriber is told of."""
    seen = []

    async def handler(event):
        seen.append((made.wire.clock.now, event))
        return accepts

    made.systems[source].publisher.subscribe(f"{source}->test", handler, frozenset(types))
    return seen


OPENING = (
    contract(key="O-1", account="A-1", start="2025-10-18", billing_months=3, products={"platform": 2, "support": 1}),
    contract(key="O-2", account="A-1", start="2025-11-30", billing_months=12),
    contract(("2025-12-01", 20), key="O-3", account="A-2", start="2025-12-01", billing_months=1),
)

# --- before the run ----------------------------------------------------------------------------------


def test_the_systems_begin_in_agreement():
    """What is billed and not earned is the contract liability; nobody owes anything yet."""
    made = company(opening=OPENING)
    earned = {one.contract: sum(one.recognised.values()) for one in made.revenue.contracts.values()}
    billed = {key: made.billing.billed_minor(key) for key in earned}
    assert billed == {"O-1": 3_000, "O-2": 12_000, "O-3": 2_000}
    two_products = round(8_000 * 44 / 365) + round(4_000 * 44 / 365)
    assert earned == {"O-1": two_products, "O-2": round(12_000 * 1 / 365), "O-3": 0}
    liability = {
        subject: -minor
        for entry in made.erp.ledger.entries
        for account, subject, minor in entry.postings
        if account == CONTRACT_LIABILITY
    }
    assert liability == {key: billed[key] - earned[key] for key in earned}
    assert made.erp.ledger.totals[OPENING_BALANCE] == sum(liability.values())
    assert (made.erp.receivables, made.erp.ledger.trial_balance()) == ({}, 0)


def test_opening_contracts_are_in_every_system_once():
    made = company(opening=OPENING)
    ids = made.cross_reference()
    assert len(ids) == 2 * 2 + 3 * 3
    for system, kind in (("billing", "subscription"), ("erp", "order"), ("revenue", "contract")):
        assert {key for found, of, key in ids if (found, of) == (system, kind)} == {"O-1", "O-2", "O-3"}
    for system in ("billing", "erp"):
        assert {key for found, of, key in ids if (found, of) == (system, "customer")} == {"A-1", "A-2"}
    assert made.billing.subscriptions[ids["billing", "subscription", "O-3"]].contract == "O-3"


def test_the_cross_reference_knows_the_oldest_of_several():
    made = company(opening=OPENING[:1])
    oldest = made.cross_reference()
    requests = {
        "billing": [CreateCustomer("A-1", "Company"), CreateSubscription("cus-000001", OPENING[0])],
        "erp": [UpsertCustomer("A-1", "Company"), CreateOrder("CUST-000001", OPENING[0])],
        "revenue": [CreateContract(OPENING[0])],
    }
    for system, of_system in requests.items():
        for request in of_system:
            call(made, system, request)
    made.wire.clock.run_until(10 * SECOND)
    assert len(made.billing.subscriptions) == len(made.erp.orders) == len(made.revenue.contracts) == 2
    assert made.cross_reference() == oldest


# --- by themselves -----------------------------------------------------------------------------------


def test_invoices_are_issued_at_six_and_told_of():
    made = company(opening=OPENING)
    seen = told(made, "billing", {"invoice_issued"})
    made.wire.clock.run_until(at("2026-02-01", "12:00"))
    assert [(invoice.contract, invoice.issued_us) for invoice in made.billing.invoices] == [
        ("O-3", at("2026-01-01", "06:00")),
        ("O-1", at("2026-01-18", "06:00")),
        ("O-3", at("2026-02-01", "06:00")),
    ]
    assert [(us, event.body) for us, event in seen] == [
        (invoice.issued_us + 2 * SECOND, invoice) for invoice in made.billing.invoices
    ]


def test_revenue_runs_on_its_business_days_at_eight_and_periods_close_at_six():
    made = company(opening=OPENING)
    made.wire.clock.run_until(CALENDAR.end_us)
    runs = {(one.month, one.run, one.run_us) for one in made.revenue.recognitions}
    assert {us for _, _, us in runs} == {
        at(text, "08:00") for text in ("2026-01-05", "2026-02-04", "2026-03-04", "2026-04-03")
    }
    assert {(month, run) for month, run, _ in runs} == {(month, 1) for month in (DECEMBER, JANUARY, FEBRUARY, MARCH)}
    assert made.erp.ledger.locked_us == {
        DECEMBER: at("2026-01-08", "18:00"),
        JANUARY: at("2026-02-09", "18:00"),
        FEBRUARY: at("2026-03-09", "18:00"),
        MARCH: at("2026-04-08", "18:00"),
    }
    assert CALENDAR.end_us == at("2026-04-08", "18:00")


@pytest.mark.parametrize(("down", "issued"), [("05:59", "09:00"), ("06:00", "09:00"), ("06:01", "06:00")])
def test_a_run_that_an_outage_prevents_is_done_when_it_is_over(down, issued):
    outage = Outage(name="outage", target="billing", start_us=at("2026-01-01", down), end_us=at("2026-01-01", "09:00"))
    made = company(outage, opening=OPENING)
    made.wire.clock.run_until(at("2026-01-02"))
    (invoice,) = made.billing.invoices
    assert (invoice.day, invoice.due_us, invoice.issued_us) == (
        day("2026-01-01"), at("2026-01-01", "06:00"), at("2026-01-01", issued),
    )  # fmt: skip
    held_up = [(issued, "outage", "outage", "billing.bill_run", "2026-01-01")] if issued != "06:00" else []
    assert [row[1:] for row in made.wire.struck] == [row[1:] for row in held_up]
    assert outage.hits == len(held_up)


def test_an_outage_of_days_prevents_no_run_for_good():
    """Bill runs of three days, and a revenue run, all done on return; the ledger closes regardless."""
    outages = [
        Outage(name=system, target=system, start_us=at("2026-01-17"), end_us=at("2026-02-10", "13:00"))
        for system in ("billing", "revenue", "erp")
    ]
    made = company(*outages, opening=OPENING)
    made.wire.clock.run_until(at("2026-02-11"))
    late = [
        (invoice.contract, invoice.day) for invoice in made.billing.invoices if invoice.issued_us > at("2026-01-17")
    ]
    assert late == [("O-1", day("2026-01-18")), ("O-3", day("2026-02-01"))]
    assert {invoice.issued_us for invoice in made.billing.invoices[-2:]} == {at("2026-02-10", "13:00")}
    assert {one.run_us for one in made.revenue.recognitions if one.month == JANUARY} == {at("2026-02-10", "13:00")}
    assert made.erp.ledger.locked_us[JANUARY] == at("2026-02-09", "18:00")


# --- by others ---------------------------------------------------------------------------------------


def test_what_sales_enters_is_in_the_crm_at_once_and_told_of():
    made = company()
    seen = told(made, "crm", {"account_opened", "contract_signed", "contract_amended"})
    state = contract(("2026-02-01", 12))
    made.open_account(Account("A-1", "Company"))
    made.sign(as_of(state, 1))
    made.sign(state)
    assert made.crm.contracts == {"C-1": state}
    made.wire.clock.run_until(HOUR)
    assert [(us, event.type, event.key, event.version, event.committed_us) for us, event in seen] == [
        (2 * SECOND, "account_opened", "A-1", 1, 0),
        (2 * SECOND, "contract_signed", "C-1", 1, 0),
        (2 * SECOND, "contract_amended", "C-1", 2, 0),
    ]
    assert [event.body.version for _, event in seen[1:]] == [1, 2]  # each with the state as it was then


def test_news_bears_the_records_that_are_promised():
    made = company(opening=OPENING)
    seen = [told(made, system, bodies) for system, bodies in BODIES.items()]
    made.open_account(Account("A-3", "Company"))
    made.sign(contract(key="C-3", account="A-3"))
    made.wire.clock.run_until(CALENDAR.end_us)
    events = [event for heard in seen for _, event in heard]
    assert {event.source for event in events} == {"crm", "billing", "revenue"}
    assert all(type(event.body) is BODIES[event.source][event.type] for event in events)


def test_a_call_that_issues_an_invoice_is_its_cause():
    made = company()
    seen = told(made, "billing", {"invoice_issued"})
    task = call(made, "billing", CreateCustomer("A-1", "Company"))
    made.wire.clock.run_until(5 * SECOND)

    async def subscribe():
        CAUSE.set(77)
        await made.systems["billing"].server.send(
            CreateSubscription(task.result.body.id, contract(start="2025-12-01")), "C-1", None, 60 * SECOND
        )

    made.wire.clock.spawn(subscribe())
    made.wire.clock.run_until(HOUR)
    (event,) = [event for _, event in seen]
    assert [row[:2] for row in made.wire.trace.rows("events") if row[2] == "billing.invoice_issued"] == [(event.id, 77)]


@pytest.mark.parametrize("system", ["billing", "erp", "revenue"])
def test_each_system_honours_keys_as_long_as_it_says(system):
    requests = {
        "billing": (CreateCustomer("A-1", "Company"), lambda made: len(made.billing.customers.all)),
        "erp": (UpsertCustomer("A-1", "Company"), lambda made: len(made.erp.customers.all)),
        "revenue": (CreateContract(contract()), lambda made: len(made.revenue.contracts)),
    }
    request, count = requests[system]
    made = company()
    for _ in range(2):
        call(made, system, request, idempotency_key="key")
    made.wire.clock.run_until(HOUR)
    assert count(made) == (2 if KEY_LIFETIME_US[system] is None else 1)
    made.wire.clock.run_until(DAY)
    call(made, system, request, idempotency_key="key")
    made.wire.clock.run_until(DAY + HOUR)
    assert count(made) == (3 if KEY_LIFETIME_US[system] is None else 2)


def test_the_lag_of_an_index_belongs_to_the_record():
    made = company(index_lag_us=30 * SECOND)
    call(made, "billing", CreateCustomer("A-1", "Company"))
    made.wire.clock.run_until(HOUR)
    (customer,) = made.billing.customers.all.values()
    assert made.billing.customers.find("A-1", customer.created_us + 30 * SECOND - 1) == []
    assert made.billing.customers.find("A-1", customer.created_us + 30 * SECOND) == [customer]


@pytest.mark.parametrize("system", ["billing", "erp"])
def test_an_index_that_stands_still_shows_at_its_end_what_should_have_come_in_between(system):
    request = {"billing": CreateCustomer, "erp": UpsertCustomer}[system]
    stale = StaleIndex(name="stale", target=system, start_us=60 * SECOND, end_us=600 * SECOND)
    made = company(stale, index_lag_us=30 * SECOND)
    created_us = {}

    async def create(account, at_us):
        await made.wire.clock.sleep(at_us)
        await made.systems[system].server.send(request(account, "Company"), account, None, HOUR)
        created_us[account] = made.wire.clock.now

    for account, at_s in (("early", 20), ("held", 40), ("inside", 300), ("late", 580)):
        made.wire.clock.spawn(create(account, at_s * SECOND))
    made.wire.clock.run_until(HOUR)
    master = getattr(made, system).customers
    visible_us = {"early": created_us["early"] + 30 * SECOND, "held": 600 * SECOND, "inside": 600 * SECOND,
                  "late": created_us["late"] + 30 * SECOND}  # fmt: skip
    for account, us in visible_us.items():
        assert master.find(account, us - 1) == []
        assert len(master.find(account, us)) == 1
    assert stale.hits == 2  # the searches just before its end; the others were too early anyway
    assert {row[1:] for row in made.wire.struck} == {
        ("stale", "stale_index", f"{system}.find_customers", account) for account in ("held", "inside")
    }


def test_an_index_that_stands_still_again_at_once_goes_on_hiding():
    windows = [(60, 600), (600, 900)]
    stale = [
        StaleIndex(name=f"{start}", target="billing", start_us=start * SECOND, end_us=end * SECOND)
        for start, end in reversed(windows)
    ]
    made = company(*stale)
    call(made, "billing", CreateCustomer("A-1", "Company"))
    made.wire.clock.run_until(59 * SECOND)
    (first,) = made.billing.customers.all.values()
    first.created_us = 60 * SECOND
    assert [len(made.billing.customers.find("A-1", second * SECOND)) for second in (599, 600, 899, 900)] == [0, 0, 0, 1]
    assert [fault.hits for fault in stale] == [2, 1]


@pytest.mark.parametrize(("system", "kind", "entity"), [
    ("erp", "erp", ""), ("erp-emea", "erp", "emea"), ("crm", "crm", ""),
])  # fmt: skip
def test_the_name_of_an_instance_tells_its_kind_and_its_entity(system, kind, entity):
    assert (kind_of(system), legal_entity_of(system)) == (kind, entity)
    assert kind != "erp" or erp_of(entity) == system
