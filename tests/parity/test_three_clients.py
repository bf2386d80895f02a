"""Three vendors' own clients take a quote to cash: over HTTPS, with other base URLs, and in virtual time, unchanged."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import stripe
from simple_salesforce import Salesforce

from fakes.faces.face import Credentials
from harness.replication import replicate
from scenarios.load import loads
from tests.parity.three_clients import SCENARIO, Clients, ledger_of, quote_to_cash

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    # What NetSuite's client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


@contextmanager
def served(scenario):
    """`tieout serve` of a scenario: what it says once it listens."""
    command = (sys.executable, "-m", "harness", "serve", str(scenario), "--tls", "--clock", "manual", "--json")
    command += ("--faces", "crm=salesforce,billing=stripe,erp=netsuite")
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    ) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(20)


def over_https(tmp_path, monkeypatch):
    """What came of it where the clients are told other base URLs, and whom to trust."""
    (tmp_path / "three-clients.yaml").write_text(SCENARIO)
    with served(tmp_path / "three-clients.yaml") as said:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            monkeypatch.setenv(name, said["ca_file"])
        monkeypatch.setattr(stripe, "ca_bundle_path", said["ca_file"])
        faces = said["faces"]

        async def later(**passing):
            by = f"{timedelta(**passing).total_seconds():.0f} s"
            httpx.post(f"{said['control']}/clock/advance", json={"by": by}, timeout=60).raise_for_status()

        crm, payments, erp = (faces[name] for name in ("salesforce", "stripe", "netsuite"))
        clients = Clients(
            Salesforce(instance_url=crm["base_url"], session_id=crm["access_token"]),
            stripe.StripeClient(payments["api_key"], base_addresses={"api": payments["base_url"]}),
            ledger_of(erp),
            later,
        )
        clients.ledger.hostname = erp["base_url"].removeprefix("https://")
        return asyncio.run(quote_to_cash(clients))


OUTCOMES = []


async def worker():
    """The same in virtual time, where the clients find their own hosts."""
    known = Credentials()

    async def later(**passing):
        await asyncio.sleep(timedelta(**passing).total_seconds())

    clients = Clients(
        Salesforce(username="tieout", password=known.client_secret, security_token=known.api_key),
        stripe.StripeClient(known.api_key),
        ledger_of(asdict(known)),
        later,
    )
    OUTCOMES.append(await quote_to_cash(clients))


def in_virtual_time():
    OUTCOMES.clear()
    done = replicate(loads(SCENARIO, "three-clients.yaml"), f"{__name__}:worker", 0)
    assert not [said for said in done.document["remarks"] if "integration" in said]
    (outcome,) = OUTCOMES
    return outcome


def test_a_quote_comes_to_cash_both_ways(tmp_path, monkeypatch):
    found = in_virtual_time()

    assert found["deal"] == ("Activated", 1194.0, True)
    # Ten seats; two more for 21 days of 31; twelve seats.
    assert [minor for _, minor, _ in found["invoices"]] == [99_500, round(2 * 9_950 * 21 / 31), 119_400]
    assert found["transactions"] == [
        ("CustCred", "1", "-200"), ("CustInvc", "3", "2323.81"), ("CustPymt", "1", "-995"), ("Journal", "1", "995"),
        ("SalesOrd", "1", "1194"),
    ]  # fmt: skip
    assert found["owed"] == ("1128.81", 112_881) and found["paid"] == ("paid", 0)
    assert (found["books"], found["closed"], found["late"]) == ("0", True, 400)
    assert found == over_https(tmp_path, monkeypatch)
