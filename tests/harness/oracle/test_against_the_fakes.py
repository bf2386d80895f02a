"""The oracle and the systems share no arithmetic: driven without a network, the systems do what it expects."""

from hypothesis import given, settings

from fakes.billing import Billing, CreateCustomer, CreateSubscription, FindSubscriptions, UpdateSubscription
from fakes.revenue import CreateContract, FindContracts, ModifyContract, Revenue
from harness.oracle import expect
from harness.oracle.charges import price_changes
from tests.harness.oracle.agreed import CALENDAR, contracts, truths


def no_lag(_record):
    return 0


def systems(agreed):
    """Billing and revenue after a run in which every act reached them at once."""
    billing, revenue = Billing(CALENDAR, no_lag), Revenue(CALENDAR)
    for terms in agreed.opening:
        billing.preload(terms.account, terms)
        revenue.preload(terms, CALENDAR.first_day(CALENDAR.month_of_day(CALENDAR.day_of(0))))
    work = [(act.at_us, 1, _sign, act.contract) for act in agreed.acts if act.contract]
    for day in range(CALENDAR.day_of(0), CALENDAR.day_of(CALENDAR.end_us) + 1):
        work.append((CALENDAR.instant_us(day, 360), 0, _bill, day))
    for month in CALENDAR.months_run:
        for number, run_us in enumerate(CALENDAR.revenue_run_us(month), start=1):
            work.append((run_us, 2, _recognise, (month, number)))
    for at_us, _, do, what in sorted(work, key=lambda job: job[:2]):
        if 0 <= at_us <= CALENDAR.end_us:
            do(billing, revenue, what, at_us)
    return billing, revenue


def _sign(billing, revenue, state, now_us):
    def ask(core, request):
        return core.operations[type(request)].perform(request, now_us)

    subscriptions = ask(billing, FindSubscriptions(state.key))
    if subscriptions:
        ask(billing, UpdateSubscription(subscriptions[0].id, state))
        ask(revenue, ModifyContract(ask(revenue, FindContracts(state.key))[0].id, state))
    else:
        customer = ask(billing, CreateCustomer(state.account, state.account))
        ask(billing, CreateSubscription(customer.id, state))
        ask(revenue, CreateContract(state))


def _bill(billing, _revenue, day, now_us):
    billing.run(day, now_us)


def _recognise(_billing, revenue, run, now_us):
    revenue.run(*run, now_us)


@settings(max_examples=150)
@given(truths())
def test_billing_bills_and_revenue_recognises_what_the_oracle_expects(agreed):
    expected = expect(agreed, CALENDAR)
    billing, revenue = systems(agreed)

    billed = {
        (invoice.contract, line.version, line.period): (
            line.minor,
            line.from_day,
            line.to_day,
            invoice.issued_us,
            invoice.day,
        )
        for invoice in billing.invoices
        for line in invoice.lines
    }
    assert billed == {key: line[:5] for key, line in expected.lines.items()}
    assert {(one.contract, one.month): dict(one.amounts) for one in revenue.recognitions} == expected.recognised
    assert {one.state.key: one.allocated for one in revenue.contracts.values()} == expected.allocated


@settings(max_examples=100)
@given(contracts())
def test_the_price_of_a_contract_is_what_its_makers_say(terms):
    # price_changes raises where a version says otherwise.
    assert len(list(price_changes(terms))) == terms.version
