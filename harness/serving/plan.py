"""What is to be served: a scenario and a seed, each system as which product, and how patient it is."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import blake2b
from importlib import import_module
from pathlib import Path

from fakes.faces.face import Credentials, MakeFace
from fakes.names import kind_of
from harness.endings import Invalid
from harness.foreign.registry import GENERIC, faces_of, maker
from harness.replication import program_version
from scenarios.compile import setups_of
from scenarios.resolved import digest
from scenarios.schema import Scenario


@dataclass(frozen=True, slots=True)
class Plan:
    """`products` are the faces by kind of system, `told` says whether events are told to anybody.

    Sources wait `patience` times as long as their policies say for a webhook to be answered: an integration that lives
    by the wall clock has as much time for it as it would have there, however fast virtual time runs.
    """

    scenario: Scenario
    seed: int
    products: Mapping[str, str]
    told: bool = False
    patience: int = 1
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def digest(self) -> str:
        """What decides with the inputs all that happens in the world: as long as it is the same, so is what they do."""
        said = [program_version(), digest(self.scenario), self.seed, sorted(self.products.items()), self.told]
        return blake2b(json.dumps([*said, self.patience]).encode(), digest_size=16).hexdigest()


def products_of(scenario: Scenario, said: str) -> dict[str, str]:
    """The face of each kind of system that a company has: as `crm=salesforce,billing=stripe` says, or the generic one.

    A face of one's own is `module:make`. Raises Invalid.
    """
    there = list(dict.fromkeys(kind_of(name) for name in setups_of(scenario)))
    products = dict.fromkeys(there, GENERIC)
    given = [part.partition("=") for part in said.replace(" ", "").split(",") if part]
    for system, equals, product in given:
        if not equals or not product:
            raise Invalid(f"--faces: {system!r} says no product: write for example {there[0]}={GENERIC}")
        if system not in products:
            near = get_close_matches(system, there, n=1)
            hint = f"did you mean {near[0]}?" if near else f"this company has {', '.join(there)}"
            raise Invalid(f"--faces: no system {system!r} here: {hint}")
        if [other for other, _, _ in given].count(system) > 1:
            raise Invalid(f"--faces: {system} is given twice: give it once")
        if ":" not in product and product not in faces_of(system):
            known = ", ".join(faces_of(system))
            raise Invalid(f"--faces: {system} has no face {product!r}: there are {known}, and module:make for your own")
        products[system] = product
    return products


def make_of(product: str, system: str) -> MakeFace:
    """What puts a product's face on a system. Raises Invalid for one of the user's own that cannot be had."""
    module, colon, attribute = product.partition(":")
    if not colon:
        return maker(product, kind_of(system))
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # last: folders of the user's must not hide ours
    try:
        make: MakeFace = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise Invalid(f"--faces: {product!r} cannot be had: {error}") from error
    return make
