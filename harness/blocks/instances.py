"""Which instance of a system is meant: a group of companies has an ERP for each legal entity.

A layer speaks of `erp`. Whose one, the work at hand says: the entity of the customer that an event is about travels
with the work, as its cause does.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from fakes.names import instance_for, kind_of
from sim.payloads import plain_body

ENTITY: ContextVar[str] = ContextVar("legal entity", default="")
"""The legal entity that the work at hand is done for; "" is the first."""

SEVERAL = "erp"
"""The kind of system of which there may be several."""


def entity_of(body: Any) -> str:
    """The legal entity that a record is about, whatever its source calls its fields by now."""
    entity: str = getattr(plain_body(body), "entity", "")
    return entity


def has_several(systems: Iterable[str]) -> bool:
    """Whether there are several instances among some systems, by their names."""
    return sum(kind_of(name) == SEVERAL for name in systems) > 1


def instance_of(system: str) -> str:
    """The instance of a system that the work at hand is for."""
    return instance_for(system, ENTITY.get())


def entities_of(bodies: Iterable[Any]) -> list[str]:
    """The legal entities of some records, each once, in their order."""
    return list(dict.fromkeys(map(entity_of, bodies)))
