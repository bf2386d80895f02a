"""A program that a user brings, as `module:attribute`: whenever it starts, it starts with nothing in memory."""

import sys
from functools import lru_cache
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any, ClassVar, Protocol

from harness.endings import LayerError


class Startable(Protocol):
    """A program that a layer can be."""

    def started(self) -> Any:
        """The object to run, with nothing in memory."""


class Program:
    """The object that `attribute` of a module is; each `started` one is made by importing the module anew."""

    def __init__(self, module: str, attribute: str) -> None:
        self.module = module
        self.attribute = attribute

    def started(self) -> Any:
        """The object, of modules that were imported just now: its own, and all that lie beside it."""
        for name in self._own():
            del sys.modules[name]
        invalidate_caches()
        return getattr(import_module(self.module), self.attribute)

    def _own(self) -> list[str]:
        """The modules that are the program's: those in the folder that its outermost one is in, or below."""
        place = getattr(sys.modules.get(self.module), "__file__", None)
        if place is None:
            return []
        levels = self.module.count(".") + (Path(place).name == "__init__.py")
        home = Path(place).resolve().parents[levels]
        return [name for name, module in sys.modules.items() if _is_below(home, name, module)]


class Held:
    """An object that no module holds: it can be started once, for nothing can make it forget."""

    begun: ClassVar[list[Any]] = []
    """The objects that have been started: kept, so that no other can be taken for one of them."""

    def __init__(self, brought: Any, name: str) -> None:
        self._brought = brought
        self._name = name

    def started(self) -> Any:
        """The object itself, the first time. Raises LayerError the second."""
        if any(each is self._brought for each in self.begun):
            raise LayerError(
                f"{self._name} cannot be started again with nothing in memory, for no importable module holds it: "
                "define it at the top of a module, or make a new one for each run"
            )
        self.begun.append(self._brought)
        return self._brought


def _is_below(home: Path, name: str, module: object) -> bool:
    """Whether a module lies in a folder or below it, and is neither ours nor installed."""
    at = getattr(module, "__file__", None)
    return bool(at) and name.partition(".")[0] not in NOT_ITS_OWN and _lies_below(home, at)


@lru_cache(maxsize=1 << 14)
def _lies_below(home: Path, at: str) -> bool:
    path = Path(at).resolve()
    return home in path.parents and "site-packages" not in path.parts


NOT_ITS_OWN = frozenset(
    {"__main__", "benchmarks", "conftest", "fakes", "harness", "reports", "scenarios", "sim", "tests"}
)
"""What can lie beside a program and is none of it: our packages, and whoever runs us."""
