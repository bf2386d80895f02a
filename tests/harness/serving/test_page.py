"""The status page, in a real browser."""

import asyncio
import re
import shutil
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import ClassVar

import aiohttp
import pytest

from tests.harness.serving.served import Integration, served

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Texts(HTMLParser):
    """What each element that has an id says, in words with single spaces."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[str | None] = []
        self._said: dict[str, list[str]] = {}
        self.feed(page)

    def __getitem__(self, name: str) -> str:
        return " ".join(" ".join(self._said[name]).split())

    def handle_starttag(self, tag, attributes):
        name = dict(attributes).get("id")
        if tag not in VOID:
            self._open.append(name)
        if name:
            self._said[name] = []

    def handle_endtag(self, tag):
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data):
        for name in filter(None, self._open):
            self._said[name].append(data)


VOID = {"meta", "link", "br", "input", "img", "hr"}


class Browser:
    """A tab of a real browser, driven from the keyboard."""

    KEYS: ClassVar = {"Tab": 9, "Enter": 13}

    def __init__(self, socket, session: str) -> None:
        self._socket, self._session, self._number = socket, session, 1_000

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, profile: str):
        options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}")
        running = await asyncio.create_subprocess_exec(
            CHROMIUM, *options, "--remote-debugging-port=0", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            told = b""
            while b"DevTools listening on" not in told:
                told = await asyncio.wait_for(running.stderr.readline(), 30)
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(told.split()[-1].decode(), max_msg_size=0) as socket,
            ):
                whole = cls(socket, "")
                target = (await whole.ask("Target.createTarget", url=url))["targetId"]
                session = (await whole.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
                yield cls(socket, session)
        finally:
            running.kill()
            await running.wait()

    async def ask(self, method: str, **parameters):
        self._number += 1
        said = {"id": self._number, "method": method, "params": parameters}
        await self._socket.send_json({**said, "sessionId": self._session} if self._session else said)
        while True:
            heard = await self._socket.receive_json()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                return heard["result"]

    async def says(self, expression: str):
        found = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        async with asyncio.timeout(15):
            while not await self.says(expression):
                await asyncio.sleep(0.02)

    async def press(self, key: str) -> None:
        said = {"key": key, "code": key, "windowsVirtualKeyCode": self.KEYS[key]}
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **said, **({"text": "\r"} if key == "Enter" else {}))
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **said)

    async def press_button(self, text: str) -> None:
        for _ in range(40):
            await self.press("Tab")
            if await self.says("document.activeElement.textContent") == text:
                return await self.press("Enter")
        raise AssertionError(f"no button {text!r} is reached from the keyboard")


async def dumped(url: str, profile: str) -> str:
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=2500",
    )
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM, *options, "--dump-dom", url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    page, _ = await asyncio.wait_for(browser.communicate(), 60)
    return page.decode()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_the_page_shows_what_the_state_says(tmp_path):
    integration = Integration()

    async def test():
        async with integration.listening() as url, served(url=url) as client:
            await client.advance(by="9 d")
            await client.tell("/faults", {"kind": "brownout", "system": "erp", "name": "<b>slow & sour</b>"})
            await client.customer("ACC-1")
            return await client.state(), await dumped(f"{client.control}/", str(tmp_path))

    state, page = asyncio.run(test())
    says = Texts(page)
    assert says["link"] == "connected" and says["scenario"] == "served"
    assert says["now"] == state["clock"]["now"][:19].replace("T", " ")
    assert "stepped by hand" in says["pace"]
    waiting = sum(one["events"] for one in state["backlog"].values())
    assert waiting and says["waiting"] == str(waiting)
    assert says["faults"].startswith("<b>slow & sour</b> erp striking")
    assert [each for each in state["business_status"] if each.replace("_", " ") not in says["business"]] == []
    for name, one in state["requests"].items():
        assert f"{name} {one['open']} {one['ok']} {one['refused']} {one['throttled']}" in says["faces"]
    crm = state["deliveries"]["crm"]
    assert f"crm {crm['emitted']} {crm['delivered']} {crm['pending']}" in says["deliveries"]
    assert not re.search(r"(src|href)=\"https?://", page)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_faults_time_the_audit_and_the_end_are_reached_from_the_keyboard(tmp_path):
    async def test():
        async with served() as client, Browser.at(f"{client.control}/", str(tmp_path)) as browser:
            await client.tell("/faults", {"kind": "brownout", "system": "erp"})
            await browser.until("document.querySelector('#faults button') !== null")
            await browser.press_button("Turn off")
            await browser.until("document.querySelector('#faults .tag').textContent === 'at rest'")
            assert not (await client.state())["faults"][0]["active"]
            assert await browser.says("document.activeElement.textContent") == "Turn on"

            await browser.press_button("+ 1 week")
            await browser.until("document.querySelector('#now').textContent.startsWith('2026-01-08')")
            await browser.press_button("Audit now")
            await browser.until("!document.querySelector('#says').hidden")
            assert "missing downstream" in await browser.says("document.querySelector('#says').textContent")

            await browser.press_button("Reset")
            await browser.until("document.querySelector('#sure').open")
            assert await browser.says("document.activeElement.textContent") == "No"
            await browser.press_button("Yes")
            await browser.until("document.querySelector('#now').textContent === '2026-01-01 00:00:00'")

    asyncio.run(test())
