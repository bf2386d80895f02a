"""An ERP with NetSuite's face on, and the official client in front of it: over HTTPS, and in virtual time."""

import asyncio
import json
import warnings

import pytest
import trustme

from fakes.company import Company
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.netsuite.face import make
from fakes.names import SYSTEMS
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import SECOND
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, at

pytest.register_assert_rewrite("tests.parity.ways")

from tests.parity.ways import Listening, Standing  # noqa: E402 - what compares is to say what differs

with warnings.catch_warnings():  # authlib, which signs for the client, would rather be used with httpx2,
    import authlib.deprecate  # noqa: F401 - and when it is imported has its warnings always shown

    warnings.simplefilter("ignore")
    import netsuite

CREDENTIALS = Credentials()
BASE = "/services/rest"


def company():
    setup = Setup(
        station=Station(capacity=4, service=constant(SECOND), latency=constant(0)),
        delivery=DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=SECOND),
        index_lag=constant(0),
    )
    made = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), (), 0)
    made.start()
    made.wire.clock.run_until(at("2026-01-20"))
    return made


def standing(made=None):
    made = made or company()
    stands = Standing(made.systems["erp"].service.serve, made.erp)
    stands.company = made
    return stands


def config(**changes):
    known = CREDENTIALS
    said = {
        "consumer_key": known.client_id, "consumer_secret": known.client_secret, "token_id": known.api_key,
        "token_secret": known.client_secret, **changes,
    }  # fmt: skip
    account = said.pop("account", "TIEOUT")
    return netsuite.Config(account=account, auth=netsuite.TokenAuth(**said))


class Served:
    """The face behind HTTPS on this machine, and its client."""

    def __init__(self, directory, monkeypatch):
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        issued.private_key_and_cert_chain_pem.write_to_path(directory / "server.pem")
        authority.cert_pem.write_to_path(directory / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(directory / "ca.pem"))
        self.made = company()
        door = Door(
            self.made.systems["erp"].service.serve, lambda: self.made.wire.clock.now, CALENDAR, shared_clock=False
        )
        self.face = make(door, CREDENTIALS)
        self._server = Listening(ssl_certfile=str(directory / "server.pem"))
        self._server.app = self.face.app

    def __enter__(self):
        self._server.__enter__()
        return self

    def __exit__(self, *failure):
        self._server.__exit__(*failure)
        assert not self._server.failures

    def client(self, **changes):
        client = netsuite.NetSuite(config(**changes))
        client.rest_api.hostname = f"localhost:{self._server.port}"
        return client.rest_api

    def url(self, path):
        return f"https://localhost:{self._server.port}{path}"

    @property
    def erp(self):
        return self.made.erp


def run(work):
    return asyncio.run(work)


def refused(error):
    """The status, NetSuite's code and the place that a client was refused with."""
    said = json.loads(error.response_text)
    assert said["status"] == error.status_code and said["type"] and said["title"]
    (detail,) = said["o:errorDetails"]
    return error.status_code, detail["o:errorCode"], detail.get("o:errorPath")


async def post(client, path, body, **more):
    """The id of what was made."""
    answer = await client.request("POST", path, json=body, **more)
    assert answer.status_code == 204, answer.text
    return answer.headers["location"].rpartition("/")[2]
