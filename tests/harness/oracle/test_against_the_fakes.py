"""The oracle and the systems share no arithmetic: driven without a network, the systems do what it expects."""

from hypothesis import given, settings
from msgspec.structs import astuple

from fakes.billing import Billing, CreateCustomer, CreateSubscription, FindSubscriptions, UpdateSubscription
from fakes.books.policy import RevenuePolicy
from fakes.fulfilments import RecordFulfilment
from fakes.revenue import CreateContract, FindContracts, ModifyContract, Revenue
from harness.oracle import expect
from harness.oracle.charges import price_changes
from tests.harness.oracle.agreed import CALENDAR, FEBRUARY, JANUARY, contract, contracts, truth, truths
from tests.harness.oracle.delivered import delivered_truths, policies_of_setup


def no_lag(_record):
    return 0


def systems(agreed, policies=()):
    """Billing and revenue after a run in which every act reached them at once.

    `policies` are (day, whether set-up is distinct from then on).
    """
    rules = (RevenuePolicy(), *(RevenuePolicy(from_day=from_day, setup_distinct=is_) for from_day, is_ in policies))
    billing, revenue = Billing(CALENDAR, no_lag), Revenue(CALENDAR, policies=rules)
    for terms in agreed.opening:
        done = [one for one in agreed.opening_rendered if one.contract == terms.key]
        billing.preload(terms.account, terms, done)
        revenue.preload(terms, CALENDAR.first_day(CALENDAR.month_of_day(CALENDAR.day_of(0))), done)
    work = [(act.at_us, 1, _sign, act.contract) for act in agreed.acts if act.contract]
    work += [(act.at_us, 1, _deliver, act.fulfilment) for act in agreed.acts if act.fulfilment]
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


def _deliver(billing, revenue, one, now_us):
    if one.metered:
        billing.meter(one, now_us)
    else:
        billing.operations[RecordFulfilment].perform(RecordFulfilment(one), now_us)
    revenue.operations[RecordFulfilment].perform(RecordFulfilment(one), now_us)


def _bill(billing, _revenue, day, now_us):
    billing.run(day, now_us)


def _recognise(_billing, revenue, run, now_us):
    revenue.run(*run, now_us)


@settings(max_examples=150)
@given(truths())
def test_billing_bills_and_revenue_recognises_what_the_oracle_expects(agreed):
    expected = expect(agreed, CALENDAR)
    billing, revenue = systems(agreed)

    assert _billed(billing) == {key: astuple(line)[:5] for key, line in expected.lines.items()}
    assert {(one.contract, one.month): dict(one.amounts) for one in revenue.recognitions} == expected.recognised
    assert {one.state.key: one.allocated for one in revenue.contracts.values()} == expected.allocated


def test_what_is_signed_in_a_month_after_the_end_of_a_contract_is_earned_in_that_month():
    late = contract(("2026-01-16", 20, "2026-02-10"), months=1, billing_months=1, price=3100)
    agreed = truth(late)
    expected = expect(agreed, CALENDAR)

    assert expected.recognised == _recognised(systems(agreed)[1])
    assert expected.recognised == {("C-1", JANUARY): {"platform": 31_000}, ("C-1", FEBRUARY): {"platform": 16_000}}


@settings(max_examples=300)
@given(delivered_truths(), policies_of_setup())
def test_what_is_delivered_is_billed_and_recognised_as_the_oracle_expects(agreed, policies):
    expected = expect(agreed, CALENDAR, policies)
    billing, revenue = systems(agreed, policies)

    assert _billed(billing) == {key: astuple(line)[:5] for key, line in expected.lines.items()}
    assert _recognised(revenue) == expected.recognised
    assert {one.state.key: one.allocated for one in revenue.contracts.values()} == expected.allocated


def _billed(billing):
    """What was billed for each charge in the run, for which days, when and on which day; once, or the test is over."""
    billed = {}
    for invoice in billing.invoices:
        for line in invoice.lines:
            key = (invoice.contract, line.version, line.period)
            assert key not in billed, key
            billed[key] = (line.minor, line.from_day, line.to_day, invoice.issued_us, invoice.day)
    return billed


def _recognised(revenue):
    """What was recognised by contract and month, all runs of a month together, by product."""
    sums = {}
    for one in revenue.recognitions:
        amounts = sums.setdefault((one.contract, one.month), {})
        for product, minor in one.amounts:
            amounts[product] = amounts.get(product, 0) + minor
    earning = {key: {name: minor for name, minor in amounts.items() if minor} for key, amounts in sums.items()}
    return {key: amounts for key, amounts in earning.items() if amounts}


@settings(max_examples=100)
@given(contracts())
def test_the_price_of_a_contract_is_what_its_makers_say(terms):
    # price_changes raises where a version says otherwise.
    assert len(list(price_changes(terms))) == terms.version
