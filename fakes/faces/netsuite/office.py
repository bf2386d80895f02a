"""An account at NetSuite: the books behind it, what clients have said beside them, and where each type of record is.

Amounts, dates and states are the core's. What it has no rule for (a memo, an e-mail address, the lines of an invoice)
is noted among the particulars of its records, and so are records of types that it does not know (items, departments).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from fakes.erp import Erp
from fakes.erp_desk import ViewBooks
from fakes.faces.door import Door
from fakes.faces.netsuite.errors import bad_value, no_such_type
from fakes.faces.netsuite.fields import RecordType, Reference
from fakes.particulars import Particulars, ParticularsDesk, ViewParticulars, WriteParticulars

Body = dict[str, Any]
"""What a client has sent of a record: values as they are kept, by field."""


class Finds(Protocol):
    """Where a record can be found."""

    def find(self, reference: Reference) -> int | None:
        """The id of the record that a client means."""


class Records(Protocol):
    """All records of one type, or of several that are found together."""

    type: RecordType

    def ids(self) -> Iterable[int]:
        """The ids of all, the oldest first."""

    def has(self, id_: int) -> bool:
        """Whether there is one of that id."""

    def find(self, reference: Reference) -> int | None:
        """The id of the record that a client means."""

    def show(self, id_: int) -> Body:
        """A record's fields and sublists."""

    def create(self, body: Body) -> int:
        """The id of a new record."""

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        """Change a record; `replaced` are the sublists that are written anew."""

    def delete(self, id_: int) -> None:
        """Delete a record."""


class Office:
    """What all types of record share: the core's `books` among it."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.books: Erp = door.ask(ViewBooks())
        self._beside: ParticularsDesk = door.ask(ViewParticulars())
        self.records: dict[str, Records] = {}
        self._folded: dict[str, Records] = {}
        self._together: dict[str, tuple[Finds, ...]] = {}

    @property
    def today(self) -> int:
        """The present day."""
        return self.door.calendar.day_of(self.door.now_us)

    # --- types ---------------------------------------------------------------------------------------

    def keep(self, *kinds: Records) -> None:
        """Have these types of record."""
        for one in kinds:
            self.records[one.type.name] = one
            self._folded[one.type.name.lower()] = one

    def together(self, to: str, *kinds: "Finds") -> None:
        """Have references of this kind lead to records of several types."""
        self._together[to] = kinds

    def of_type(self, name: str) -> Records:
        """The records of a type, in whichever case it is written. Raises Fault: 404."""
        found = self._folded.get(name.lower())
        if found is None:
            raise no_such_type(name)
        return found

    # --- references ----------------------------------------------------------------------------------

    def resolve(self, to: str, reference: Reference, field: str) -> int:
        """The id that a reference leads to. Raises Fault: 400."""
        for records in self._together.get(to) or (self.records[to],):
            found = records.find(reference)
            if found is not None:
                return found
        raise bad_value(reference, field, reference.path or field)

    # --- particulars ---------------------------------------------------------------------------------

    def stamped(self, said: Mapping[str, Any]) -> Body:
        """What a client says of a record, to be noted, with the instant at which it does."""
        return {**said, "lastModifiedDate": self.door.now_us}

    def note(self, kind: str, key: str, said: Mapping[str, Any]) -> Particulars:
        """Note something about a record of the core, or a record that it does not have."""
        noted: Particulars = self.door.ask(WriteParticulars(kind, key, said))
        return noted

    def noted(self, kind: str, key: str) -> Mapping[str, Any]:
        """What is noted."""
        known = self._beside.thing(kind, key)
        return {} if known is None else known.fields

    def all_noted(self, kind: str) -> Sequence[Particulars]:
        """All that is noted of a kind."""
        return self._beside.things(kind)

    def name(self, kind: str, word: str, key: str) -> None:
        """Have a record be found by a word, such as its external id."""
        self.note(f"{kind} by name", word, {"key": key})

    def named(self, kind: str, word: str) -> str | None:
        """The key of the record that has this name."""
        key: str | None = self.noted(f"{kind} by name", word).get("key")
        return key


def stamps(created_us: int, noted: Mapping[str, Any], changes_us: Iterable[int] = ()) -> Body:
    """When a record was made, and last changed: by whoever changed the core's, or by what a client said beside it."""
    return {
        "createdDate": created_us,
        "lastModifiedDate": max((created_us, noted.get("lastModifiedDate", created_us), *changes_us)),
    }


def number_of(core_id: str) -> int:
    """The number that a core's id ends with."""
    return int(core_id.rpartition("-")[2])


def core_id(prefix: str, entity: str, number: int, digits: int) -> str:
    """The core's id of that number in the instance of a legal entity."""
    mark = f"-{entity.upper()}" if entity else ""
    return f"{prefix}{mark}-{number:0{digits}}"


TRANSACTIONS = {"salesOrder": 1, "document": 2, "cash": 3, "journalEntry": 4}
"""All transactions share one sequence of ids: the last digit says what a record is."""


def transaction_id(kind: str, of_core: str) -> int:
    """A transaction's id."""
    return 10 * number_of(of_core) + TRANSACTIONS[kind]


def transaction_number(kind: str, id_: int) -> int | None:
    """The core's number of a transaction of that kind; None for other ids."""
    number, digit = divmod(id_, 10)
    return number if digit == TRANSACTIONS[kind] and number > 0 else None
