"""What comes into a served world from outside: with the scenario and the seed, all that decides what happens in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sim.http import HttpRequest

Kind: TypeAlias = Literal["ask", "heard", "fault", "clock"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input, at its virtual instant: after all that was due up to then.

    `ask` is an HTTP request to a face, `heard` what became of a webhook, `fault` one that is switched on or off, and
    `clock` says no more than that time has come so far. `what` is JSON.
    """

    at_us: int
    kind: Kind
    what: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""


def ask(at_us: int, face: str, request: HttpRequest) -> Input:
    """A request to a face."""
    said = {"face": face, "method": request.method, "host": request.host, "target": request.target}
    return Input(at_us, "ask", {**said, "headers": [list(header) for header in request.headers]}, request.body)


def heard(at_us: int, number: int, accepted: bool) -> Input:
    """What became of a webhook."""
    return Input(at_us, "heard", {"number": number, "accepted": accepted})


def request_of(asked: Input) -> HttpRequest:
    """The request that an `ask` is."""
    what = asked.what
    headers = tuple((name, value) for name, value in what["headers"])
    return HttpRequest(what["method"], what["host"], what["target"], headers, asked.body)
