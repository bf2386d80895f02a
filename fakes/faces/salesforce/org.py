"""An organisation at Salesforce: its objects and records, its sessions, what it has used, and what sales entered."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.salesforce.access import Sessions
from fakes.faces.salesforce.catalogue import OBJECTS
from fakes.faces.salesforce.errors import not_found
from fakes.faces.salesforce.fields import Field, SObject
from fakes.faces.salesforce.ids import USER
from fakes.faces.salesforce.usage import GRANTED, Usage
from fakes.faces.salesforce.values import SECOND_US, Times, shown
from fakes.object_types import DeclareTypes, Outcome, Record, ViewObjects, Write, WriteObjects
from fakes.objects import Objects


class Org:
    """All that the paths of the face share."""

    def __init__(
        self,
        door: Door,
        credentials: Credentials,
        objects: Iterable[SObject] = OBJECTS,
        *,
        duplicate_rules: bool = False,
        calls_granted: int = GRANTED,
    ) -> None:
        self.door = door
        self.sessions = Sessions(credentials)
        self.usage = Usage(calls_granted)
        self.times = Times(door.calendar)
        self.duplicate_rules = duplicate_rules
        self.objects: dict[str, SObject] = {}
        self.by_prefix: dict[str, SObject] = {}
        self.declare(*objects)
        self.view: Objects = door.ask(ViewObjects())
        self._found()

    @property
    def now_us(self) -> int:
        """The present instant."""
        return self.door.now_us

    # --- objects -------------------------------------------------------------------------------------

    def declare(self, *objects: SObject) -> None:
        """Have these objects; one of a known name in its place."""
        for one in objects:
            self.objects[one.name.lower()] = one
            self.by_prefix[one.prefix] = one
        self.door.ask(DeclareTypes(tuple(one.stored for one in objects)))

    def sobject(self, name: str) -> SObject:
        """The object of a name. Raises Fault: 404."""
        found = self.objects.get(name.lower())
        if found is None:
            raise not_found()
        return found

    # --- records -------------------------------------------------------------------------------------

    def write(self, writes: Iterable[Write], *, all_or_none: bool = False) -> tuple[Outcome, ...]:
        """Have the store do these."""
        outcomes: tuple[Outcome, ...] = self.door.ask(WriteObjects(tuple(writes), all_or_none))
        return outcomes

    def record(self, sobject: SObject, id_: str | None) -> Record:
        """A record by its id. Raises Fault: 404 if there is none, or none any more."""
        record = self.view.records.get(id_ or "")
        if record is None or record.type != sobject.name or record.deleted:
            raise not_found()
        return record

    def value(self, record: Record, field: Field) -> Any:
        """What a record has in a field, as it is kept."""
        name = field.name
        if field.derive is not None:
            return field.derive(self.view, record)
        if name in record.values:
            return record.values[name]
        return _SYSTEM[name](record) if name in _SYSTEM else (False if field.type == "boolean" else None)

    def shown(self, record: Record, field: Field) -> Any:
        """What a record has in a field, as answers have it."""
        return shown(field, self.value(record, field), self.times)

    def _found(self) -> None:
        """The organisation itself, who works in it, and its standard price book: there from the beginning."""
        if any(True for _ in self.view.of_type("User")):
            return
        zone = self.door.calendar.timezone
        founded = {
            "User": {
                "Name": "Integration User", "Username": f"{self.sessions.client_id}@tieout.example", "IsActive": True,
                "Email": f"{self.sessions.client_id}@tieout.example", "TimeZoneSidKey": zone,
            },
            "Organization": {
                "Name": "Tieout", "IsSandbox": True, "OrganizationType": "Enterprise Edition", "InstanceName": "TIE1",
                "TimeZoneSidKey": zone, "DefaultCurrencyIsoCode": "USD",
            },
            "Pricebook2": {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True},
        }  # fmt: skip
        present = {name: values for name, values in founded.items() if name.lower() in self.objects}
        self.write(Write("insert", name, values=values, source_us=0) for name, values in present.items())


_SYSTEM: Mapping[str, Callable[[Record], Any]] = {
    "Id": lambda record: record.id,
    "IsDeleted": lambda record: record.deleted,
    "CreatedDate": lambda record: record.created_us // SECOND_US * SECOND_US,
    "LastModifiedDate": lambda record: record.modified_us // SECOND_US * SECOND_US,
    "SystemModstamp": lambda record: record.modified_us // SECOND_US * SECOND_US,
    "CreatedById": lambda record: USER,
    "LastModifiedById": lambda record: USER,
}
