"""`tieout serve` says what is wrong before it listens, and ends as other commands do."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.serving.plain import FACES

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["nowhere.yaml"], "nowhere.yaml"),
        (["two-contracts", "--faces", "biling=generic"], "did you mean billing?"),
        (["two-contracts", "--faces", "projects=generic"], "this company has crm, billing, erp, revenue"),
        (["two-contracts", "--faces", "crm=peoplesoft"], "no face 'peoplesoft'"),
        (["two-contracts", "--faces", "crm"], "says no product"),
        (["two-contracts", "--faces", "crm=generic,crm=generic"], "given twice"),
        (["two-contracts", "--faces", "crm=no.such:make"], "no module named 'no'"),
        (["two-contracts", "--clock", "manual", "--speed", "10"], "drop one of the two"),
        (["two-contracts", "--host", "0.0.0.0"], "--control-token"),
        (["two-contracts", "--webhook-url", "localhost:80"], "is no URL"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_message(tieout, options, why):
    ended = tieout("serve", *options)

    assert ended.status == 2
    assert why.lower() in ended.err.lower()
    assert ended.out == ""


def test_a_port_that_is_taken_is_the_surroundings_fault(tieout):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = tieout("serve", "two-contracts", "--faces", FACES, "--port", taken.getsockname()[1])

    assert ended.status == 4
    assert "--port" in ended.err and "never awaited" not in ended.err


def test_ctrl_c_ends_it_with_130_and_leaves_the_port_free(tmp_path):
    command = [sys.executable, "-m", "harness", "serve", "two-contracts", "--faces", FACES, "--json", "--clock", "real"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert out == "" and "Traceback" not in err and "stopped, at 2026-01-01 00:00" in err
    port = int(said["control"].rpartition(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        pass
