"""A company in the middle of a quarter, in which every operation of every system has something to find."""

from dataclasses import replace

from fakes.agreements import Account, Deliverable, Fulfilment
from fakes.company import Company
from fakes.erp import PostDocument, PostJournal
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.names import SYSTEMS
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import SECOND
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, at, contract, day
from tests.parity.ways import Standing

SUBSCRIBED = replace(
    contract(key="C-1", start="2025-12-20", products={"platform": 60, "support": 40}),
    deliverables=(Deliverable("calls", 1, "as_invoiced", "as_delivered", included=1_000, rate_minor=5),),
)
WORK = Deliverable("delivery", 1, "by_hours", "on_acceptance", 10_000, 9_000, 40)
SERVICES = replace(
    contract(key="S-1", account="A-2", start="2025-12-20", price=1), obligations=(), unit_price_minor=0,
    deliverables=(WORK,),
)  # fmt: skip
USAGE = Fulfilment("U-1", "C-1", "calls", day("2026-01-01"), day("2026-01-31"), 1_500, metered=True)
HOURS = Fulfilment("T-1", "S-1", "delivery", day("2026-01-05"), day("2026-01-09"), 20)


def company():
    """A subscription and a project from before the run; a month was billed, recognised, metered, worked and paid."""
    setup = Setup(
        station=Station(capacity=4, service=constant(SECOND), latency=constant(0)),
        delivery=DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=SECOND),
        index_lag=constant(0),
    )
    made = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), (), 0)
    made.preload((Account("A-1", "Northwind", parent="A-2"), Account("A-2", "Contoso")), (SUBSCRIBED, SERVICES))
    made.start()
    made.wire.clock.run_until(at("2026-02-05"))
    made.open_account(Account("A-3", "Fabrikam"))
    made.sign(contract(key="C-3", account="A-3", start="2026-02-05"))
    made.deliver(USAGE)
    made.deliver(HOURS)
    invoice = made.billing.invoices[1]
    made.billing.receive_payment(invoice, made.wire.clock.now)
    made.systems["billing"].tell()
    serve = made.systems["erp"].service.serve
    about = {"contract": "C-1", "currency": "USD", "day": invoice.day, "posting_day": invoice.day}
    serve(PostDocument(invoice.id, "A-1", total_minor=invoice.total_minor, **about), None, made.wire.clock.now)
    sides = (("2400 contract liability", "C-1", 10), ("4000 revenue platform", "C-1", -10))
    journal = PostJournal("REC-C-1-1", "C-1", "USD", day("2026-01-31"), day("2026-01-31"), sides)
    serve(journal, None, made.wire.clock.now)
    return made


def standing(system):
    """Makes a new company's system."""

    def make():
        made = company()
        core = made.erp if system == "erp" else getattr(made, system)
        stands = Standing(made.systems[system].service.serve, core)
        stands.company = made
        return stands

    return make


class Relay:
    """A door that leads to another: whoever has built a face once can put it on many systems."""

    calendar = CALENDAR

    def answer(self, request, idempotency_key=None):
        return self.door.answer(request, idempotency_key)


BUILT = {}


def generic_on(system):
    """Puts the generic API on a system, as `make_generic` does; its app, which keeps nothing, is built once."""

    def make(door, credentials):
        if system not in BUILT:
            relay = Relay()
            BUILT[system] = relay, make_generic(system)(relay, credentials)
        relay, face = BUILT[system]

        async def app(scope, receive, send):
            relay.door = door
            await face.app(scope, receive, send)

        return replace(face, app=app)

    return make


def generic(parity, system):
    """The generic API on that system, in both ways, at the company's present."""
    both = parity(generic_on(system), standing(system))
    for way in both.ways:
        way.now_us = way.standing.company.wire.clock.now
    return both


def face_of(system):
    """The generic API on a new company's system, at its present."""
    stands = standing(system)()
    door = Door(stands.serve, lambda: stands.company.wire.clock.now, CALENDAR)
    return generic_on(system)(door, Credentials())
