"""Worker processes end with their parent's interest in them, whatever they are about."""

import subprocess
import sys

from tests.cli.command_line import surroundings

HALF_WAY = """
import time
from multiprocessing.connection import Connection
from pathlib import Path

from harness.workers import each_result

first_received, half_sent = Path("first-received"), Path("half-sent")

def wait_for(path):
    while not path.exists():
        time.sleep(0.01)

def work(task):
    if task == "small":
        return task
    wait_for(first_received)
    send = Connection._send

    def send_half(self, data, *more):
        send(self, data[: len(data) // 2], *more)
        if len(data) > 1000:
            half_sent.touch()
            time.sleep(600)

    Connection._send = send_half
    return task * 100_000

if __name__ == "__main__":
    results = each_result(work, ["large", "small"], 2)
    print(next(results))
    first_received.touch()
    wait_for(half_sent)
    results.close()
"""


def test_a_worker_that_is_ended_half_way_through_its_result_holds_up_nobody(tmp_path):
    (tmp_path / "half_way.py").write_text(HALF_WAY)

    done = subprocess.run(
        [sys.executable, "half_way.py"], cwd=tmp_path, env=surroundings(), timeout=60, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "small\n", "")
