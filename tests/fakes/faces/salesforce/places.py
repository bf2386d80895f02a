"""Where Salesforce's face is found in tests: in place, over HTTPS under uvicorn, and in virtual time."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC

import trustme
import uvicorn

from fakes.agreements import Account, Contract, Deliverable, Version
from fakes.company import Company
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.salesforce.face import make
from fakes.faces.wearing import Wearing
from fakes.names import SYSTEMS
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import DAY, MILLISECOND, SECOND
from sim.foreign import blocking
from sim.foreign.guard import Guard
from sim.foreign.internet import Internet
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, as_of, contract, day

CREDENTIALS = Credentials(api_key="00Dtest-token", client_id="tieout", client_secret="tieout-secret")
USERNAME, PASSWORD, SECURITY_TOKEN = "tieout@acme.example", CREDENTIALS.client_secret, CREDENTIALS.api_key
NOW_US = 20 * DAY + 123_456

SIGNED = contract(
    ("2026-02-01", 15), key="C-1", account="A-1", price=101, products={"platform": 80, "support": 40}, months=12
)
SERVICES = Contract(
    "S-1", "A-2", "USD", day("2026-01-05"), day("2026-07-05"), 1, 0, (),
    (Version(1, "signed", day("2026-01-04"), day("2026-01-05"), 1, 500_000),),
    deliverables=(Deliverable("set-up", 1, "on_acceptance", "on_acceptance", 500_000, 500_000),),
)  # fmt: skip


def company(clock=None):
    """A company whose CRM has an account with a contract from before, and another with one for services."""
    setup = Setup(
        station=Station(capacity=4, service=constant(20 * MILLISECOND), latency=constant(10 * MILLISECOND)),
        delivery=DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=SECOND),
        index_lag=constant(0),
    )
    made = Company(Wire(clock or Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), (), 0)
    made.preload([Account("A-1", "Opening"), Account("A-2", "Services")], [as_of(SIGNED, 1), SERVICES])
    return made


class Time:
    """What time it is at the face: it passes `speed` times as fast as outside, or stands still."""

    speed = 1_000

    def __init__(self, running=False):
        self.at_us = NOW_US
        self._began = time.monotonic() if running else None

    def __call__(self):
        passed_us = int((time.monotonic() - self._began) * self.speed * 1_000_000) if self._began else 0
        return self.at_us + passed_us


def face(made=None, now_us=None, **options):
    """A face on a company's CRM."""
    made = made or company()
    return make(Door(made.systems["crm"].service.serve, now_us or Time(), CALENDAR), CREDENTIALS, **options)


AUTHORITY = trustme.CA()


def trust(path):
    """Write the authority down for clients to trust."""
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


@contextmanager
def served(app):
    """An app under uvicorn on a port of this machine, over TLS: its base URL."""
    # asyncio sets TCP_NODELAY only on sockets whose protocol is said: without, every answer takes 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    config = uvicorn.Config(app, log_level="critical", lifespan="off")
    config.load()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    config.ssl = context
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"https://localhost:{listening.getsockname()[1]}"
    finally:
        for connection in list(
            server.server_state.connections
        ):  # its client may have forgotten it: none waits for that
            connection.loop.call_soon_threadsafe(connection.transport.abort)
        server.should_exit = True
        thread.join(5)


def in_virtual_time(work, seconds=3_600, **options):
    """What blocking code comes to that runs on a company's network, where it finds the face under its own names."""
    clock = Clock()
    made = company(clock)

    def dressed(door, credentials):
        return make(door, credentials, **options)

    wearing = Wearing(made.systems["crm"], dressed, clock, CALENDAR, CREDENTIALS)
    internet = Internet(clock)
    for host in wearing.face.hosts:
        internet.host(host, wearing.answer)
    guard = Guard(internet, CALENDAR.local(0).astimezone(UTC), 7)
    with guard.guarded():
        task = clock.spawn(blocking.run(work))
        clock.run_until(seconds * SECOND)
    assert task.done, "it takes longer than the test gives it"
    return task.result
