"""Whatever is delivered, noted, amended and run, in whatever order: billing, revenue and projects keep promises."""

from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from fakes import billing, projects, revenue
from fakes.agreements import Fulfilment
from fakes.books.policy import RevenuePolicy
from fakes.fulfilments import FindFulfilments, RecordFulfilment
from harness.oracle.deliverables import delivered_minor, earned_of, shares_of
from harness.oracle.revenue import earned_minor
from sim.durations import MINUTE
from tests.fakes.samples import CALENDAR, as_of, ask, refusal
from tests.fakes.test_stateful import charges
from tests.harness.oracle.delivered import agreements, hours, services, usage

SMALL = settings(max_examples=60, stateful_step_count=30, derandomize=True)

FIRST_DAY, LAST_DAY = CALENDAR.day_of(0), CALENDAR.day_of(CALENDAR.end_us)

KEYS = st.sampled_from(["C-1", "C-2"])
NUMBERS = st.integers(1, 4)
VERSIONS = st.integers(1, 4)


def fulfilment(terms, number, draw_units, day, *, metered=None):
    """What may have been delivered of a contract: always the same under its number."""
    products = [one.product for one in terms.deliverables] or ["nothing"]
    product = products[number % len(products)]
    metered = product == "usage" if metered is None else metered
    accepted = product not in ("usage", "consulting") and number % 2 == 1
    key = f"F-{terms.key}-{number}"
    return Fulfilment(key, terms.key, product, day, day, draw_units, accepted, metered)


def at_start(state):
    """What is invoiced with the first service period."""
    return {(one.version, one.product): one.price_minor for one in state.deliverables if one.invoicing == "at_start"}


def metered(key):
    """Contracts that have usage in any case."""
    return agreements(key=key).map(_with_usage)


def _with_usage(terms):
    if any(one.product == "usage" for one in terms.deliverables):
        return terms
    return replace(terms, deliverables=(*terms.deliverables, usage(7, included=20)))


