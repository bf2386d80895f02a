"""What Salesforce's objects and their fields are declared with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.faces.salesforce.ids import count_of, numbering
from fakes.object_types import Attribute, ObjectType, OnDelete, Record

if TYPE_CHECKING:
    from fakes.objects import Objects

Derive = Callable[["Objects", Record], Any]
"""A field that is worked out of others whenever it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: its `type` is Salesforce's word. By API it may be written at creation, and later, or not at all."""

    name: str
    type: str = "string"
    label: str = ""
    length: int = 255
    scale: int = 2
    required: bool = False
    createable: bool = True
    updateable: bool = True
    external_id: bool = False
    unique: bool = False
    to: tuple[str, ...] = ()
    relationship: str = ""
    children: str = ""
    on_delete: OnDelete = "clear"
    default: Any = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    derive: Derive | None = None

    @property
    def custom(self) -> bool:
        """Whether the organisation added it."""
        return self.name.endswith("__c")

    @property
    def long(self) -> bool:
        """Whether it is a long text: queries can neither filter nor sort by it."""
        return self.type == "textarea" and self.length > FILTERED_MAX

    @property
    def attribute(self) -> Attribute:
        """The field as the store keeps it."""
        size = self.length if self.type in TEXTS else None
        indexed = self.external_id or self.name == "Name"
        return Attribute(self.name, size, self.required, indexed, self.unique, self.to, self.on_delete)


TEXTS = frozenset({"string", "textarea", "picklist", "email", "phone", "url"})
NUMBERS = frozenset({"double", "currency", "percent"})
LINE_MAX = 255
FILTERED_MAX = 4_000
MULTILINE = 32_768
"""Characters of a text on one line, of one that queries can filter by, and of a long one."""


SYSTEM = (
    Field(name="Id", type="id", label="Record ID", length=18, createable=False, updateable=False),
    Field(name="IsDeleted", type="boolean", label="Deleted", createable=False, updateable=False),
    Field(name="CreatedDate", type="datetime", label="Created Date", createable=False, updateable=False),
    Field(
        name="CreatedById", type="reference", label="Created By ID", length=18, createable=False, updateable=False,
        to=("User",), relationship="CreatedBy",
    ),
    Field(name="LastModifiedDate", type="datetime", label="Last Modified Date", createable=False, updateable=False),
    Field(
        name="LastModifiedById", type="reference", label="Last Modified By ID", length=18, createable=False,
        updateable=False, to=("User",), relationship="LastModifiedBy",
    ),
    Field(name="SystemModstamp", type="datetime", label="System Modstamp", createable=False, updateable=False),
)  # fmt: skip
"""The fields that Salesforce itself keeps of every record."""


@dataclass(frozen=True)
class SObject:
    """An object: a type of records. Its ids begin with `prefix`. `together` is what no two records agree in."""

    name: str
    prefix: str
    fields: tuple[Field, ...]
    label: str = ""
    plural: str = ""
    together: tuple[tuple[str, ...], ...] = ()
    duplicate_rule: tuple[str, ...] = ()
    by_name: dict[str, Field] = field(init=False, repr=False, compare=False)
    relations: dict[str, Field] = field(init=False, repr=False, compare=False)

    defaults: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        defaults = {one.name: one.default for one in self.fields if one.default is not None}
        object.__setattr__(self, "defaults", defaults)
        object.__setattr__(self, "by_name", {one.name.lower(): one for one in self.all_fields})
        relations = {one.relationship.lower(): one for one in self.all_fields if one.relationship}
        object.__setattr__(self, "relations", relations)

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Every field, those that Salesforce keeps among them."""
        return SYSTEM[:2] + self.fields + SYSTEM[2:]

    @property
    def custom(self) -> bool:
        """Whether the organisation added it."""
        return self.name.endswith("__c")

    @property
    def stored(self) -> ObjectType:
        """The object as the store keeps it."""
        attributes = tuple(one.attribute for one in self.fields if one.derive is None)
        return ObjectType(self.name, numbering(self.prefix), attributes, self.together)

    def field(self, name: str) -> Field | None:
        """The field of a name, in whatever case."""
        return self.by_name.get(name.lower())


# --- shorthand ---------------------------------------------------------------------------------------


def text(name: str, length: int = 255, **more: Any) -> Field:
    """A text, of several lines if it is a long one."""
    return Field(name=name, type="string" if length <= LINE_MAX else "textarea", length=length, **more)


def address(of: str) -> tuple[Field, ...]:
    """The parts of an address."""
    street = Field(name=f"{of}Street", type="textarea")
    return (
        street,
        text(f"{of}City", 40),
        text(f"{of}State", 80),
        text(f"{of}PostalCode", 20),
        text(f"{of}Country", 80),
    )


def phone(name: str) -> Field:
    """A telephone number."""
    return Field(name=name, type="phone", length=40)


def external(name: str, *, unique: bool = False) -> Field:
    """A text by which another system knows the record."""
    return Field(name=name, external_id=True, unique=unique)


def number(name: str, type_: str = "double", **more: Any) -> Field:
    """A number: an amount in units of its currency, or a quantity."""
    return Field(name=name, type=type_, **more)


def amount(name: str, **more: Any) -> Field:
    """An amount in units of the record's currency."""
    return Field(name=name, type="currency", **more)


def date(name: str, **more: Any) -> Field:
    """A day."""
    return Field(name=name, type="date", **more)


def flag(name: str, **more: Any) -> Field:
    """A yes or no."""
    return Field(name=name, type="boolean", **{"default": False, **more})


def choice(name: str, *values: str, **more: Any) -> Field:
    """One of a list, to which whoever writes by API may add unless it is restricted."""
    return Field(name=name, type="picklist", values=values, **more)


def reference(name: str, *to: str, relationship: str = "", children: str = "", **more: Any) -> Field:
    """What leads to another record. `relationship` and `children` are its names from here and from there."""
    if not relationship:
        relationship = name.replace("__c", "__r") if name.endswith("__c") else name.removesuffix("Id")
    return Field(name=name, type="reference", length=18, to=to, relationship=relationship, children=children, **more)


def derived(name: str, type_: str, derive: Derive, **more: Any) -> Field:
    """What is worked out of other fields."""
    return Field(name=name, type=type_, derive=derive, createable=False, updateable=False, **more)


def auto_number(name: str) -> Field:
    """What counts the records of the object: eight digits."""

    def count(_: "Objects", record: Record) -> str:
        return f"{count_of(record.id):08d}"

    return derived(name, "string", count, length=30)
