"""Answering requests without a framework's detours: an app that does, a body that is read, an answer that is sent."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from fastapi import FastAPI
from starlette.requests import ClientDisconnect

from fakes.faces.calling import App, Message
from sim.http import HttpResponse

Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Answering(FastAPI):
    """A FastAPI app whose requests `answer` takes as they come, by whichever method and path.

    FastAPI's own way through middleware, routes and dependencies takes as long as all that a face does for a request.
    What is no request, such as the app's lifespan, is left to FastAPI.
    """

    def __init__(self, answer: App) -> None:
        super().__init__(openapi_url=None, docs_url=None, redoc_url=None)
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        try:
            await self._answer(scope, receive, send)
        except ClientDisconnect:  # before its request was whole: nothing of it is done
            return


async def body_of(receive: Receive, bytes_max: int) -> bytes:
    """A request's body; of one that is longer than `bytes_max`, no more than shows that. Raises ClientDisconnect."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > bytes_max or not message.get("more_body", False):
            return bytes(body)


def headers_of(scope: Message) -> dict[str, str]:
    """A request's headers by name, which is in small letters; the first of each."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


async def say(send: Send, answer: HttpResponse) -> None:
    """Send an answer, and, where it may have a body, how long that is."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status != 204:
        headers.insert(0, (b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
