"""The example with three vendors' own clients, unchanged, in virtual time: sold, billed, posted, and tied out."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from harness.replication import replicate
from scenarios.load import load

with warnings.catch_warnings():  # authlib, which signs for NetSuite's client, would rather be used with httpx2,
    import authlib.deprecate  # noqa: F401 - and when it is imported has its warnings always shown

    warnings.simplefilter("ignore")
    import netsuite  # noqa: F401 - the example imports it anew for each of its lives, but not what it imports

ROOT = Path(__file__).resolve().parents[2]
LAYER = "examples.quote_to_cash.integration:app:crm=salesforce,billing=stripe"

pytestmark = [
    # What the client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


@pytest.mark.parametrize(("scenario", "contracts"), [("calm-month", 25), ("billing-outage", 30)])
def test_it_ties_out(scenario, contracts):
    done = replicate(load(scenario, [f"business.contracts={contracts}"]), LAYER, 0)

    assert done.audit.breaks == ()
    assert all(one["held"] for one in done.document["expectations"])
    assert not done.document["remarks"]
    assert bool(done.simulation.wire.struck) == (scenario == "billing-outage")
    documents = done.simulation.company.erp.open_items
    assert {item.total_minor > 0 for item in documents} == {True, False}  # invoices, and a credit memo


def test_it_is_the_same_run_under_another_hash_seed(tmp_path):
    command = (sys.executable, "-m", "harness", "run", "billing-outage", "--set", "business.contracts=8")
    command += ("--layer", LAYER, "--check-determinism", "--quiet", "--json", "--out", str(tmp_path / "run"))
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["breaks"]["open_at_close"] == 0
