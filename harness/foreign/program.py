"""A program that a user brings, as `module:attribute`: whenever it starts, it starts with nothing in memory."""

import sys
from contextlib import redirect_stdout
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any


class Program:
    """The object that `attribute` of a module is; each `started` one is made by importing the module anew."""

    def __init__(self, module: str, attribute: str) -> None:
        self.module = module
        self.attribute = attribute

    def started(self) -> Any:
        """The object, of modules that were imported just now: its own, and all that lie beside it.

        What the program prints while it is imported goes to standard error, as standard output is for data.
        """
        for name in self._own():
            del sys.modules[name]
        invalidate_caches()
        with redirect_stdout(sys.stderr):
            return getattr(import_module(self.module), self.attribute)

    def _own(self) -> list[str]:
        """The modules that are the program's: those in the folder that its own was found in, or below."""
        main = sys.modules.get(self.module)
        place = getattr(main, "__file__", None)
        if place is None:
            return []
        levels = self.module.count(".") + (Path(place).name == "__init__.py")
        home = Path(place).resolve().parents[levels]
        ours = Path(__file__).resolve().parents[2]
        own = []
        for name, module in sys.modules.items():
            at = getattr(module, "__file__", None)
            if at and name != "__main__" and home in (path := Path(at).resolve()).parents:
                inside_ours = ours in path.parents and not home.is_relative_to(ours / "examples")
                if not inside_ours and "site-packages" not in path.parts:
                    own.append(name)
        return own
