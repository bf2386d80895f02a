"""The JSON Schema of scenario files, for editors and for anyone who writes scenarios by program.

Draft 7, and nothing that editors are known to stumble over: no tuples, no `$defs`, and no words beside a `$ref`.
"""

import json
from typing import Any

from scenarios.model import Model
from scenarios.schema import Scenario

EXAMPLE = {
    "name": "billing-outage",
    "title": "Billing is down over the busiest afternoon",
    "calendar": {"quarter_start": "2026-01-01", "months": 1},
    "business": {"contracts": 500},
    "faults": [{"kind": "outage", "system": "billing", "from": "2026-01-30 13:00", "for": "4 h"}],
    "expect": {"missing": ["== 0"], "event_lag": ["p(99) < 15min"]},
}


def schema() -> dict[str, Any]:
    """The schema as a JSON document."""
    generated = Scenario.model_json_schema(ref_template="#/definitions/{model}", mode="serialization")
    models = {model.__name__: model for model in _models(Model)}
    definitions = {name: _tidy(part, models[name]) for name, part in sorted(generated.pop("$defs").items())}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:tieout:scenario:1",
        "title": "A Tieout scenario",
        **_tidy(generated, Scenario),
        "examples": [EXAMPLE],
        "definitions": definitions,
    }


def text() -> str:
    """The schema as a file: what `scenarios/scenario.schema.json` holds, for those who edit the library."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _models(family: type[Model]) -> list[type[Model]]:
    return [model for child in family.__subclasses__() for model in (child, *_models(child))]


def _tidy(generated: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    """One model's schema, its defaults as a file would say them."""
    defaults = model.model_construct().model_dump(mode="json", by_alias=True, exclude_none=True)
    properties = {}
    for name, said in generated["properties"].items():
        field = {word: value for word, value in said.items() if word not in ("title", "default")}
        if name in defaults and name not in _TOLD_BELOW:
            field["default"] = defaults[name]
        properties[name] = _plain(field)
    required = generated.get("required", [])
    if "const" in properties.get("kind", {}):
        required = ["kind", *required]
    tidy = {"description": generated["description"], "type": "object", "properties": properties}
    choice = {"oneOf": generated["oneOf"]} if "oneOf" in generated else {}
    return tidy | ({"required": required} if required else {}) | choice | {"additionalProperties": False}


_TOLD_BELOW = (
    "calendar", "business", "systems", "crm", "erp", "revenue", "delivery", "amendments", "exceptions", "compare",
    "finance_team", "close",
)  # fmt: skip
"""Parts whose fields have all their defaults with them: no need to tell them twice."""


def _plain(field: Any) -> Any:
    """The same, without what draft 7 does not have: a `$ref` stands alone, and there is no `discriminator`."""
    if isinstance(field, list):
        return [_plain(item) for item in field]
    if not isinstance(field, dict):
        return field
    plain = {word: said if word in ("default", "examples") else _plain(said) for word, said in field.items()}
    plain.pop("discriminator", None)
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    if "$ref" in plain and len(plain) > 1:
        plain["allOf"] = [{"$ref": plain.pop("$ref")}]
    return plain
