"""One company's account with Stripe: its billing behind the door, the time, and what Stripe keeps beside it."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from fakes.desk import TellOf
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.stripe.errors import from_core, missing
from fakes.faces.stripe.ids import identifier, spelled
from fakes.news import OF_A_PRODUCT
from fakes.particulars import DropParticulars, Particulars, ParticularsDesk, ViewParticulars, WriteParticulars
from fakes.service import Refused
from sim.durations import SECOND

API_VERSION = "2026-10-28.endive"
"""The version that answers are in, whichever is asked for."""

Object = dict[str, Any]

_DAY_S = 86_400


class Account:
    """What the resources work with. Seconds are since 1970, as Stripe's; days are those of the run's calendar."""

    def __init__(self, door: Door, credentials: Credentials) -> None:
        self.door = door
        self.credentials = credentials
        self.calendar = door.calendar
        self.request: tuple[str | None, str | None] = (None, None)
        self.log: Callable[[Object | None], None] = lambda event: None
        self.open_drafts: dict[str, None] = {}  # by id, in order: those that are no invoice of billing's yet
        self._beside: ParticularsDesk = door.ask(ViewParticulars())
        self._told = 0
        self._origin_s = int(door.calendar.local(0).timestamp())
        self._by_field: dict[tuple[str, str, str], dict[str, None]] = {}

    def ask(self, request: Any) -> Any:
        """Have billing do something. Raises StripeError for what it refuses."""
        try:
            return self.door.ask(request)
        except Refused as refused:
            raise from_core(refused) from None

    # --- time ----------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The present second."""
        return self._origin_s + self.door.now_us // SECOND

    @property
    def today(self) -> int:
        """The present day."""
        return self.calendar.day_of(self.door.now_us)

    def seconds(self, us: int) -> int:
        """An instant of the run."""
        return self._origin_s + us // SECOND

    def instant_us(self, seconds: int) -> int:
        """The instant of the run that a second is."""
        return (seconds - self._origin_s) * SECOND

    def day_seconds(self, day: int) -> int:
        """The midnight with which a day begins."""
        return self.seconds(self.calendar.instant_us(day))

    def day_of(self, seconds: int) -> int:
        """The day that a client means: a midnight of UTC stands for its date, any other instant for the local day."""
        if seconds % _DAY_S == 0:
            return _EPOCH_DAY + seconds // _DAY_S
        return self.calendar.day_of((seconds - self._origin_s) * SECOND)

    # --- what is kept beside billing -----------------------------------------------------------------

    def read(self, kind: str, key: str) -> Object | None:
        """The fields of a thing; None if there is none."""
        known = self._beside.thing(kind, key)
        return None if known is None else known.fields

    def need(self, kind: str, key: str, param: str | None = None, named: str = "") -> Object:
        """The fields of a thing. Raises StripeError if there is none."""
        known = self.read(kind, key)
        if known is None:
            raise missing(named or kind.replace("_", " "), key, param)
        return known

    def write(self, kind: str, key: str, fields: Mapping[str, Any]) -> Object:
        """Set fields of a thing; all its fields."""
        self._index(kind, key, fields)
        written: Particulars = self.ask(WriteParticulars(kind, key, fields))
        return written.fields

    def drop(self, kind: str, key: str) -> None:
        """Drop a thing."""
        self._index(kind, key, _NOTHING)
        self.ask(DropParticulars(kind, key))

    def all(self, kind: str) -> Sequence[Particulars]:
        """All things of a kind, oldest first, also those that were dropped."""
        return self._beside.things(kind)

    def place(self, kind: str, key: str) -> int | None:
        """Where a thing is among those of its kind."""
        known = self._beside.thing(kind, key)
        return None if known is None else known.number - 1

    def new_id(self, prefix: str, kind: str) -> str:
        """The id of the next thing of a kind."""
        return identifier(prefix, len(self.all(kind)) + 1)

    def having(self, kind: str, field: str, value: str) -> Sequence[str]:
        """The ids of the things of a kind that say this of a field, in whichever case: `email`, or `metadata.key`."""
        return tuple(self._by_field.get((kind, field, value.lower()), ()))

    def _index(self, kind: str, key: str, fields: Mapping[str, Any]) -> None:
        known = self.read(kind, key)
        for one in _indexed(known, fields) if known else ():
            self._by_field.get((kind, *one), {}).pop(key, None)
        for one in _indexed(fields, fields):
            self._by_field.setdefault((kind, *one), {})[key] = None

    # --- events --------------------------------------------------------------------------------------

    def tell(self, type_: str, told: Object, previous: Object | None = None) -> None:
        """Have something happen: it is entered among the events, and subscribers are told."""
        self._told += 1
        id_ = event_id(type_, f"{told['id']}/{self._told}")
        event = event_object(type_, told, self.now, id_, previous, self.request)
        self.log(event)
        self.ask(TellOf(OF_A_PRODUCT, told["id"], 1, event))


_NOTHING: Object = {"email": None, "metadata": {}}


def _indexed(fields: Mapping[str, Any], written: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the index has of a thing's fields, of those that are `written`."""
    found = [("email", fields["email"].lower())] if "email" in written and fields.get("email") else []
    if "metadata" in written:
        found += [(f"metadata.{name}", value.lower()) for name, value in fields.get("metadata", {}).items()]
    return found


def event_id(type_: str, about: str) -> str:
    """The id of the event of a type about something, of which there is but one."""
    digest = sha256(f"{type_} {about}".encode()).digest()
    return f"evt_{spelled(int.from_bytes(digest[:18], 'big'), 24)}"


def event_object(
    type_: str,
    told: Object,
    created: int,
    id_: str,
    previous: Object | None = None,
    request: tuple[str | None, str | None] = (None, None),
) -> Object:
    """An event. `previous` are the fields that an update has changed, as they were."""
    data: Object = {"object": told}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": id_, "object": "event", "api_version": API_VERSION, "created": created, "data": data, "livemode": False,
        "pending_webhooks": 0, "request": {"id": request[0], "idempotency_key": request[1]}, "type": type_,
    }  # fmt: skip


def changed_fields(before: Object, after: Object) -> Object:
    """The fields that differ, as they were."""
    return {name: value for name, value in before.items() if after.get(name) != value}


_EPOCH_DAY = 719_163
"""1 January 1970, as an ordinal."""
