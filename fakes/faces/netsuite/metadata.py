"""What types of record there are, and their fields, as JSON Schema and OpenAPI have them."""

from collections.abc import Iterable, Mapping
from typing import Any

from fakes.faces.netsuite.fields import Field, RecordType
from fakes.faces.netsuite.writing import RECORD

_KINDS: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"}, "money": {"type": "number", "format": "double"},
    "number": {"type": "number", "format": "double"}, "integer": {"type": "integer", "format": "int64"},
    "boolean": {"type": "boolean"}, "date": {"type": "string", "format": "date"}, "any": {},
}  # fmt: skip


def schema(type_: RecordType) -> dict[str, Any]:
    """The JSON Schema of a type."""
    properties = {name: _property(field) for name, field in type_.fields.items()}
    for name, rows in type_.sublists.items():
        row = {"type": "object", "properties": {one: _property(field) for one, field in rows.items()}}
        properties[name] = {"type": "object", "properties": {"items": {"type": "array", "items": row}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": type_.title, "type": "object",
        "properties": properties,
    }  # fmt: skip


def catalogue(types: Iterable[RecordType], href: str) -> dict[str, Any]:
    """The list of types."""
    media = ("application/json", "application/swagger+json", "application/schema+json")
    items = [
        {
            "name": one.name,
            "links": [
                {
                    "rel": "canonical" if kind == media[0] else "alternate",
                    "href": f"{href}/{one.name}",
                    "mediaType": kind,
                }
                for kind in media
            ],
        }
        for one in types
    ]
    return {"items": items, "links": [{"rel": "self", "href": href}]}


def openapi(types: Iterable[RecordType], base: str) -> dict[str, Any]:
    """The OpenAPI document of types."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for one in types:
        schemas[one.name] = {name: value for name, value in schema(one).items() if name != "$schema"}
        told = {"default": {"description": "Error"}}
        paths[f"/{one.name}"] = {
            "get": {"tags": [one.name], "responses": {"200": {"description": "List of records"}, **told}},
            "post": {"tags": [one.name], "responses": {"204": {"description": "Created"}, **told}},
        }
        paths[f"/{one.name}/{{id}}"] = {
            method: {
                "tags": [one.name],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200" if method == "get" else "204": {"description": "Done"}, **told},
            }
            for method in ("get", "patch", "put", "delete")
        }
    return {
        "openapi": "3.0.1", "info": {"title": "NetSuite REST record services", "version": "v1"},
        "servers": [{"url": f"{base}{RECORD}"}], "paths": paths, "components": {"schemas": schemas},
    }  # fmt: skip


def _property(field: Field) -> dict[str, Any]:
    said = {"title": field.name, **_KINDS.get(field.kind, {})}
    if field.kind == "reference":
        named = {"id": {"type": "string"}, "externalId": {"type": "string"}, "refName": {"type": "string"}}
        said |= {"type": "object", "properties": named}
    return {**said, "readOnly": True} if field.told else said
