"""A company whose billing wears Stripe's face: under uvicorn, in place, and on the network of a run."""

import threading
import time
from contextlib import contextmanager

import stripe
import uvicorn

from fakes.company import Company
from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.stripe.face import make
from fakes.faces.wearing import Wearing
from fakes.names import SYSTEMS
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import MILLISECOND, SECOND
from sim.http import request_to
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR

CREDENTIALS = Credentials()
FIRST_DAY = CALENDAR.day_of(0)


class World:
    """A company, its clock, and the face of its billing."""

    def __init__(self, *faults, index_lag_us=0, opening=(), accounts=()):
        setup = Setup(
            station=Station(capacity=4, service=constant(50 * MILLISECOND), latency=constant(10 * MILLISECOND)),
            delivery=DeliveryPolicy(delay=constant(2 * SECOND), retries_us=(60 * SECOND,), ack_timeout_us=10 * SECOND),
            index_lag=constant(index_lag_us),
        )
        self.clock = Clock()
        self.company = Company(Wire(self.clock, Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), faults, 0)
        self.company.preload(accounts, opening)
        self.company.start()
        self.billing = self.company.billing
        self.system = self.company.systems["billing"]

    def door(self, *, may_advance=False):
        return Door(
            self.system.service.serve, lambda: self.clock.now, CALENDAR, self.clock.run_until if may_advance else None
        )

    def face(self, **options):
        return make(self.door(**options), CREDENTIALS)

    def wearing(self):
        return Wearing(self.system, make, self.clock, CALENDAR, CREDENTIALS)

    def until(self, day, minute=8 * 60):
        """Let time pass until a minute of a day."""
        self.clock.run_until(CALENDAR.instant_us(day, minute))


@contextmanager
def served(app):
    """The address at which uvicorn serves an app."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class InPlace(stripe.HTTPClient):
    """Stripe's client without a network: it calls the app in place."""

    name = "in place"

    def __init__(self, app):
        super().__init__()
        self._app = app

    def request(self, method, url, headers=None, post_data=None, *, _usage=None):
        told = tuple((name.lower(), value) for name, value in (headers or {}).items())
        answer = call(self._app, request_to(method.upper(), url, told, (post_data or "").encode()))
        return answer.body.decode(), answer.status, dict(answer.headers)

    def close(self):
        pass


def client_of(url, **options):
    """Stripe's own client, pointed at an address."""
    return stripe.StripeClient(CREDENTIALS.api_key, base_addresses={"api": url}, **options)


def in_place(app):
    """Stripe's own client over the app in place."""
    return stripe.StripeClient(CREDENTIALS.api_key, http_client=InPlace(app))
