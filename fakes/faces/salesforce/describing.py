"""What there is: versions, resources, objects and their fields."""

from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.fields import NUMBERS, TEXTS, Field, SObject
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, org_of, version_of
from fakes.faces.salesforce.routing import VERSIONS, Routes
from sim.http import HttpResponse

routes = Routes()

RESOURCES = ("sobjects", "query", "queryAll", "composite", "jobs", "limits", "search", "tooling")
_SOAP_TYPES = {"boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date", "datetime": "xsd:dateTime"}


@routes.get("/services/data")
async def versions(request: Request) -> HttpResponse:
    """Every version of the API."""
    return answer([{"label": f"Version {n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in VERSIONS])


@routes.get("/services/data/{version}")
async def resources(request: Request) -> HttpResponse:
    """Every resource of a version."""
    version = version_of(request)
    return answer({name: f"/services/data/{version}/{name}" for name in RESOURCES})


@routes.get("/services/data/{version}/sobjects")
async def describe_global(request: Request) -> HttpResponse:
    """Every object."""
    version = version_of(request)
    objects = [_summary(one, version) for one in org_of(request).objects.values()]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


@routes.get("/services/data/{version}/sobjects/{name}")
async def basic(request: Request, name: str) -> HttpResponse:
    """An object in short."""
    version = version_of(request)
    return answer({"objectDescribe": _summary(org_of(request).sobject(name), version), "recentItems": []})


@routes.get("/services/data/{version}/sobjects/{name}/describe")
async def describe(request: Request, name: str) -> HttpResponse:
    """An object with all its fields, and the objects whose records lead to its."""
    version, org = version_of(request), org_of(request)
    sobject = org.sobject(name)
    fields = [_field(one) for one in sobject.all_fields]
    children = _children(org, sobject)
    return answer(
        {**_summary(sobject, version), "fields": fields, "childRelationships": children, "recordTypeInfos": []}
    )


def _summary(sobject: SObject, version: str) -> dict[str, Any]:
    base = f"/services/data/{version}/sobjects/{sobject.name}"
    ours = sobject.name not in {"User", "Organization"}
    return {
        "name": sobject.name, "label": sobject.label or sobject.name, "labelPlural": sobject.plural or sobject.name,
        "keyPrefix": sobject.prefix, "custom": sobject.custom, "createable": ours, "updateable": ours,
        "deletable": ours,
        "undeletable": ours, "queryable": True, "retrieveable": True, "replicateable": True, "searchable": True,
        "triggerable": ours, "mergeable": False, "layoutable": ours, "feedEnabled": False, "customSetting": False,
        "deprecatedAndHidden": False, "activateable": False,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }  # fmt: skip


def _field(field: Field) -> dict[str, Any]:
    number = field.type in NUMBERS
    return {
        "name": field.name, "label": field.label or field.name.removesuffix("__c").replace("_", " "),
        "type": field.type,
        "length": field.length if field.type in TEXTS | {"id", "reference"} else 0,
        "precision": 18 if number else 0, "scale": field.scale if number else 0,
        "digits": 9 if field.type == "int" else 0,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:double" if number else "tns:ID" if field.type in {"id",
        "reference"} else "xsd:string"),
        "nillable": not field.required and field.type not in {"id", "boolean"}, "createable": field.createable,
        "updateable": field.updateable, "externalId": field.external_id, "unique": field.unique, "custom": field.custom,
        "calculated": field.derive is not None,
        "autoNumber": field.name.endswith("Number") and field.derive is not None,
        "defaultedOnCreate": field.default is not None, "defaultValue": field.default, "caseSensitive": False,
        "filterable": not field.long, "sortable": not field.long, "groupable": not (number or field.long),
        "idLookup": field.external_id or field.name == "Id", "nameField": field.name == "Name",
        "referenceTo": list(field.to), "relationshipName": field.relationship or None,
        "cascadeDelete": field.on_delete == "cascade",
        "restrictedPicklist": field.restricted, "restrictedDelete": field.on_delete == "restrict",
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.values
        ],
    }  # fmt: skip


def _children(org: Org, sobject: SObject) -> list[dict[str, Any]]:
    return [
        {
            "childSObject": other.name,
            "field": field.name,
            "relationshipName": field.children or None,
            "cascadeDelete": field.on_delete == "cascade",
            "restrictedDelete": field.on_delete == "restrict",
        }
        for other in org.objects.values()
        for field in other.fields
        if sobject.name in field.to and field.derive is None
    ]
