"""What a store of records is told: the types that it is to keep, what is written, and what became of that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

OnDelete = Literal["clear", "cascade", "restrict"]
"""What becomes of a reference when the record that it leads to is deleted."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What records of a type have: texts are at most `size` long; one that is a key is `indexed`, maybe `unique`.

    A reference leads to a record of one of the types `refers_to`.
    """

    name: str
    size: int | None = None
    required: bool = False
    indexed: bool = False
    unique: bool = False
    refers_to: tuple[str, ...] = ()
    on_delete: OnDelete = "clear"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type of record: `number` makes an id of a count. No two records agree in all of an `unique_together`."""

    name: str
    number: Callable[[int], str]
    attributes: tuple[Attribute, ...]
    unique_together: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True, eq=False)
class Record:
    """One record. Its `values` are replaced and never changed; what its source has to say of it is `kept` by that."""

    id: str
    type: str
    values: Mapping[str, Any]
    created_us: int
    modified_us: int
    deleted: bool = False
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a write was declined: a word, the attributes concerned, and what else there is to say: ids, a size."""

    word: str
    names: tuple[str, ...] = ()
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one write."""

    id: str = ""
    created: bool = False
    problem: Problem | None = None


Action = Literal["insert", "update", "upsert", "delete", "undelete"]


@dataclass(slots=True)
class Write:
    """One write. An upsert is of the record whose attribute `by` is `key`.

    With `source_us` it is the system's own, done at that instant: nobody else may write what it says, or delete it.
    """

    action: Action
    type: str
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    key: Any = None
    source_us: int | None = None


@dataclass(slots=True)
class DeclareTypes:
    """Declare types of records; one of a known name takes its place, and its records stay."""

    types: tuple[ObjectType, ...]


@dataclass(slots=True)
class WriteObjects:
    """Do these writes in order; with `all_or_none`, all of them or none. An outcome for each comes back."""

    writes: tuple[Write, ...]
    all_or_none: bool = False


@dataclass(slots=True)
class ViewObjects:
    """Get what can be read at this instant."""


@dataclass(slots=True)
class MarkObjects:
    """Remember the present state, to come back to; the mark comes back. There may be marks within marks."""


@dataclass(slots=True)
class ReleaseObjects:
    """Forget the newest mark, and `unwind` all that was written since if so asked."""

    mark: int
    unwind: bool = False
