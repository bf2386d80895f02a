"""Meters and their events: usage that the client counts. Billing meters a month once it is over, and charges for it."""

from fakes.desk import ReportUsage
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.items import items_of, product_key
from fakes.faces.stripe.paging import kept, page_of, page_of_things
from fakes.faces.stripe.showing import ended

_METER: p.Spec = {
    "display_name": p.text, "event_name": p.text, "event_time_window": p.choice("day", "hour"),
    "default_aggregation": p.fields({"formula": p.choice("count", "last", "sum")}, ("formula",)),
    "customer_mapping": p.fields({"event_payload_key": p.text, "type": p.choice("by_id")}),
    "value_settings": p.fields({"event_payload_key": p.text}),
}  # fmt: skip
_EVENT: p.Spec = {"event_name": p.text, "identifier": p.text, "payload": p.anything, "timestamp": p.moment}


def _create(account: Account, asked: Asked) -> Object:
    given = asked.given
    if any(
        one.fields["event_name"] == given["event_name"] and one.fields["status"] == "active"
        for one in account.all("meter")
    ):
        raise invalid(f"A meter with event name '{given['event_name']}' already exists.", "event_name")
    id_, now = account.new_id("mtr", "meter"), account.now
    told = dict(account.write("meter", id_, {
        "id": id_, "object": "billing.meter", "created": now, "updated": now, "event_time_window": None,
        "livemode": False,
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "value_settings": {"event_payload_key": "value"}, **given, "status": "active",
        "status_transitions": {"deactivated_at": None},
    }))  # fmt: skip
    account.tell("billing.meter.created", told)
    return told


def _update(account: Account, asked: Asked) -> Object:
    account.need("meter", asked.id)
    told = dict(account.write("meter", asked.id, {**asked.given, "updated": account.now}))
    account.tell("billing.meter.updated", told)
    return told


def _switch(account: Account, asked: Asked) -> Object:
    account.need("meter", asked.id)
    off = asked.path.endswith("/deactivate")
    told = dict(account.write("meter", asked.id, {
        "status": "inactive" if off else "active", "updated": account.now,
        "status_transitions": {"deactivated_at": account.now if off else None},
    }))  # fmt: skip
    account.tell(f"billing.meter.{'deactivated' if off else 'reactivated'}", told)
    return told


def _list(account: Account, asked: Asked) -> Object:
    def shape(meter: Object) -> Object | None:
        return dict(meter) if kept(asked, meter, ("status",)) else None

    return page_of_things(account, asked, "meter", shape)


def _report(account: Account, asked: Asked) -> Object:
    given = asked.given
    meter = next((one.fields for one in account.all("meter") if one.fields["event_name"] == given["event_name"]
                  and one.fields["status"] == "active"), None)  # fmt: skip
    if meter is None:
        raise invalid(
            f"There is no active meter with event name '{given['event_name']}'.", "event_name", "resource_missing"
        )
    payload = given["payload"]
    customer_key, value_key = (
        meter["customer_mapping"]["event_payload_key"],
        meter["value_settings"]["event_payload_key"],
    )
    if not isinstance(payload, dict) or customer_key not in payload or value_key not in payload:
        raise invalid(f"The payload must have '{customer_key}' and '{value_key}'.", "payload", "parameter_missing")
    core = customers.core_id(account, payload[customer_key], f"payload[{customer_key}]")
    units = p.not_negative(payload[value_key], f"payload[{value_key}]")
    number = len(account.all("meter_event")) + 1
    identity = given.get("identifier") or identifier("mtre", number)
    known = account.read("meter_event", identity)
    if known is not None:
        raise StripeError(
            400, f"An event already exists with identifier {identity}.", "duplicate_meter_event", "identifier"
        )
    timestamp = given.get("timestamp", account.now)
    if timestamp > account.now + 300:
        raise invalid("The timestamp must not lie in the future.", "timestamp")
    for contract, product in _metered_for(account, core, meter["id"]):
        account.ask(ReportUsage(contract, product, units, account.day_of(timestamp)))
    told = {
        "object": "billing.meter_event", "created": account.now, "event_name": given["event_name"],
        "identifier": identity,
        "livemode": False, "payload": payload, "timestamp": timestamp,
    }  # fmt: skip
    account.write(
        "meter_event", identity, {**told, "meter": meter["id"], "customer": payload[customer_key], "value": units}
    )
    return told


def _metered_for(account: Account, core_customer: str, meter: str) -> list[tuple[str, str]]:
    """The contracts that are charged for what a meter counts of a customer, and the product by which they are."""
    found = []
    for subscription in customers.subscriptions_of(account, core_customer):
        id_ = identifier("sub", int(subscription.id[4:]))
        if ended(account, id_, subscription):
            continue
        for item in items_of(account, id_, subscription):
            price = account.need("price", item["price"])
            if price["recurring"]["meter"] == meter:
                found.append((subscription.contract, product_key(account, price)))
    return found


def _summaries(account: Account, asked: Asked) -> Object:
    account.need("meter", asked.id)
    start, end, customer = asked.given["start_time"], asked.given["end_time"], asked.given["customer"]
    values = [
        one.fields["value"] for one in account.all("meter_event")
        if (one.fields["meter"], one.fields["customer"]) == (asked.id, customer)
        and start <= one.fields["timestamp"] < end
    ]  # fmt: skip
    summary = {
        "id": identifier("mtrs", 1), "object": "billing.meter_event_summary", "aggregated_value": float(sum(values)),
        "start_time": start, "end_time": end, "livemode": False, "meter": asked.id,
    }  # fmt: skip
    return page_of(asked, [summary], "meter event summary")


OPERATIONS = (
    Operation("POST", "/v1/billing/meters", "create_meter", _create, _METER, ("display_name", "event_name",
        "default_aggregation")),
    Operation("GET", "/v1/billing/meters", "list_meters", _list, {**p.PAGING, "status": p.text}),
    Operation("GET", "/v1/billing/meters/*", "retrieve_meter", lambda account, asked: dict(account.need("meter",
        asked.id))),
    Operation("POST", "/v1/billing/meters/*", "update_meter", _update, {"display_name": p.text}),
    Operation("POST", "/v1/billing/meters/*/deactivate", "deactivate_meter", _switch),
    Operation("POST", "/v1/billing/meters/*/reactivate", "reactivate_meter", _switch),
    Operation("GET", "/v1/billing/meters/*/event_summaries", "list_event_summaries", _summaries,
              {**p.PAGING, "customer": p.text, "start_time": p.moment, "end_time": p.moment,
                  "value_grouping_window": p.text},
              ("customer", "start_time", "end_time")),
    Operation("POST", "/v1/billing/meter_events", "report_usage", _report, _EVENT, ("event_name", "payload")),
)  # fmt: skip
