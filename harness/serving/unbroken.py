"""A face whose errors are answered with 500, and told on standard error: they end a request, and not the world."""

import traceback
from dataclasses import replace
from typing import Any

from fakes.faces.calling import App, Message
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face, MakeFace
from harness import console
from sim.http import HttpRequest

UNNAMED = ("request", "")
"""The operation and the key of a request that the face cannot name: its app will find the words to refuse it."""


def unbroken(make: MakeFace) -> MakeFace:
    """Makes the same face, whose app raises nothing, and which has a word for whatever request comes."""

    def made(door: Door, credentials: Credentials) -> Face:
        face = make(door, credentials)

        def named(request: HttpRequest) -> tuple[str, str]:
            try:
                return face.named(request)
            except Exception:
                return UNNAMED

        return replace(face, app=_quiet(face.app, face.name), named=named)

    return made


def _quiet(app: App, name: str) -> App:
    known: set[str] = set()

    async def quiet(scope: Message, receive: Any, send: Any) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, sending)
        except Exception as error:  # frameworks answer with 500, and raise all the same
            place = "".join(traceback.format_tb(error.__traceback__))
            told = f"{error!r}, as before" if place in known else "".join(traceback.format_exception(error)).rstrip()
            known.add(place)
            where = f"{scope['method']} {scope['path']}"
            console.remark(f"{told}\ntieout: the face {name} broke at {where}: please report it")
            if not begun:
                await send({"type": "http.response.start", "status": 500, "headers": []})
                await send({"type": "http.response.body", "body": b""})

    return quiet
