"""The faces that there are, by name. Each is imported when somebody wants it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from fakes.faces.face import MakeFace

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Product:
    """A product that a kind of `system` can be: the hosts that its clients know it by, and the module of its face.

    The hosts stand here as well, so that code can ask for one before the face is imported.
    """

    system: str
    module: str
    hosts: tuple[str, ...]


PRODUCTS: Mapping[str, Product] = {
    "salesforce": Product("crm", "fakes.faces.salesforce", ("*.salesforce.com",)),
    "stripe": Product("billing", "fakes.faces.stripe", ("api.stripe.com", "files.stripe.com")),
    "netsuite": Product("erp", "fakes.faces.netsuite", ("*.suitetalk.api.netsuite.com", "*.restlets.api.netsuite.com")),
}
"""The products by name."""


def faces_of(system: str) -> tuple[str, ...]:
    """The names of the faces that a kind of system can have, the generic one first."""
    return (GENERIC, *(name for name, product in PRODUCTS.items() if product.system == system))


def hosts_of(name: str, system: str) -> tuple[str, ...]:
    """The hosts under which a system answers with the face of that name."""
    return (f"{system}.tieout.test",) if name == GENERIC else PRODUCTS[name].hosts


def maker(name: str, system: str) -> MakeFace:
    """What puts the face of that name on a system."""
    if name == GENERIC:
        make: MakeFace = import_module("fakes.faces.generic").make_generic(system)
        return make
    product: MakeFace = import_module(PRODUCTS[name].module).make
    return product
