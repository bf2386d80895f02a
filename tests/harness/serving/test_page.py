"""The status page, in a real browser."""

import asyncio
import re
import shutil
from html.parser import HTMLParser

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
