"""Layers with one mistake each, of the user's own kind: what a story has to find in their code."""

from dataclasses import replace

from fakes import erp
from harness.blocks.carrying import Carrier
from harness.blocks.identity import LookUp
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.layer import ROUTES, Endpoint, Layer
from sim.durations import DAY, SECOND


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


class LetsGo(Direct):
    """Keeps what it is told of, and one worker for each target carries it: once, whatever comes of it.

    Documents it posts by calls of its own, and never says which event it has taken up.
    """

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self.caller = Caller(surroundings, RetryPolicy(attempts_max=2))
        self.kept = {target: [] for target in surroundings.targets}

    def receiver(self, target):
        async def receive(event):
            self.kept[target].append(event)
            self.told(target)
            return True

        return receive

    def told(self, target):
        """Something has been kept for a target."""

    async def work_off(self, target):
        """Carry all that is kept for a target, the oldest first."""
        while self.kept[target]:
            event = self.kept[target].pop(0)
            try:
                await self.carry(event, target)
            except CallFailed:
                continue

    async def carry(self, event, target):
        if target != "erp" or event.type != "invoice_issued":
            await self.carriers[target].carry(event)
            return
        document, day = event.body, event.body.day
        request = erp.PostDocument(
            document.id, document.account, document.contract, document.currency, document.total_minor, day, day,
            document.id,
        )  # fmt: skip
        await self.caller.write("erp", request, document.id)


class LetsGoWhenKicked(LetsGo):
    """Its workers are begun by a handler when they are idle, and work on in its name."""

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self.busy = {}

    def told(self, target):
        if not self.busy.get(target):
            self.busy[target] = True
            self.surroundings.clock.spawn(self.work(target))

    async def work(self, target):
        await self.work_off(target)
        self.busy[target] = False


class LetsGoInTurn(LetsGo):
    """Its workers are there from the start, and work in nobody's name."""

    def start(self):
        for target in self.surroundings.targets:
            self.surroundings.clock.spawn(self.work(target))

    async def work(self, target):
        while True:
            await self.work_off(target)
            await self.surroundings.clock.sleep(30 * SECOND)


class SaysNothing(LetsGoInTurn):
    """Calls for amendments in nobody's name, too."""

    async def carry(self, event, target):
        if event.type != "contract_amended" or target != "erp":
            await super().carry(event, target)
            return
        known = await self.caller.read("erp", erp.FindOrders(event.key), event.key)
        await self.caller.write("erp", erp.UpdateOrder(known[0].id, event.body, None), event.key)
