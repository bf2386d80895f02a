"""Opening a session to the outside: its ports, what is said of them, and how it ends."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness import console
from harness.endings import HELD, INTERRUPTED
from harness.serving.control import PREFIX, control
from harness.serving.garbage import beginnings_set_aside
from harness.serving.gateway import FaceDoor, Ports
from harness.serving.listening import GRACE_S, Listener, Tls, bound, url_of
from harness.serving.plan import Plan
from harness.serving.session import Manner, Session

SCHEMA = "tieout.serve/1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: the control plane at `port`, each face at one of those that follow; 0 is any that is free."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    token: str | None = None


async def serve(plan: Plan, manner: Manner, place: Place, announce: Callable[[dict[str, Any]], None]) -> int:
    """Serve until it is stopped; the exit status. `announce` gets the document of the session once it listens.

    Raises Surroundings where it cannot, and whatever Trouble ended it.
    """
    session = Session(plan, manner)
    if session.replayed:
        console.remark(f"tieout: {session.replayed} inputs were put in again: the world is where it was")
    tls = Tls(place.host) if place.tls else None
    try:
        return await _served(session, place, tls, announce)
    finally:
        await session.close(GRACE_S)
        if tls is not None:
            tls.close()


async def _served(session: Session, place: Place, tls: Tls | None, announce: Callable[[dict[str, Any]], None]) -> int:
    sockets = bound(place.host, place.port, 1 + len(session.world.faces))
    urls = [url_of(one, place.host, tls=tls is not None) for one in sockets]
    apps = [control(session, place.token), *(FaceDoor(name, session) for name in session.world.faces)]
    ports = Ports()
    ports.apps = {one.getsockname()[1]: app for one, app in zip(sockets, apps, strict=True)}
    listener = Listener(ports, tls.context if tls else None)
    serving = asyncio.ensure_future(listener.serve(sockets))
    serving.add_done_callback(lambda _: session.stopping.set())
    works = session.begin()
    with _stopped_by_signals(session, listener) as signals, beginnings_set_aside():
        while not listener.started and not serving.done():
            await asyncio.sleep(0.001)
        announce(document(session, urls, tls))
        await session.stopping.wait()
        listener.end()
        await serving  # time goes on meanwhile, for what is in flight
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    if session.trouble is not None:
        raise session.trouble
    at = session.agreed.calendar.local(session.world.clock.now)
    console.remark(f"tieout: stopped, at {at:%Y-%m-%d %H:%M} of the scenario")
    return INTERRUPTED if signals else HELD


def document(session: Session, urls: list[str], tls: Tls | None) -> dict[str, Any]:
    """What there is, and how one is let in."""
    credentials = session.plan.credentials
    faces = {
        name: {
            "system": face.system,
            "product": face.product,
            "base_url": url,
            "api_key": credentials.api_key,
            "access_token": credentials.api_key,
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "signing_secret": credentials.signing_secret,
            "account": credentials.account,
        }
        for (name, face), url in zip(session.world.faces.items(), urls[1:], strict=True)
    }
    return {
        "schema": SCHEMA,
        "control": f"{urls[0]}{PREFIX}",
        "faces": faces,
        "ca_file": str(tls.ca_file) if tls else None,
    }


def told(said: dict[str, Any]) -> str:
    """The same for people."""
    width = max(len(name) for name in said["faces"])
    lines = [f"control   {said['control']}/", ""]
    lines += [f"{name:{width}}  {face['base_url']}" for name, face in said["faces"].items()]
    first = next(iter(said["faces"].values()))
    lines += [
        "",
        f"API key and access token  {first['api_key']}",
        f"client id and secret      {first['client_id']}  {first['client_secret']}",
        f"webhooks are signed with  {first['signing_secret']}",
        f"account                   {first['account']}",
    ]
    if said["ca_file"]:
        lines += ["", f"certificates are those of {said['ca_file']}: name it in SSL_CERT_FILE and REQUESTS_CA_BUNDLE"]
    return "\n".join([*lines, "", "Stop with Ctrl-C."])


@contextmanager
def _stopped_by_signals(session: Session, listener: Listener) -> Iterator[list[int]]:
    """Have Ctrl-C and SIGTERM stop the session, as long as this lasts, and the second at once; which came."""
    loop, came = asyncio.get_running_loop(), list[int]()

    def stop(number: int) -> None:
        listener.force_exit = bool(came)
        came.append(number)
        session.stopping.set()

    watched = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop, number)
        except (NotImplementedError, RuntimeError, ValueError):  # not on every system, and in the main thread alone
            continue
        watched.append(number)
    try:
        yield came
    finally:
        for number in watched:
            loop.remove_signal_handler(number)
