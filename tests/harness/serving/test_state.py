"""A served world whose inputs are kept is the same again after it was stopped, or killed in the midst of traffic."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from harness.agreed import agree
from harness.endings import Invalid, NotWritable
from harness.serving import inputs
from harness.serving.journal import Journal
from harness.serving.outside import Webhook
from harness.serving.session import Manner, Session
from harness.serving.world import World
from sim.durations import HOUR, MINUTE, SECOND
from sim.http import HttpRequest
from tests.harness.serving.plain import FACES
from tests.harness.serving.served import SMALL, Integration, plan_of, served

REPOSITORY = Path(__file__).parents[3]


def customer(account: str) -> HttpRequest:
    body = json.dumps({"account": account, "name": "Somebody"}).encode()
    return HttpRequest("POST", "127.0.0.1", "/customers", (("content-type", "application/json"),), body)


class Told:
    """A world's inputs, put in one after the other."""

    def __init__(self, pieces_us: int) -> None:
        plan = plan_of(told=True)
        self.webhooks: list[Webhook] = []
        self.answers: list[object] = []
        self.world = World(plan, agree(plan.scenario, plan.seed), self.webhooks.append)
        self._pieces_us = pieces_us

    def put(self, said: inputs.Input) -> None:
        clock = self.world.clock
        while self._pieces_us and clock.now + self._pieces_us < said.at_us:
            clock.pass_to(clock.now + self._pieces_us)
        self.world.apply(said, lambda answer: self.answers.append(answer.body if answer else None))


def test_the_same_inputs_make_the_same_world_however_time_is_cut_into_pieces():
    faults = [
        {"kind": "lost_response", "system": "billing", "share": 0.4},
        {"kind": "outage", "system": "crm", "for": "5 h"},
        {"kind": "duplicate_delivery", "system": "crm", "share": 0.5},
    ]
    worlds = [Told(0), Told(7 * MINUTE), Told(3 * HOUR)]
    for told in worlds:
        at_us = HOUR
        for fault in faults:
            told.put(inputs.Input(at_us, "fault", fault))
        for number in range(60):
            at_us += 3 * HOUR + number * SECOND
            told.put(inputs.ask(at_us, "plain-billing", customer(f"ACC-{number % 7}")))
            told.put(inputs.heard(at_us, number + 1, number % 5 > 0))
        told.put(inputs.Input(at_us, "fault", {"name": "lost response of billing", "on": False}))
        told.put(inputs.Input(at_us + HOUR, "clock"))

    first, *others = (told.world.simulation.trace.fingerprint() for told in worlds)
    assert [*others] == [first, first]
    assert worlds[0].answers == worlds[1].answers and None in worlds[0].answers
    assert [each.number for each in worlds[0].webhooks] == [each.number for each in worlds[1].webhooks]
    assert worlds[0].world.post.waiting.keys() == worlds[2].world.post.waiting.keys()


def test_a_world_that_was_stopped_goes_on_where_it_stood(tmp_path):
    kept, integration = tmp_path / "state.db", Integration()

    async def before():
        async with integration.listening() as url, served(url=url, state=kept) as client:
            await client.advance(by="8 d")
            await client.tell("/faults", {"kind": "throttling", "system": "erp", "per_minute": 1})
            made = (await client.customer("ACC-1")).json()
            await client.advance(by="1 h")
            return url, made, await client.state(), (await client.tell("/audit")).json()

    url, made, state, audit = asyncio.run(before())
    told = len(integration.told)

    async def again():
        async with served(url=url, state=kept) as client:
            return await client.state(), (await client.tell("/audit")).json(), (await client.customer("ACC-2")).json()

    state_again, audit_again, made_again = asyncio.run(again())
    assert told and len(integration.told) == told
    assert int(made_again["id"][4:]) == int(made["id"][4:]) + 1
    assert audit_again == audit
    for part in ("clock", "requests", "deliveries", "faults", "backlog", "business_status"):
        assert state_again[part] == state[part]


def test_a_reset_is_kept_too(tmp_path):
    kept = tmp_path / "state.db"

    async def before():
        async with served(state=kept) as client:
            await client.customer("ACC-1")
            await client.tell("/reset")

    async def again():
        async with served(state=kept) as client:
            return await client.state()

    asyncio.run(before())
    state = asyncio.run(again())
    assert state["clock"]["now_s"] == 0 and state["kept"]["inputs_replayed"] == 0