class BillingMachine(RuleBasedStateMachine):
    """Subscriptions with deliverables in any state; what is metered and noted, once or more; bill runs by the day."""

    subscriptions = Bundle("subscriptions")

    @initialize(finals=st.tuples(metered("C-1"), metered("C-2")))
    def begin(self, finals):
        self.core = billing.Billing(CALENDAR, lambda record: 0)
        self.now_us = 10 * 60 * MINUTE
        self.finals = {final.key: final for final in finals}
        self.customer = ask(self.core, billing.CreateCustomer("A-1", "Company"), 0).id
        self.noted = {}  # subscription -> what it was told of, each time
        self.metered = {key: [] for key in self.finals}
        self.waiting = set()

    def first(self, key):
        """The contract's oldest live subscription."""
        return next((one for one in self.core.subscriptions.values() if one.contract == key and not one.void), None)

    @rule(target=subscriptions, key=KEYS, known=VERSIONS)
    def create(self, key, known):
        alone = self.first(key) is None
        made = ask(self.core, billing.CreateSubscription(self.customer, as_of(self.finals[key], known)), self.now_us)
        self.noted[made.id] = list(self.metered[key]) if alone else []
        if alone and self.metered[key] and self.early():
            self.waiting.add(made.id)
        return made.id

    @rule(id_=subscriptions, known=VERSIONS)
    def write(self, id_, known):
        subscription = self.core.subscriptions[id_]
        if not subscription.void:
            state = as_of(self.finals[subscription.contract], known)
            ask(self.core, billing.UpdateSubscription(id_, state), self.now_us)
            self.waiting.discard(id_)

    @rule(id_=subscriptions)
    def void(self, id_):
        ask(self.core, billing.VoidSubscription(id_, "test", credit=True), self.now_us)
        self.waiting.discard(id_)

    @rule(key=KEYS, number=NUMBERS)
    def note(self, key, number):
        terms, first = self.finals[key], self.first(key)
        one = fulfilment(terms, number, 30 * number, CALENDAR.day_of(self.now_us), metered=False)
        if first is None:
            expected = (404, "subscription_not_found")
        elif all(each.product != one.product for each in first.state.deliverables):
            expected = (422, "unknown_deliverable")
        else:
            before = len(self.core.rendered)
            made = ask(self.core, RecordFulfilment(one), self.now_us)
            assert (made.key, made.fulfilment, len(self.core.rendered)) == (one.key, one, before + 1)
            self.noted[first.id].append(one)
            return
        assert refusal(self.core, RecordFulfilment(one), self.now_us) == expected

    @rule(key=KEYS, units=st.integers(0, 200))
    def meter(self, key, units):
        number = len(self.core.metered)
        day = CALENDAR.day_of(self.now_us)
        used = Fulfilment(f"U-{key}-{number}", key, "usage", day, day, units, metered=True)
        told, first = len(self.core.news), self.first(key)
        self.core.meter(used, self.now_us)
        assert (self.core.news[told].type, self.core.news[told].body) == ("usage_reported", used)
        self.metered[key].append(used)
        if first is not None:
            self.noted[first.id].append(used)
            if self.early():
                self.waiting.add(first.id)

    def early(self):
        """Whether today's bill run is still to come."""
        return self.now_us < CALENDAR.instant_us(CALENDAR.day_of(self.now_us), billing.DUE_MINUTE)

    @rule(days=st.integers(0, 40), minutes=st.integers(0, 20 * 60))
    def pass_time(self, days, minutes):
        """Let bill runs come and go: each at its minute, before anything else on that day that is not earlier."""
        today = CALENDAR.day_of(self.now_us)
        until_us = CALENDAR.instant_us(min(today + days, LAST_DAY), minutes)
        for passed in range(today, CALENDAR.day_of(until_us) + 1):
            due_us = CALENDAR.instant_us(passed, billing.DUE_MINUTE)
            if self.now_us < due_us <= until_us:
                self.core.run(passed, due_us)
                self.waiting.clear()
        self.now_us = max(self.now_us, until_us)

    @invariant()
    def each_charge_is_billed_once_unless_it_was_noted_twice(self):
        today = CALENDAR.day_of(self.now_us) - self.early()
        for id_, subscription in self.core.subscriptions.items():
            state, due = subscription.state, Counter()
            if not subscription.void:
                due.update(charges(state, today) if not state.ramp else self.ramped(state, today))
                due.update(at_start(state) if state.start_day <= today else {})
                for one in self.noted[id_]:
                    for version, minor in delivered_minor(state, one).items():
                        due[version, one.key] += minor
            if id_ not in self.waiting:
                assert +Counter(billed(subscription)) == +due and billed(subscription) == nonzero(due), id_

    def ramped(self, state, today):
        """The charges of a contract whose price rises: those of each year as of a contract at that year's price."""
        found = {}
        for year, unit_minor in enumerate(state.ramp):
            last = year == len(state.ramp) - 1
            for (version, number), minor in charges(_at_price(state, unit_minor), today).items():
                in_year = number * state.billing_months // 12
                if in_year == year or (last and in_year > year):
                    found[version, number] = minor
        return found

    @invariant()
    def documents_are_the_sum_of_their_lines_and_add_up_to_what_was_billed(self):
        sums = {id_: Counter() for id_ in self.core.subscriptions}
        for document in self.core.invoices:
            assert document.total_minor == sum(line.minor for line in document.lines)
            assert document.lines and all(line.minor for line in document.lines)
            for line in document.lines:
                sums[document.subscription][line.version, line.period] += line.minor
        for id_, subscription in self.core.subscriptions.items():
            assert nonzero(sums[id_]) == billed(subscription)

    @invariant()
    def documents_and_usage_are_each_told_of_once(self):
        keys = [news.key for news in self.core.news]
        assert len(set(keys)) == len(keys)
        assert len(keys) == len(self.core.invoices) + len(self.core.metered)


