"""The faces that there are, by name. Each is imported when somebody wants it."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import fakes.faces
from fakes.faces.face import MakeFace

GENERIC = "generic"


def faces_of(system: str) -> tuple[str, ...]:
    """The names of the faces that a kind of system can have, the generic one first."""
    return (GENERIC, *(name for name, product in _products().items() if system == product.SYSTEM))


def hosts_of(name: str, system: str) -> tuple[str, ...]:
    """The hosts under which a system answers with the face of that name: `*.` stands for any name below."""
    if name == GENERIC:
        return (f"{system}.tieout.test",)
    hosts: tuple[str, ...] = _products()[name].HOSTS
    return hosts


def maker(name: str, system: str) -> MakeFace:
    """What puts the face of that name on a system."""
    face = import_module(f"{fakes.faces.__name__}.{name}.face")
    make: MakeFace = face.make_generic(system) if name == GENERIC else face.make
    return make


@cache
def _products() -> Mapping[str, ModuleType]:
    """The packages of `fakes.faces`, each of which says which SYSTEM it can be, under which HOSTS, and no more."""
    names = sorted(found.name for found in iter_modules(fakes.faces.__path__) if found.ispkg and found.name != GENERIC)
    return {name: import_module(f"{fakes.faces.__name__}.{name}") for name in names}
