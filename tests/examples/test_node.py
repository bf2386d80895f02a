"""The example in Node.js, over real HTTP, on a clock that is stepped: a process of its own, in another language."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@contextmanager
def running(*command, **env):
    """A process, and the JSON line with which it says that it listens."""
    process = subprocess.Popen(
        [*map(str, command)], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_it_ties_a_month_out():
    port = free_port()
    told_at = f"http://127.0.0.1:{port}"
    serve = (sys.executable, "-m", "harness", "serve", "calm-month", "--set", "business.contracts=8")
    serve += ("--clock", "manual", "--json", "--webhook-url", told_at)
    with running(*serve) as served:
        faces = served["faces"]
        urls = {f"{name.upper()}_URL": faces[name]["base_url"] for name in ("crm", "billing", "erp", "revenue")}
        with running("node", "examples/node/integration.mjs", PORT=str(port), **urls) as told:
            assert told == {"port": port}
            ask(f"{served['control']}/clock/advance", {"by": "45 d"})
            audited, state = ask(f"{served['control']}/audit", {}), ask(f"{served['control']}/state")

    assert audited["breaks"]["open_at_close"] == 0 and audited["breaks"]["by_kind"] == {}
    assert state["webhooks"]["accepted"] > 30
    assert state["requests"]["erp"]["ok"] > 30
