"""What every face is: an app, the hosts that it is found under, and how it tells of events and of trouble."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fakes.faces.calling import App
from fakes.faces.door import Door
from sim.delivery import Event
from sim.http import HttpRequest, HttpResponse
from sim.network import Response


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client is let in with, as the face understands it, and the secret that events are signed with.

    `account` is the company's name at a product that has many in one place.
    """

    api_key: str = "sk_test_tieout"
    client_id: str = "tieout"
    client_secret: str = "tieout-secret"
    signing_secret: str = "whsec_dGllb3V0LXNpZ25pbmctc2VjcmV0"
    account: str = "TIEOUT"


@dataclass(frozen=True, kw_only=True)
class Face:
    """One system in the words of one product.

    `name` is the product's, `system` the kind of system that it plays, `hosts` the names that its clients know it by:
    `*.` stands for any name below. `named` says of a request which operation it asks for, in a word, and which business
    key it is about: by these two the network draws its luck. `refusal` is how the product says what the network made
    of a call. `webhook` is an event as it tells of it, without a place to be sent to; None where it tells nobody.
    `tells` are the types of events that it has of its own, of what its core knows nothing of.
    """

    name: str
    system: str
    hosts: tuple[str, ...]
    app: App
    named: Callable[[HttpRequest], tuple[str, str]]
    refusal: Callable[[Response], HttpResponse]
    webhook: Callable[[Event, int], HttpRequest | None] = lambda event, now_us: None
    tells: frozenset[str] = frozenset()


MakeFace: TypeAlias = Callable[[Door, Credentials], Face]
"""Puts a face on a system."""