def begun(*options: str) -> tuple[subprocess.Popen, dict]:
    command = [sys.executable, "-m", "harness", "serve", *options, "--faces", FACES, "--json", "--quiet"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return process, json.loads(line)


def ended(process: subprocess.Popen, number: int) -> int:
    process.send_signal(number)
    process.communicate(timeout=20)
    return process.returncode


def test_a_kill_in_the_midst_of_traffic_loses_nothing_acknowledged(tmp_path):
    scenario = tmp_path / "served.yaml"
    scenario.write_text(SMALL, encoding="utf-8")
    options = (str(scenario), "--state", str(tmp_path / "state.db"), "--speed", "600")
    process, said = begun(*options)
    acknowledged: dict[str, str] = {}

    async def traffic(client: httpx.AsyncClient, worker: int) -> None:
        for number in range(10_000):
            account = f"ACC-{worker}-{number}"
            body = {"account": account, "name": "Somebody"}
            try:
                answer = await client.post(f"{said['faces']['plain-billing']['base_url']}/customers", json=body)
            except httpx.TransportError:
                return
            acknowledged[account] = answer.json()["id"]
            if len(acknowledged) == 150:
                process.kill()

    async def all_traffic():
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(
                f"{said['control']}/faults", json={"kind": "brownout", "system": "billing", "fail_share": 0}
            )
            await asyncio.gather(*(traffic(client, worker) for worker in range(4)))

    asyncio.run(all_traffic())
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL and len(acknowledged) >= 150

    again, said_again = begun(*options)
    with httpx.Client(trust_env=False) as client:
        state = client.get(f"{said_again['control']}/state").json()
        listed = client.get(f"{said_again['faces']['plain-billing']['base_url']}/customers").json()
    assert state["clock"]["now_s"] > 0 and state["faults"][0]["active"]
    assert acknowledged.items() <= {one["account"]: one["id"] for one in listed}.items()
    assert ended(again, signal.SIGTERM) == 130


def test_a_file_that_is_not_this_worlds_is_refused(tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as file:
        file.execute("create table things (name)")
    file.close()
    with pytest.raises(Invalid, match="another program's"):
        Journal(other, "digest", "served", lambda: 0)
    text = tmp_path / "text.db"
    text.write_text("no database at all, but some text that is long enough" * 20, encoding="utf-8")
    with pytest.raises(NotWritable, match="--state"):
        Journal(text, "digest", "served", lambda: 0)
    with pytest.raises(NotWritable, match="--state"):
        Journal(tmp_path / "nowhere" / "state.db", "digest", "served", lambda: 0)

    ours = Journal(tmp_path / "ours.db", "digest", "served", lambda: 0)
    with pytest.raises(NotWritable, match="another process"):
        Journal(tmp_path / "ours.db", "digest", "served", lambda: 0)
    ours.close()
    with pytest.raises(Invalid, match="--seed"):
        Journal(tmp_path / "ours.db", "another", "served", lambda: 0)


def test_a_damaged_file_is_told_of_and_nothing_is_left_open(tmp_path):
    async def keep():
        kept = Journal(tmp_path / "state.db", plan_of().digest, "served", lambda: 0)
        for number in range(200):
            kept.note(inputs.ask(number, "plain-billing", customer(f"ACC-{number}" * 20)))
        await kept.safe()
        kept.close()

    asyncio.run(keep())
    damaged = bytearray((tmp_path / "state.db").read_bytes())
    damaged[8_192 : len(damaged)] = b"\xff" * (len(damaged) - 8_192)
    (tmp_path / "state.db").write_bytes(damaged)

    async def serve():
        Session(plan_of(), Manner(state=tmp_path / "state.db"))

    with pytest.raises(Invalid, match=r"is damaged .* --state"):
        asyncio.run(serve())


def test_what_cannot_be_kept_is_not_acknowledged_and_ends_the_session(tmp_path):
    async def test():
        session = Session(plan_of(), Manner("manual", 1, None, tmp_path / "state.db"))
        assert (await session.ask("plain-billing", customer("ACC-1"))).status == 200
        session.journal._thread.submit(session.journal._file.close).result()
        answer = await session.ask("plain-billing", customer("ACC-2"))
        with pytest.raises(NotWritable):
            await session.close(0)
        return answer, session

    answer, session = asyncio.run(test())
    assert answer is None
    assert isinstance(session.trouble, NotWritable) and session.stopping.is_set()


def test_where_the_clock_stands_is_noted_also_while_inputs_are_being_written(tmp_path):
    stood_us = [1]
    journal = Journal(tmp_path / "kept.db", "digest", "scenario", lambda: stood_us[0])

    async def advanced():
        journal.note(inputs.ask(0, "crm", customer("A-1")))
        writing = asyncio.ensure_future(journal.safe())
        for _ in range(2):  # until the write is under way, and has read the clock
            await asyncio.sleep(0)
        stood_us[0] = 2
        await journal.stand()
        await writing

    try:
        asyncio.run(advanced())
        assert journal.stood_us() == 2
    finally:
        journal.close()
