"""The faces that there are, by name. Each is imported when somebody wants it."""

from collections.abc import Mapping
from importlib import import_module

from fakes.faces.face import MakeFace

GENERIC = "generic"

PRODUCTS: Mapping[str, tuple[str, str]] = {}
"""The products by name: the kind of system that each is, and where its face is made."""


def faces_of(system: str) -> tuple[str, ...]:
    """The names of the faces that a kind of system can have, the generic one first."""
    return (GENERIC, *(name for name, (kind, _) in PRODUCTS.items() if kind == system))


def maker(name: str, system: str) -> MakeFace:
    """What puts the face of that name on a kind of system."""
    if name == GENERIC:
        make: MakeFace = import_module("fakes.faces.generic").make_generic(system)
        return make
    module, _, attribute = PRODUCTS[name][1].partition(":")
    product: MakeFace = getattr(import_module(module), attribute)
    return product
