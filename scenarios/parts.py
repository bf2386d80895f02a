"""The parts that a scenario may leave out, and the overrides that do so."""

from collections.abc import Iterator

from scenarios.model import Model
from scenarios.schema import Scenario

SECTIONS = frozenset({"systems", "finance_team", "close", "exceptions"})
"""Parts that every scenario has, whose defaults are nothing out of the ordinary."""

STAY = frozenset({"faults", "expect", "only", "tie_seed"})
"""What has its own ways to become less, and what is no part of what happens."""

_NOTHING: tuple[tuple[object, str], ...] = ((None, "null"), ((), "[]"), ({}, "{}"))


def left_out(scenario: Scenario) -> tuple[str, ...]:
    """Overrides that leave out what the scenario says of its parts or its business's, one a part, in their order.

    A part is one of SECTIONS, or something that there is none of by default, such as usage or a cutover.
    """
    return (*_parts(scenario, ""), *_parts(scenario.business, "business."))


def _parts(model: Model, path: str) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        nothing = "{}" if name in SECTIONS else next((text for none, text in _NOTHING if field.default == none), None)
        if nothing is not None and name not in STAY and getattr(model, name) != field.default:
            yield f"{path}{field.alias or name}={nothing}"
