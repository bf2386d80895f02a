"""What a core has to tell: it writes news down and calls nobody; the world decides when they travel."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class News:
    """A change worth telling: the event's type, the business key and version it is about, and the record."""

    type: str
    key: str
    version: int
    body: Any