def _at_price(state, unit_minor):
    return replace(state, unit_price_minor=unit_minor, ramp=())


def billed(subscription):
    return {charge: minor for charge, minor in subscription.billed.items() if minor}


def nonzero(counts):
    return {key: count for key, count in counts.items() if count}


class RevenueMachine(RuleBasedStateMachine):
    """Contracts with deliverables, modified forth and back; notes in any order; the runs of one month after another."""

    @initialize(
        finals=st.tuples(agreements(key="C-1"), agreements(key="C-2")), distinct=st.booleans(), month=st.integers(5, 14)
    )
    def begin(self, finals, distinct, month):
        self.distinct = distinct
        self.core = revenue.Revenue(CALENDAR, policies=(RevenuePolicy(setup_distinct=distinct),))
        self.finals = {final.key: final for final in finals}
        self.taken = {
            key: ask(self.core, revenue.CreateContract(as_of(final, 1))) for key, final in self.finals.items()
        }
        self.month = 12 * 2025 + month
        self.ran = False

    @rule(key=KEYS, known=VERSIONS)
    def modify(self, key, known):
        ask(self.core, revenue.ModifyContract(self.taken[key].id, as_of(self.finals[key], known)))
        self.ran = False

    @rule(key=KEYS, number=NUMBERS, back=st.integers(0, 90))
    def note(self, key, number, back):
        day = CALENDAR.end_day(self.month) - back
        one = fulfilment(self.finals[key], number, 30 * number, day)
        if all(each.product != one.product for each in self.taken[key].state.deliverables):
            assert refusal(self.core, RecordFulfilment(one)) == (422, "unknown_deliverable")
        else:
            assert ask(self.core, RecordFulfilment(one)).fulfilment is one
            self.ran = False
            assert ask(self.core, FindFulfilments(one.key))[-1].fulfilment is one

    @rule()
    def note_of_nobody(self):
        one = Fulfilment("F-9", "C-9", "usage", 1, 1)
        assert refusal(self.core, RecordFulfilment(one)) == (404, "revenue_contract_not_found")

    @rule(months=st.integers(0, 6))
    def run(self, months):
        self.month += months
        self.core.run(self.month, 1, self.month)
        self.ran = True

    @invariant()
    def the_price_is_split_without_rest(self):
        for contract in self.core.contracts.values():
            changes = [version.price_change_minor for version in contract.state.versions]
            assert contract.allocated == shares_of(contract.state, changes, setup_distinct=self.distinct)
            assert sum(contract.allocated.values()) == sum(changes)

    @invariant()
    def runs_add_up_to_what_is_recognised(self):
        sums = {id_: Counter() for id_ in self.core.contracts}
        for one in self.core.recognitions:
            assert one.total_minor == sum(minor for _, minor in one.amounts)
            sums[one.revenue_contract].update(dict(one.amounts))
        for id_, contract in self.core.contracts.items():
            by_product = Counter()
            for (_, product), minor in contract.recognised.items():
                by_product[product] += minor
            assert nonzero(sums[id_]) == nonzero(by_product)

    @precondition(lambda self: self.ran)
    @invariant()
    def after_a_run_what_is_earned_is_recognised_and_no_fixed_price_beyond_its_share(self):
        before_day = CALENDAR.end_day(self.month)
        for contract in self.core.contracts.values():
            parts = {(one.version, one.product): one for one in contract.state.deliverables}
            for number, product in {**contract.allocated, **parts}:
                one, share = parts.get((number, product)), contract.allocated.get((number, product), 0)
                version = contract.state.versions[number - 1]
                if version.signed_day >= before_day:
                    earned = 0
                elif one is None:
                    earned = earned_minor(share, version.effective_day, contract.state.end_day, before_day)
                elif (number, product) in contract.allocated or one.measure == "as_invoiced":
                    earned = earned_of(contract.state, one, share, contract.rendered, before_day)
                else:
                    earned = 0
                assert contract.recognised.get((number, product), 0) == earned
                if one is None or one.measure != "as_invoiced":
                    assert min(0, share) <= earned <= max(0, share)


