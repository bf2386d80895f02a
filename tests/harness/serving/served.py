"""A served world within a test: begun in its event loop, and stopped at the end."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx

from harness.serving.opening import Place, serve
from harness.serving.plan import Plan, products_of
from harness.serving.session import Manner
from scenarios.load import loads
from tests.harness.serving.plain import FACES

SMALL = """
name: served
seed: 15
calendar: {quarter_start: 2026-01-01, months: 1, lead_in: 0 d, holidays: none}
business: {contracts: 20, active_share: 0, profile: flat}
"""


def plan_of(scenario: str = SMALL, *, told: bool = False, patience: int = 1, faces: str = FACES) -> Plan:
    loaded = loads(scenario, "served.yaml")
    return Plan(loaded, loaded.seed, products_of(loaded, faces), told=told, patience=patience)


class Client:
    """Who calls a served world."""

    def __init__(self, said, http: httpx.AsyncClient) -> None:
        self.said = said
        self.http = http
        self.control = said["control"]

    def at(self, system: str) -> str:
        (url,) = (face["base_url"] for face in self.said["faces"].values() if face["system"] == system)
        return url

    async def state(self):
        return (await self.http.get(f"{self.control}/state")).json()

    async def tell(self, path: str, body=None):
        return await self.http.post(f"{self.control}{path}", json=body)

    async def advance(self, **said):
        answer = await self.tell("/clock/advance", {"rest_s": 0, **said})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def customer(self, account: str, system: str = "billing", **headers):
        body = {"account": account, "name": "Somebody"}
        return await self.http.post(f"{self.at(system)}/customers", json=body, headers=headers)


@asynccontextmanager
async def served(scenario: str = SMALL, *, url=None, mode="manual", speed=1, state=None, place=None):
    plan = plan_of(scenario, told=url is not None, patience=speed)
    place = place or Place()
    announced: asyncio.Future = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(serve(plan, Manner(mode, speed, url, state), place, announced.set_result))
    await asyncio.wait([announced, running], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    said = announced.result()
    json.dumps(said)
    verify = said["ca_file"] or True
    headers = {"authorization": f"Bearer {place.token}"} if place.token else {}
    if place.tls:
        import ssl

        verify = ssl.create_default_context(cafile=said["ca_file"])
    async with httpx.AsyncClient(verify=verify, trust_env=False, timeout=20, headers=headers) as http:
        client = Client(said, http)
        yield client
        if not running.done():
            await client.tell("/stop")
    assert await running == 0


class Integration:
    """An integration's endpoint: what it was told, and what it does about it, which is to acknowledge."""

    def __init__(self) -> None:
        self.told = []
        self.answers = lambda told: 200
        self.work = None

    @asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    async def _serve(self, reader, writer):
        try:
            while line := await reader.readline():
                headers = {}
                while (header := await reader.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = json.loads(await reader.readexactly(int(headers["content-length"])))
                told = {"path": line.split()[1].decode(), "headers": headers, **body}
                self.told.append(told)
                if self.work:
                    await self.work(told)
                writer.write(b"HTTP/1.1 %d said\r\ncontent-length: 0\r\n\r\n" % self.answers(told))
        except ConnectionError:
            pass
        finally:
            writer.close()
