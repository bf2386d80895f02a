"""Records as they are sent, made into writes; and what the store says of those, made into Salesforce's errors."""

from collections.abc import Mapping
from typing import Any

from fakes.faces.salesforce.errors import Choices, Fault, not_found
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import normal
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.rules import complete
from fakes.faces.salesforce.values import kept
from fakes.object_types import Outcome, Record, Write


def insertion(org: Org, sobject: SObject, body: Mapping[str, Any], *, allow_duplicates: bool = False) -> Write:
    """The write that creates a record. Raises Fault."""
    if sobject.name in {"User", "Organization"}:
        raise Fault("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.name}")
    values = dict(sobject.defaults)
    values |= _values(org, sobject, body, creating=True)
    complete(org, sobject.name, values, None)
    if org.duplicate_rules and sobject.duplicate_rule and not allow_duplicates:
        _refuse_duplicates(org, sobject, values)
    return Write("insert", sobject.name, values=values)


def update(org: Org, sobject: SObject, id_: str, body: Mapping[str, Any]) -> Write:
    """The write that changes a record. Raises Fault; whether there is such a record, the store says."""
    record = org.view.records.get(normal(id_) or "")
    values = _values(org, sobject, body, creating=False)
    if record is not None and record.type == sobject.name:
        complete(org, sobject.name, values, record)
    return Write("update", sobject.name, normal(id_) or id_, values)


def upsertion(
    org: Org, sobject: SObject, name: str, value: Any, body: Mapping[str, Any], *, allow_duplicates: bool = False
) -> Write:
    """The write that changes the record that an external id leads to, or creates one with it. Raises Fault."""
    field = sobject.field(name)
    if field is None or not (field.external_id or field.name == "Id"):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    if field.name == "Id":
        return update(org, sobject, str(value), body) if value else insertion(org, sobject, body)
    key = kept(field, value, org.times)
    if key is None:
        raise Fault("MISSING_ARGUMENT", f"{field.name} not specified", [])
    found = org.view.find(sobject.name, field.name, key)
    if len(found) == 1:
        return update(org, sobject, found[0].id, body)
    if found:
        return Write("upsert", sobject.name, by=field.name, key=key)
    return insertion(org, sobject, {**body, field.name: value}, allow_duplicates=allow_duplicates)


def deletion(sobject: SObject, id_: str) -> Write:
    """The write that deletes a record."""
    return Write("delete", sobject.name, normal(id_) or id_)


def existing(org: Org, sobject: SObject, name: str, value: str) -> Record:
    """The record that an external id leads to. Raises Fault, or Choices where there are several."""
    field = sobject.field(name)
    if field is None or not (field.external_id or field.name == "Id"):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    if field.name == "Id":
        return org.record(sobject, normal(value))
    found = org.view.find(sobject.name, field.name, kept(field, value, org.times))
    if not found:
        raise not_found()
    if len(found) > 1:
        raise choices(sobject.name, tuple(record.id for record in found))
    return found[0]


def choices(name: str, ids: tuple[str, ...], version: str = "v59.0") -> Choices:
    """Where the records of these ids are."""
    return Choices([f"/services/data/{version}/sobjects/{name}/{id_}" for id_ in ids])


def _values(org: Org, sobject: SObject, body: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """What is kept of what was sent, by the fields' own names. Raises Fault at the first that is not right."""
    values: dict[str, Any] = {}
    for name, sent in body.items():
        if name == "attributes":
            continue
        field, value = sobject.field(name), sent
        if field is None:
            field = sobject.relations.get(name.lower())
            if field is None or not isinstance(sent, Mapping | None):
                raise Fault("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
            value = _referred(org, field.to, name, sent)
        if field.name == "Id":
            if creating:
                raise Fault("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
            raise Fault("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
        if not (field.createable if creating else field.updateable):
            raise _closed([field.name])
        values[field.name] = kept(field, value, org.times)
    return values


def _referred(org: Org, targets: tuple[str, ...], name: str, body: Mapping[str, Any] | None) -> str | None:
    """The record that a reference by external id leads to: `{"Account": {"AccountKey__c": "A-1"}}`."""
    if body is None:
        return None
    keys = [(key, value) for key, value in body.items() if key != "attributes"]
    if len(keys) != 1:
        raise Fault("INVALID_FIELD", f"The relationship {name} needs one external id to go by", [name])
    key, value = keys[0]
    for target in targets:
        sobject = org.sobject(target)
        field = sobject.field(key)
        if field is None or not (field.external_id or field.name == "Id"):
            continue
        found = (
            [org.record(sobject, normal(str(value)))]
            if field.name == "Id"
            else org.view.find(sobject.name, field.name, kept(field, value, org.times))
        )
        if len(found) == 1:
            return found[0].id
        message = f"Foreign key external ID: {value} not found for field {key} in entity {target}"
        raise Fault("INVALID_FIELD", message, [])
    raise Fault("INVALID_FIELD", f"{key} is not an external id of what {name} leads to", [name])


def _refuse_duplicates(org: Org, sobject: SObject, values: Mapping[str, Any]) -> None:
    for name in sobject.duplicate_rule:
        if values.get(name) is not None and org.view.find(sobject.name, name, values[name]):
            raise Fault("DUPLICATES_DETECTED", "Use one of these records?")


def _closed(names: list[str]) -> Fault:
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set."
    )
    return Fault("INVALID_FIELD_FOR_INSERT_UPDATE", message, names)


# --- what the store says -----------------------------------------------------------------------------


def fault_of(org: Org, write: Write, outcome: Outcome) -> Fault:  # noqa: PLR0911  # one for each problem
    """Why a write was declined, as Salesforce puts it."""
    problem = outcome.problem
    assert problem is not None, "a write that was done has nothing wrong"
    names, detail = list(problem.names), problem.detail
    match problem.word:
        case "required":
            return Fault("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)
        case "too_long":
            value = str(write.values[names[0]])[:40]
            return Fault("STRING_TOO_LONG", f"{names[0]}: data value too large: {value} (max length={detail})", names)
        case "no_such_reference":
            if org.by_prefix.get(detail[:3]) is not None and detail in org.view.records:
                return Fault("FIELD_INTEGRITY_EXCEPTION", f"{names[0]}: id value of incorrect type: {detail}", names)
            return Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        case "deleted_reference" | "deleted":
            return Fault("ENTITY_IS_DELETED", "entity is deleted", [], 404 if problem.word == "deleted" else 400)
        case "duplicate" if len(names) > 1:
            return Fault("DUPLICATE_VALUE", "This price definition already exists in this price book")
        case "duplicate":
            return Fault(
                "DUPLICATE_VALUE", f"duplicate value found: {names[0]} duplicates value on record with id: {detail}"
            )
        case "ambiguous":
            message = f"{names[0]}: more than one record found for external id field: [{', '.join(detail)}]"
            return Fault("DUPLICATE_VALUE", message)
        case "read_only" if names:
            return _closed(names)
        case "read_only":
            return Fault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        case "restricted":
            message = (
                f"Your attempt to delete {outcome.id} could not be completed because it is associated with the "
                f"following {names[0]}: {detail}"
            )
            return Fault("DELETE_FAILED", message)
        case "not_deleted":
            return Fault("UNDELETE_FAILED", "Entity is not in the recycle bin")
    return Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
