"""Whatever is asked of a fake, in whatever order, its records keep their promises: each is driven as a machine."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from fakes import billing, erp, revenue
from fakes.agreements import Account
from fakes.books.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH
from fakes.crm import Crm
from fakes.service import Operation, Refused, Service
from sim.calendar import add_months
from sim.durations import HOUR, MINUTE
from tests.fakes.samples import CALENDAR, as_of, ask, contracts, day, refusal

SMALL = settings(max_examples=40, stateful_step_count=30, derandomize=True)

FIRST_DAY, LAST_DAY = CALENDAR.day_of(0), CALENDAR.day_of(CALENDAR.end_us)


def half_away(exact):
    """A fraction to the nearest integer, halves away from zero."""
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def charges(state, through_day):
    """What each (version, period) is charged, of the service periods that have begun by a day: the slow way."""
    found, number = {}, 0
    while (from_day := add_months(state.start_day, number * state.billing_months)) < min(
        state.end_day, through_day + 1
    ):
        to_day = add_months(state.start_day, (number + 1) * state.billing_months)
        before = 0
        for version in state.versions:
            full = (version.quantity - before) * state.unit_price_minor * state.billing_months
            days = min(max(to_day - version.effective_day, 0), to_day - from_day)
            found[version.number, number] = half_away(full * Fraction(days, to_day - from_day))
            before = version.quantity
        number += 1
    return {charge: minor for charge, minor in found.items() if minor}


class BillingMachine(RuleBasedStateMachine):
    """Customers, subscriptions in any state, older ones written over newer, and bill runs as the days go by."""

    subscriptions = Bundle("subscriptions")

    @initialize(opening=st.lists(contracts(key="O", first="2025-03-01", last="2025-12-17"), max_size=2))
    def begin(self, opening):
        self.core = billing.Billing(CALENDAR, lambda record: 0)
        self.now_us = 0
        self.finals = {}
        self.settled = {}  # subscription -> what was billed before the run
        for number, final in enumerate(opening):
            self.core.preload("Company", as_of(final, 1))
            subscription = list(self.core.subscriptions.values())[number]
            self.finals[subscription.id] = final
            self.settled[subscription.id] = charges(as_of(final, 1), FIRST_DAY - 1)
            assert subscription.billed == self.settled[subscription.id]
        self.customer = ask(self.core, billing.CreateCustomer("A-1", "Company"), 0).id

    @rule(target=subscriptions)
    def opening_subscriptions(self):
        return multiple(*self.settled)

    @rule(target=subscriptions, final=contracts(), known=st.integers(1, 5))
    def create(self, final, known):
        made = ask(self.core, billing.CreateSubscription(self.customer, as_of(final, known)), self.now_us)
        assert made.id not in self.finals
        self.finals[made.id] = final
        return made.id

    @rule(id_=subscriptions, known=st.integers(1, 5))
    def write(self, id_, known):
        state = as_of(self.finals[id_], known)
        if self.core.subscriptions[id_].void:
            request = billing.UpdateSubscription(id_, state)
            assert refusal(self.core, request, self.now_us) == (409, "subscription_voided")
            return
        written = ask(self.core, billing.UpdateSubscription(id_, state), self.now_us)
        assert (written.id, written.state) == (id_, state)

    @rule(id_=subscriptions, credit=st.booleans())
    def void(self, id_, credit):
        subscription, request = self.core.subscriptions[id_], billing.VoidSubscription(id_, "test", credit)
        if subscription.billed and not credit and not subscription.void:
            assert refusal(self.core, request, self.now_us) == (409, "invoice_issued")
        else:
            before = subscription.void
            assert ask(self.core, request, self.now_us).void == (before or (self.now_us, "integration", "test"))

    @rule(days=st.integers(0, 40), minutes=st.integers(0, 23 * 60))
    def pass_time(self, days, minutes):
        today = CALENDAR.day_of(self.now_us)
        for passed in range(today, min(today + days, LAST_DAY) + 1):
            due_us = CALENDAR.instant_us(passed, billing.DUE_MINUTE)
            if due_us >= self.now_us:
                self.now_us = due_us
                self.core.run(passed, due_us)
        self.now_us += minutes * MINUTE
        # Nobody is told before a day's run that the day has come.
        if self.now_us > CALENDAR.instant_us(CALENDAR.day_of(self.now_us), billing.DUE_MINUTE):
            self.core.run(CALENDAR.day_of(self.now_us), self.now_us)

    @rule(id_=st.sampled_from(["sub-0", "sub-999999", ""]))
    def write_to_nothing(self, id_):
        request = billing.UpdateSubscription(id_, None)
        assert refusal(self.core, request, self.now_us) == (404, "subscription_not_found")

    @invariant()
    def what_was_billed_is_what_is_due(self):
        today = CALENDAR.day_of(self.now_us)
        if self.now_us < CALENDAR.instant_us(today, billing.DUE_MINUTE):
            today -= 1
        for id_, subscription in self.core.subscriptions.items():
            due = {} if subscription.void else charges(subscription.state, max(today, FIRST_DAY - 1))
            assert {charge: minor for charge, minor in subscription.billed.items() if minor} == due, id_

    @invariant()
    def documents_add_up_to_what_was_billed(self):
        billed = {id_: Counter() for id_ in self.core.subscriptions}
        for id_, charges_ in self.settled.items():
            billed[id_].update(charges_)
        for document in self.core.invoices:
            assert document.total_minor == sum(line.minor for line in document.lines)
            assert document.lines and all(line.minor for line in document.lines)
            assert document.issued_us >= document.due_us
            for line in document.lines:
                billed[document.subscription][line.version, line.period] += line.minor
        for id_, subscription in self.core.subscriptions.items():
            assert {charge: minor for charge, minor in billed[id_].items() if minor} == {
                charge: minor for charge, minor in subscription.billed.items() if minor
            }

    @invariant()
    def every_document_has_an_id_of_its_own_and_is_told_of_once(self):
        ids = [document.id for document in self.core.invoices]
        assert len(set(ids)) == len(ids)
        assert [news.body for news in self.core.news] == self.core.invoices
        assert [news.type for news in self.core.news] == [f"{document.kind}_issued" for document in self.core.invoices]


class ErpMachine(RuleBasedStateMachine):
    """Customers, orders, documents and journals, with external ids or without; periods close one by one."""

    accounts = st.sampled_from(["A-1", "A-2", "A-3"])
    external = st.sampled_from([None, None, "x-1", "x-2", "x-3"])
    days = st.integers(day("2025-12-20"), day("2026-04-05"))
    orders = Bundle("orders")

    @initialize()
    def begin(self):
        self.core = erp.Erp(CALENDAR, lambda record: HOUR)
        self.now_us = 1
        self.known = {kind: {} for kind in ("customer", "order", "document", "journal", "payment")}
        self.paid = 0
        self.receivable = Counter()
        self.customers = Counter()
        self.frozen = {}
        self.reversed = {}

    def external_id(self, kind, external, record):
        """Hold that an external id stands for one record of its kind."""
        if external is not None:
            assert self.known[kind].setdefault(external, record) is record

    @rule(account=accounts, external=external)
    def upsert_customer(self, account, external):
        external = external and f"{external}/{account}"
        new = external is None or external not in self.known["customer"]
        made = ask(self.core, erp.UpsertCustomer(account, "Company", external), self.now_us)
        assert made.account == account
        self.customers[account] += new
        self.external_id("customer", external, made)

    @rule(account=accounts)
    def search(self, account):
        found = ask(self.core, erp.FindCustomers(account), self.now_us)
        assert all(one.account == account and one.created_us + HOUR <= self.now_us for one in found)
        later = ask(self.core, erp.FindCustomers(account), self.now_us + HOUR)
        assert len(later) == self.customers[account]

    @rule(target=orders, account=accounts, external=external, final=contracts(), known=st.integers(1, 5))
    def create_order(self, account, external, final, known):
        customer = self.core.customers.first(account)
        request = erp.CreateOrder(customer.id if customer else "CUST-999999", as_of(final, known), external)
        kept = self.known["order"].get(external)
        if customer is None and kept is None:
            assert refusal(self.core, request, self.now_us) == (404, "customer_not_found")
            return multiple()
        if kept and kept.void:
            assert refusal(self.core, request, self.now_us) == (409, "order_voided")
            return multiple()
        before = kept and (kept.state, kept.revision)
        made = ask(self.core, request, self.now_us)
        assert (made.state, made.revision) == (before or (as_of(final, known), 1))
        self.external_id("order", external, made)
        return made.id

    @rule(target=orders, account=accounts, external=st.sampled_from(["x-1", "x-2"]), final=contracts())
    def upsert_order(self, account, external, final):
        customer = self.core.customers.first(account)
        request = erp.UpsertOrder(customer.id if customer else "CUST-999999", final, external)
        if customer is None:
            assert refusal(self.core, request, self.now_us) == (404, "customer_not_found")
            return multiple()
        kept = self.known["order"].get(external)
        if kept and kept.void:
            assert refusal(self.core, request, self.now_us) == (409, "order_voided")
            return multiple()
        before = kept.revision if kept else 0
        made = ask(self.core, request, self.now_us)
        assert (made.state, made.revision) == (final, before + 1)
        self.external_id("order", external, made)
        return made.id

    @rule(id_=orders, final=contracts(), known=st.integers(1, 5))
    def update_order(self, id_, final, known):
        order = self.core.orders[id_]
        first = dict(order.applied)
        if order.void:
            assert refusal(self.core, erp.UpdateOrder(id_, final), self.now_us) == (409, "order_voided")
            return
        assert ask(self.core, erp.UpdateOrder(id_, as_of(final, known)), self.now_us) is order
        assert order.state == as_of(final, known)
        assert {**order.applied, **first} == order.applied  # the first time each version came stays

    @rule(id_=orders)
    def void_order(self, id_):
        order = self.core.orders[id_]
        before = order.void or (self.now_us, "integration", "test")
        assert ask(self.core, erp.VoidOrder(id_, "test"), self.now_us) is order
        assert order.void == before
        assert id_ not in [one.id for one in ask(self.core, erp.FindOrders(order.contract)) if one.void is None]

    @rule(number=st.integers(1, 8), posting_day=days)
    def reverse(self, number, posting_day):
        entry = next((one for one in self.core.ledger.entries if one.id == f"JE-{number:07}"), None)
        request, entries = erp.ReverseJournal(f"JE-{number:07}", posting_day), len(self.core.ledger.entries)
        if entry is None:
            expected = (404, "entry_not_found")
        elif entry.source != "revenue" or entry.reverses:
            expected = (409, "not_reversible")
        elif entry.id in self.reversed:
            assert ask(self.core, request, self.now_us) is self.reversed[entry.id]
            return
        elif CALENDAR.month_of_day(posting_day) in self.core.ledger.locked_us:
            expected = (409, "period_closed")
        else:
            made = self.reversed[entry.id] = ask(self.core, request, self.now_us)
            assert [-minor for *_, minor in made.postings] == [minor for *_, minor in entry.postings]
            assert len(self.core.ledger.entries) == entries + 1
            return
        assert refusal(self.core, request, self.now_us) == expected
        assert len(self.core.ledger.entries) == entries

    @rule(account=accounts, external=external, total=st.integers(-(10**9), 10**9), day_=days, posting_day=days)
    def post_document(self, account, external, total, day_, posting_day):
        items = len(self.core.open_items)
        request = erp.PostDocument("INV", account, "C-1", "USD", total, day_, posting_day, external)
        repeated = external is not None and external in self.known["document"]
        expected = None
        if not repeated and not self.customers[account]:
            expected = (404, "customer_not_found")
        elif not repeated and CALENDAR.month_of_day(posting_day) in self.core.ledger.locked_us:
            expected = (409, "period_closed")
        if expected:
            assert refusal(self.core, request, self.now_us) == expected
            assert len(self.core.open_items) == items
            return
        made = ask(self.core, request, self.now_us)
        assert len(self.core.open_items) == items + (not repeated)
        self.receivable[account] += 0 if repeated else total
        self.external_id("document", external, made)

    @rule(
        account=accounts,
        external=external,
        place=st.integers(0, 5),
        percent=st.sampled_from([100, 100, 100, 40, 130, -100]),
        number=st.integers(1, 4),
        posting_day=days,
    )
    def apply_payment(self, account, external, place, percent, number, posting_day):
        """A payment of some item, or more or less than that; or of one that is still to come."""
        receipts, items = len(self.core.cash.receipts), self.core.open_items
        minor = (items[place].total_minor if place < len(items) else 10**6) * percent // 100
        request = erp.ApplyPayment(
            f"PAY-{number}", "INV", account, "C-1", "USD", minor, posting_day, posting_day, external
        )
        repeated = external is not None and external in self.known["payment"]
        expected = None
        if not repeated and not self.customers[account]:
            expected = (404, "customer_not_found")
        elif not repeated and CALENDAR.month_of_day(posting_day) in self.core.ledger.locked_us:
            expected = (409, "period_closed")
        if expected:
            assert refusal(self.core, request, self.now_us) == expected
            assert len(self.core.cash.receipts) == receipts
            return
        made = ask(self.core, request, self.now_us)
        assert len(self.core.cash.receipts) == receipts + (not repeated)
        self.paid += 0 if repeated else minor
        self.external_id("payment", external, made)
        assert made in ask(self.core, erp.FindPayments(made.payment), self.now_us)

    @rule(
        external=external,
        minors=st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=3),
        off=st.sampled_from([0, 0, 0, 1, -7]),
        posting_day=days,
    )
    def post_journal(self, external, minors, off, posting_day):
        entries = len(self.core.ledger.entries)
        sides = [(f"4000 revenue {number}", "C-1", -minor) for number, minor in enumerate(minors)]
        sides.append((CONTRACT_LIABILITY, "C-1", sum(minors) + off))
        request = erp.PostJournal("REC", "C-1", "USD", posting_day, posting_day, tuple(sides), external)
        repeated = external is not None and external in self.known["journal"]
        closed = CALENDAR.month_of_day(posting_day) in self.core.ledger.locked_us
        if repeated or not (off or closed):
            made = ask(self.core, request, self.now_us)
            assert len(self.core.ledger.entries) == entries + (not repeated)
            self.external_id("journal", external, made)
        else:
            assert refusal(self.core, request, self.now_us) == ((422, "unbalanced") if off else (409, "period_closed"))
            assert len(self.core.ledger.entries) == entries

    @rule(month=st.integers(12 * 2025 + 11, 12 * 2026 + 3))
    def close(self, month):
        before = self.core.ledger.locked_us.get(month)
        self.core.close_period(month, self.now_us)
        if before is None:
            self.frozen[month] = self.of_month(month)
        else:
            assert self.core.ledger.locked_us[month] == before

    @rule(span_us=st.integers(1, 2 * HOUR))
    def pass_time(self, span_us):
        self.now_us += span_us

    def of_month(self, month):
        return [entry for entry in self.core.ledger.entries if entry.period == month]

    @invariant()
    def closed_periods_stay_as_they_were(self):
        for month, entries in self.frozen.items():
            assert self.of_month(month) == entries

    @invariant()
    def the_ledger_balances_and_receivables_agree_with_it(self):
        ledger = self.core.ledger
        totals = Counter()
        for entry in ledger.entries:
            assert sum(minor for _, _, minor in entry.postings) == 0
            for account, _, minor in entry.postings:
                totals[account] += minor
        assert ledger.totals == totals
        assert ledger.trial_balance() == 0
        left, cash = Counter(self.receivable), self.core.cash
        account_of = {receipt.id: receipt.account for receipt in cash.receipts}
        for application in cash.applications:
            left[account_of[application.receipt]] -= application.minor
        assert sum(self.core.receivables.values()) == totals[RECEIVABLES] == sum(left.values())
        assert sum(item.open_minor for item in self.core.open_items) == totals[RECEIVABLES]
        assert all(self.core.receivables.get(account, 0) == minor for account, minor in left.items())
        assert totals[CASH] == self.paid
        assert -totals[UNAPPLIED_CASH] == self.paid - sum(application.minor for application in cash.applications)

    @invariant()
    def cash_is_applied_once_and_to_no_more_than_what_is_open(self):
        cash, paid = self.core.cash, Counter()
        amounts = {receipt.id: receipt.minor for receipt in cash.receipts}
        for application in cash.applications:
            assert application.minor == amounts.pop(application.receipt)
            paid[application.item] += application.minor
        for item in self.core.open_items:
            assert paid[item.id] == item.paid_minor
            assert 0 <= item.paid_minor <= item.total_minor or item.total_minor <= item.paid_minor <= 0

    @invariant()
    def no_cash_waits_for_an_item_that_is_there(self):
        items, masters = self.core.open_items, self.core.customers.all
        waiting = [receipt for several in self.core.cash.waiting.values() for receipt in several]
        applied = {application.receipt for application in self.core.cash.applications}
        assert len(waiting) + len(applied) == len(self.core.cash.receipts)
        for receipt in waiting:
            assert receipt.id not in applied
            for item in items:
                open_minor = item.open_minor if masters[item.customer].account == receipt.account else 0
                assert not (0 < receipt.minor <= open_minor or open_minor <= receipt.minor < 0)

    @invariant()
    def ids_are_unique(self):
        core = self.core
        for ids in (
            [entry.id for entry in core.ledger.entries],
            [item.id for item in core.open_items],
            [item.journal_entry for item in core.open_items],
            [customer.id for customer in core.customers.all.values()],
        ):
            assert len(set(ids)) == len(ids)
        assert all(id_ == record.id for id_, record in (core.orders | core.customers.all).items())
        assert sum(self.customers.values()) == len(core.customers.all)


class RevenueMachine(RuleBasedStateMachine):
    """Contracts in any state, modified forth and back, and the runs of one month after the other."""

    taken = Bundle("taken")

    @initialize()
    def begin(self):
        self.core = revenue.Revenue(CALENDAR)
        self.finals = {}
        self.month = 12 * 2025 + 5
        self.ran = False

    @rule(target=taken, final=contracts(), known=st.integers(1, 5))
    def create(self, final, known):
        made = ask(self.core, revenue.CreateContract(as_of(final, known)))
        assert made.id not in self.finals
        self.finals[made.id] = final
        self.ran = False
        return made.id

    @rule(id_=taken, known=st.integers(1, 5))
    def modify(self, id_, known):
        if self.core.contracts[id_].void:
            request = revenue.ModifyContract(id_, as_of(self.finals[id_], known))
            assert refusal(self.core, request) == (409, "revenue_contract_voided")
            return
        ask(self.core, revenue.ModifyContract(id_, as_of(self.finals[id_], known)))
        self.ran = False

    @rule(id_=taken)
    def void(self, id_):
        contract = self.core.contracts[id_]
        if contract.recognised and not contract.void:
            assert refusal(self.core, revenue.VoidContract(id_, "test")) == (409, "revenue_recognised")
        else:
            assert ask(self.core, revenue.VoidContract(id_, "test")).void.reason == "test"

    @rule(months=st.integers(0, 12))
    def run(self, months):
        self.month += months
        self.core.run(self.month, 1, self.month)
        self.ran = True

    @invariant()
    def allocations_add_up_to_the_price_of_each_version(self):
        for contract in self.core.contracts.values():
            for version in contract.state.versions:
                shares = [minor for (number, _), minor in contract.allocated.items() if number == version.number]
                assert sum(shares) == version.price_change_minor
                assert len(shares) == len(contract.state.obligations)
            assert {number for number, _ in contract.allocated} == {one.number for one in contract.state.versions}

    @invariant()
    def recognitions_add_up_to_what_is_recognised(self):
        sums = {id_: Counter() for id_ in self.core.contracts}
        for one in self.core.recognitions:
            assert one.total_minor == sum(minor for _, minor in one.amounts)
            assert one.amounts and all(minor for _, minor in one.amounts)
            sums[one.revenue_contract].update(dict(one.amounts))
        for id_, contract in self.core.contracts.items():
            by_product = Counter()
            for (_, product), minor in contract.recognised.items():
                by_product[product] += minor
            assert {name: minor for name, minor in sums[id_].items() if minor} == {
                name: minor for name, minor in by_product.items() if minor
            }

    @precondition(lambda self: self.ran)
    @invariant()
    def after_a_run_everything_is_earned_by_the_day_and_nothing_beyond_its_price(self):
        through_day = CALENDAR.end_day(self.month)
        for contract in self.core.contracts.values():
            if contract.void:
                assert not contract.recognised
                continue
            effective = {version.number: version.effective_day for version in contract.state.versions}
            assert contract.recognised.keys() <= contract.allocated.keys()
            for (number, product), allocated in contract.allocated.items():
                days = contract.state.end_day - effective[number]
                gone = min(max(through_day - effective[number], 0), days)
                minor = contract.recognised.get((number, product), 0)
                assert minor == half_away(allocated * Fraction(gone, days))
                assert min(0, allocated) <= minor <= max(0, allocated)

    @invariant()
    def ids_are_unique_and_told_of_once(self):
        ids = [one.id for one in self.core.recognitions]
        assert len(set(ids)) == len(ids)
        assert [news.body for news in self.core.news] == self.core.recognitions


class CrmMachine(RuleBasedStateMachine):
    """Versions signed in and out of turn."""

    @initialize(finals=st.tuples(contracts(key="C-1"), contracts(key="C-2")))
    def begin(self, finals):
        self.core = Crm()
        self.finals = finals
        self.signed = Counter()

    @rule(which=st.integers(0, 1), version=st.integers(1, 5))
    def sign(self, which, version):
        state = as_of(self.finals[which], version)
        if state.version == self.signed[state.key] + 1:
            self.core.sign(state)
            self.signed[state.key] += 1
        else:
            with pytest.raises(ValueError, match="comes next"):
                self.core.sign(state)

    @rule(key=st.sampled_from(["A-1", "A-2"]))
    def open_account(self, key):
        self.core.open_account(Account(key, "Company"))

    @invariant()
    def versions_told_of_strictly_increase(self):
        told = Counter()
        for news in self.core.news:
            if news.key.startswith("C-"):
                assert news.version == news.body.version == told[news.key] + 1
                told[news.key] += 1
        assert told == self.signed
        assert {key: state.version for key, state in self.core.contracts.items()} == dict(+self.signed)


class ServiceMachine(RuleBasedStateMachine):
    """Requests with keys and without, repeated in time, too late, or with something else under the same key."""

    LIFETIME_US = 100

    @initialize()
    def begin(self):
        self.done = []
        self.now_us = 0
        self.kept = {}
        operation = Operation("do", self.perform)
        self.service = Service({int: operation, str: operation}, self.LIFETIME_US)

    def perform(self, request, now_us):
        if request == 13:
            raise Refused(409, "unlucky")
        self.done.append((request, now_us))
        return len(self.done)

    @rule(
        request=st.one_of(st.integers(11, 13), st.sampled_from(["a"])),
        key=st.sampled_from([None, "k", "l"]),
        wait_us=st.integers(0, 60),
    )
    def ask(self, request, key, wait_us):
        self.now_us += wait_us
        before = len(self.done)
        response = self.service.serve(request, key, self.now_us)
        at_us, known, body = self.kept.get(key, (-self.LIFETIME_US, None, None))
        if key and self.now_us - at_us < self.LIFETIME_US:
            expected = (200, body, "replayed") if known == request else (422, None, "key_reused")
            done = 0
        elif request == 13:
            expected, done = (409, None, "unlucky"), 0
        else:
            expected, done = (200, before + 1, "ok"), 1
            if key:
                self.kept[key] = (self.now_us, request, before + 1)
        assert (response.status, response.body, response.word) == expected
        assert len(self.done) == before + done


for machine in (BillingMachine, ErpMachine, RevenueMachine, CrmMachine, ServiceMachine):
    machine.TestCase.settings = SMALL

TestBilling = BillingMachine.TestCase
TestErp = ErpMachine.TestCase
TestRevenue = RevenueMachine.TestCase
TestCrm = CrmMachine.TestCase
TestService = ServiceMachine.TestCase