class ProjectsMachine(RuleBasedStateMachine):
    """Projects set up early, late or twice, and what people have to enter, whether their project is there or not."""

    @initialize()
    def begin(self):
        self.core = projects.Projects()
        self.terms = {
            key: services(*_widened(), key=key, changes=["2026-02-02", "2026-03-02"]) for key in ("C-1", "C-2")
        }
        self.happened = {key: [] for key in self.terms}
        self.version = dict.fromkeys(self.terms, 1)
        self.live = {key: [] for key in self.terms}
        self.ever = set()
        self.now_us = 1

    @rule(key=KEYS)
    def create(self, key):
        made = ask(self.core, projects.CreateProject(as_of(self.terms[key], 1)), self.now_us)
        self.live[key].append(made.id)
        self.ever.add(key)

    @rule(key=KEYS)
    def void(self, key):
        if not self.live[key]:
            assert refusal(self.core, projects.VoidProject("PRJ-9", "test")) == (404, "project_not_found")
            return
        id_ = self.live[key].pop(0)
        assert ask(self.core, projects.VoidProject(id_, "test"), self.now_us).void.reason == "test"

    @rule(key=KEYS, accepted=st.booleans())
    def work(self, key, accepted):
        number = len(self.happened[key]) + 1
        one = Fulfilment(f"F-{key}-{number}", key, "delivery", 1, 1, number, accepted)
        self.core.enter(one, self.now_us)
        self.happened[key].append(one)

    @precondition(lambda self: min(self.version.values()) < 3)
    @rule(key=KEYS)
    def change(self, key):
        if self.version[key] < 3:
            self.version[key] += 1
            state = as_of(self.terms[key], self.version[key])
            self.core.enter(state, self.now_us)
            self.happened[key].append(state)

    @rule(span_us=st.integers(1, MINUTE))
    def pass_time(self, span_us):
        self.now_us += span_us

    @invariant()
    def all_that_happened_is_told_once_and_in_its_order_as_soon_as_there_is_a_project(self):
        for key, happened in self.happened.items():
            told = [news.body for news in self.core.news if getattr(news.body, "contract", news.key) == key]
            assert told == happened[: len(told)]
            if self.live[key]:
                assert told == happened
            if key not in self.ever:
                assert not told
        words = Counter(news.type for news in self.core.news)
        assert words.keys() <= {"time_approved", "milestone_accepted", "change_order_approved"}

    @invariant()
    def the_project_that_people_work_in_is_at_the_newest_version(self):
        for key, live in self.live.items():
            if live:
                assert ask(self.core, projects.GetProject(key)).version == self.version[key]
                found = ask(self.core, projects.FindProjects(key))
                assert [one.id for one in found if one.void is None] == live
            else:
                assert refusal(self.core, projects.GetProject(key)) == (404, "project_not_found")

    @invariant()
    def what_was_told_can_be_read(self):
        for news in self.core.news:
            if isinstance(news.body, Fulfilment):
                assert ask(self.core, projects.GetFulfilment(news.key)) is news.body
        assert refusal(self.core, projects.GetFulfilment("F-9")) == (404, "fulfilment_not_found")


def _widened():
    return hours(100_000, 100), hours(20_000, 30, version=2, ssp_minor=0), hours(10_000, 20, version=3, ssp_minor=0)


for machine in (BillingMachine, RevenueMachine, ProjectsMachine):
    machine.TestCase.settings = SMALL

TestBilling = BillingMachine.TestCase
TestRevenue = RevenueMachine.TestCase
TestProjects = ProjectsMachine.TestCase
