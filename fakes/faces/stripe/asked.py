"""One request, taken apart: what its path names, and its parameters as its operation wants them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.parameters import Spec


@dataclass(slots=True)
class Asked:
    """What is asked for. `ids` are those in the path, in their order; `path` is the whole path."""

    path: str
    ids: tuple[str, ...]
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The first id of the path."""
        return self.ids[0]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter."""
        return self.given.get(name, default)


Do: TypeAlias = Callable[[Account, Asked], Object]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for: by method and path, in which `*` is an id, under its word."""

    method: str
    path: str
    word: str
    do: Do
    spec: Spec = field(default_factory=dict)
    required: tuple[str, ...] = ()
