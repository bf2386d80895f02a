"""What is left of the organisation's limits; and fields and objects that are added to it, by the tooling API."""

from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import MULTILINE, Field, SObject, text
from fakes.faces.salesforce.ids import record_id
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, object_of, org_of
from fakes.faces.salesforce.routing import Routes
from sim.http import HttpResponse

routes = Routes()

_TYPES = {
    "Text": "string", "LongTextArea": "textarea", "TextArea": "textarea", "Number": "double", "Currency": "currency",
    "Percent": "percent", "Checkbox": "boolean", "Date": "date", "DateTime": "datetime", "Email": "email",
    "Phone": "phone", "Url": "url", "Picklist": "picklist", "Lookup": "reference", "MasterDetail": "reference",
}  # fmt: skip


@routes.get("/services/data/{version}/limits")
async def limits(request: Request) -> HttpResponse:
    """What is granted, and what is left of it."""
    usage = org_of(request).usage
    return answer(
        {
            "DailyApiRequests": {"Max": usage.granted, "Remaining": usage.granted - usage.used},
            "DailyAsyncApexExecutions": {"Max": 250_000, "Remaining": 250_000},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyStreamingApiEvents": {"Max": 10_000, "Remaining": 10_000},
            "DataStorageMB": {"Max": 10_240, "Remaining": 10_240},
            "HourlyPublishedPlatformEvents": {"Max": 250_000, "Remaining": 250_000},
        }
    )


@routes.post("/services/data/{version}/tooling/sobjects/CustomField")
async def add_field(request: Request) -> HttpResponse:
    """A custom field: `{"FullName": "Account.Tier__c", "Metadata": {"type": "Text", "length": 40, …}}`."""
    org, said = org_of(request), await object_of(request)
    name, metadata = said.get("FullName"), said.get("Metadata")
    if not isinstance(name, str) or not isinstance(metadata, dict) or name.count(".") != 1:
        raise Fault(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [FullName, Metadata]", ["FullName", "Metadata"]
        )
    of, field_name = name.split(".")
    sobject = org.sobject(of)
    if not _is_custom(field_name):
        raise Fault(
            "INVALID_FIELD", "The name of a custom field is of letters and digits, and ends with __c", ["FullName"]
        )
    if sobject.field(field_name):
        raise Fault(
            "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field_name} on {sobject.name}.", ["FullName"]
        )
    field = _field(org, field_name, metadata)
    org.declare(
        SObject(
            sobject.name,
            sobject.prefix,
            (*sobject.fields, field),
            sobject.label,
            sobject.plural,
            sobject.together,
            sobject.duplicate_rule,
        )
    )
    return _made(request, "00N")


@routes.post("/services/data/{version}/tooling/sobjects/CustomObject")
async def add_object(request: Request) -> HttpResponse:
    """A custom object with a name: `{"FullName": "Shipment__c"}`. Fields are added to it one by one."""
    org, said = org_of(request), await object_of(request)
    name = said.get("FullName")
    if not isinstance(name, str) or not _is_custom(name):
        raise Fault(
            "INVALID_FIELD", "The name of a custom object is of letters and digits, and ends with __c", ["FullName"]
        )
    if name.lower() in org.objects:
        raise Fault("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {name}.", ["FullName"])
    prefix = f"a{len(org.objects):02d}"[-3:]
    org.declare(SObject(name, prefix, (text("Name", 80), text("External_Id__c", external_id=True, unique=True))))
    return _made(request, "01I")


def _field(org: Org, name: str, metadata: dict[str, Any]) -> Field:
    kind, length, scale, to = (metadata.get(one) for one in ("type", "length", "scale", "referenceTo"))
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Fault("FIELD_INTEGRITY_EXCEPTION", f"type must be one of {', '.join(_TYPES)}", ["Metadata"])
    type_ = _TYPES[kind]
    if type_ == "reference" and (not isinstance(to, str) or to.lower() not in org.objects):
        raise Fault("FIELD_INTEGRITY_EXCEPTION", "referenceTo must name an object", ["Metadata"])
    size = length if isinstance(length, int) and 0 < length <= 131_072 else MULTILINE if type_ == "textarea" else 255
    relation = metadata.get("relationshipName")
    return Field(
        name=name,
        type=type_,
        label=str(metadata.get("label") or ""),
        length=size,
        scale=scale if isinstance(scale, int) and 0 <= scale <= 8 else 2,
        external_id=metadata.get("externalId") is True,
        unique=metadata.get("unique") is True,
        to=(org.sobject(to).name,) if type_ == "reference" and isinstance(to, str) else (),
        relationship=name.replace("__c", "__r") if type_ == "reference" else "",
        children=f"{relation}__r" if isinstance(relation, str) else "",
        on_delete="cascade" if kind == "MasterDetail" else "clear",
        default=False if type_ == "boolean" else None,
    )


def _made(request: Request, prefix: str) -> HttpResponse:
    state = request.app.state
    state.declared = getattr(state, "declared", 0) + 1
    made = {"id": record_id(prefix, state.declared), "success": True, "errors": [], "warnings": [], "infos": []}
    return answer(made, 201)


def _is_custom(name: str) -> bool:
    stem = name.removesuffix("__c")
    return (
        name.endswith("__c")
        and 0 < len(stem) <= 40
        and stem.isascii()
        and stem.replace("_", "").isalnum()
        and stem[0].isalpha()
    )
