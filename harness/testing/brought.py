"""The layer that a test brings: by name, or as the object itself, for which others need a name to find it by."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from harness.layer import Layer
from harness.layers import BUILT_IN, LayerChoice, choice_of, choose


@dataclass(frozen=True, slots=True)
class Brought:
    """A layer as a test brings it, and the texts by which others can have it; empty where they cannot.

    `worker` holds for a process with our `sys.path`, `shell` for `tieout run` where we are.
    """

    choice: LayerChoice
    worker: str
    shell: str


def brought(layer: Any, options: str = "") -> Brought:
    """The layer that a test means. Raises LayerError."""
    if isinstance(layer, str):
        text = f"{layer}{',' if _has_options(layer) else ':'}{options}" if options else layer
        choice = choose(text)
        module, colon, rest = text.partition(":")
        if module in BUILT_IN or not colon:
            return Brought(choice, text, text)
        shell = _shell_name(module)
        return Brought(choice, text, f"{shell}:{rest}" if shell else "")
    home = _home(layer)
    module, attribute = home or ("", getattr(layer, "__name__", type(layer).__name__))
    importable = bool(module) and _leads_to(module, _file(module), sys.path)
    shell = _shell_name(module) if module else ""
    given = f":{options}" if options else ""
    text = f"{shell or module}:{attribute}{given}".removeprefix(":")
    is_layer = isinstance(layer, type) and issubclass(layer, Layer)
    choice = choice_of(layer, text, options, module=module if is_layer or importable else "", attribute=attribute)
    return Brought(
        choice,
        worker=f"{module}:{attribute}{given}" if importable else "",
        shell=f"{shell}:{attribute}{given}" if shell else "",
    )


def _has_options(text: str) -> bool:
    name, _, rest = text.partition(":")
    return ":" in rest if name not in BUILT_IN else bool(rest)


def _home(layer: Any) -> tuple[str, str] | None:
    """The module and the attribute that an object is found at; None if no module has it."""
    module, name = getattr(layer, "__module__", None), getattr(layer, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str) and _attribute(module, name) is layer:
        return module, name
    if isinstance(layer, type):
        return None
    found = [
        (name, attribute)
        for name, module in list(sys.modules.items())
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if value is layer and name != "__main__"
    ]
    return min(found, key=lambda each: _is_test(each[0]), default=None)


def _attribute(module: str, name: str) -> Any:
    return getattr(sys.modules.get(module), name, None)


def _is_test(module: str) -> bool:
    """Whether a module's name is one that pytest collects: an app is better named by where it comes from."""
    return module.rpartition(".")[2].startswith(("test_", "conftest"))


def _file(module: str) -> Path | None:
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file).resolve() if file else None


def _shell_name(module: str) -> str:
    """The name by which a `tieout` that is begun where we are would import an imported module; empty if by none."""
    file, here = _file(module), Path.cwd().resolve()
    if file is None or not file.is_relative_to(here) or _is_installed(file):
        return module
    path = [*_outside(here), str(here)]
    parts = file.relative_to(here).with_suffix("").parts
    placed = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return next((name for name in (module, placed) if _leads_to(name, file, path)), "")


def _outside(here: Path) -> Iterable[str]:
    """The folders that any Python looks for modules in: not those that pytest has put in for the tests."""
    given = [os.path.realpath(each) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    for entry in map(os.path.realpath, filter(None, sys.path)):
        if entry in given or _is_installed(Path(entry)) or not Path(entry).is_relative_to(here):
            yield entry


def _is_installed(path: Path) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(path.parts)


def _leads_to(module: str, file: Path | None, path: Sequence[str]) -> bool:
    """Whether importing a name with this search path brings that very file."""
    parts, searched, origin = module.split("."), [*path], None
    if file is None or not all(part.isidentifier() for part in parts):
        return False
    for part in parts:  # each by itself: under its full name the finder wants its parents to be imported already
        spec = PathFinder.find_spec(part, searched)
        if spec is None:
            return False
        origin, searched = spec.origin, [*(spec.submodule_search_locations or ())]
    return origin is not None and Path(origin).resolve() == file
