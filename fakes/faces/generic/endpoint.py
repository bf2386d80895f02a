"""An endpoint of the generic API: which operation of a core it asks for, what it takes, and what it answers."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fakes.faces.generic.wire import Wire


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`method` and `path` ask for the core's `request`, whose fields come from path, `query` and `body` together.

    The answer is one record, or with `many` a list of them; `status` is 201 where there always is a new one. `about`
    is the field that says which business key a request is about. A body has `bytes_max` at most.
    """

    method: str
    path: str
    request: type
    answer: type[Wire]
    about: str
    body: type[Wire] | None = None
    query: type[Wire] | None = None
    many: bool = False
    status: int = 200
    bytes_max: int = 1_000_000
    example: dict[str, Any] | None = None

    @cached_property
    def word(self) -> str:
        """The operation's word, as the core has it."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.request.__name__).lower()

    @cached_property
    def told(self) -> str:
        """What it does, in the core's words."""
        return (self.request.__doc__ or "").strip()

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """The names of what is in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def matches(self) -> re.Pattern[str]:
        """Fits the paths of its requests."""
        return re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path) + "$")
