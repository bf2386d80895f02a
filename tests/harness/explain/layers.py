"""Layers with one mistake each, of the user's own kind: what a story has to find in their code."""

from dataclasses import replace

from harness.blocks.carrying import Carrier
from harness.blocks.identity import LookUp
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.layer import ROUTES, Endpoint, Layer
from sim.durations import DAY


class Direct(Layer):
    """Carries each event while its source waits for the answer; what fails is refused, and told again."""

    NAME = "direct"
    SUMMARY = "no queue: the source's redelivery is the retry"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        caller = Caller(surroundings, RetryPolicy(attempts_max=2))
        self.carriers = {
            target: Carrier(surroundings, target, caller, LookUp(caller), revisions=False) for _, target in ROUTES
        }

    def endpoints(self):
        return [
            Endpoint(f"{source}->{target}", source, types, self.receiver(target))
            for (source, target), types in ROUTES.items()
            if source in self.surroundings.servers and target in self.surroundings.servers
        ]

    def receiver(self, target):
        async def receive(event):
            try:
                await self.carriers[target].carry(self.read(event, target))
            except CallFailed:
                return False
            return True

        return receive

    def read(self, event, target):
        return event


class RoundsToDollars(Direct):
    """Posts every document in whole dollars."""

    def read(self, event, target):
        if target != "erp" or event.type != "invoice_issued":
            return event
        whole = event.body.total_minor // 100 * 100
        return replace(event, body=replace(event.body, total_minor=whole))


class ForgetsInvoices(Direct):
    """Acknowledges every third invoice, and does nothing with it."""

    def receiver(self, target):
        carry = super().receiver(target)

        async def receive(event):
            if target == "erp" and event.type == "invoice_issued" and event.id % 3 == 0:
                return True
            return await carry(event)

        return receive


class PostsTwice(Direct):
    """Posts every document twice, with a key that is another each time."""

    def receiver(self, target):
        carry = super().receiver(target)
        caller = Caller(self.surroundings, RetryPolicy(attempts_max=2))
        again = Carrier(self.surroundings, target, caller, LookUp(caller), revisions=False, idempotency="none")

        async def receive(event):
            done = await carry(event)
            if target == "erp" and event.type == "invoice_issued":
                await again.carry(event)
            return done

        return receive


class PostsLate(Direct):
    """Posts nothing in less than twelve days after it was told of it."""

    def receiver(self, target):
        carry = super().receiver(target)

        async def later(event):
            await self.surroundings.clock.sleep(12 * DAY)
            await carry(event)

        async def receive(event):
            if target == "erp" and event.type == "invoice_issued":
                self.surroundings.clock.spawn(later(event))
                return True
            return await carry(event)

        return receive


class IgnoresCancellations(Direct):
    """Acknowledges cancellations, and knows nothing to do with them."""

    def receiver(self, target):
        carry = super().receiver(target)

        async def receive(event):
            return True if event.type == "contract_cancelled" else await carry(event)

        return receive


class MarksFirst(Direct):
    """Marks an event as dealt with, and deals with it then."""

    def receiver(self, target):
        carry, known = super().receiver(target), set()

        async def receive(event):
            if event.id in known:
                return True
            known.add(event.id)
            return await carry(event)

        return receive


class HearsNoCredit(Direct):
    """Asks nobody to be told of credit memos."""

    def endpoints(self):
        return [replace(each, types=each.types - {"credit_memo_issued"}) for each in super().endpoints()]


class PostsCents(Direct):
    """Takes an amount in cents for one in dollars."""

    def read(self, event, target):
        if target != "erp" or event.type != "invoice_issued":
            return event
        return replace(event, body=replace(event.body, total_minor=event.body.total_minor * 100))


class EntersRefundsAsPayments(Direct):
    """Enters what was paid back as if it had been paid."""

    def read(self, event, target):
        if event.type != "refund_paid":
            return event
        return replace(event, body=replace(event.body, minor=abs(event.body.minor)))
