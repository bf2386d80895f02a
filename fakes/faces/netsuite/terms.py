"""The terms of a contract as a sales order has them.

A line is a promise: its item is the product, its rate the price of a unit and month. All lines of a subscription have
the order's one quantity, and together its price; `custcol_ssp` is the stand-alone selling price, without which it is
the rate. A line of `custcol_kind` "deliverable" is a promise beside the subscription, with its own fields. The order
runs from `startDate` to `endDate`, that day included, and is billed every `custbody_billing_months`.
`custbody_versions` is the history, in JSON; without it, an order is version 1, and a change of its quantity from
`custbody_effective_date` on is the next one.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from fakes.agreements import Contract, Deliverable, PerformanceObligation, Version
from fakes.books.allocation import allocate
from fakes.books.charges import price_change_minor
from fakes.faces.netsuite.errors import bad_value
from fakes.faces.netsuite.office import Body
from fakes.service import Refused
from sim.calendar import add_months

YEAR = 12


class Line(NamedTuple):
    """A line of an order, as far as the contract goes: its product and what was sent."""

    product: str
    said: Body


class Parties(NamedTuple):
    """Whose contract it is, in which currency."""

    key: str
    account: str
    currency: str
    entity: str


def amount_minor(line: Body) -> int:
    """What a line comes to."""
    if line.get("amount") is not None:
        return int(line["amount"])
    quantity = Decimal(1 if line.get("quantity") is None else line["quantity"])
    return int((quantity * (line.get("rate") or 0)).to_integral_value(ROUND_HALF_UP))


def contract_of(parties: Parties, body: Body, lines: Sequence[Line], known: Contract | None, today: int) -> Contract:
    """What an order agrees; `known` is what it was before. Raises Fault, and Refused if the terms cannot be."""
    start_day = body.get("startDate") or (known.start_day if known else body.get("tranDate") or today)
    end_day = body["endDate"] + 1 if body.get("endDate") else known.end_day if known else add_months(start_day, YEAR)
    billing_months = body.get("custbody_billing_months") or (known.billing_months if known else 1)
    quantity, unit_minor, obligations = _subscribed([line for line in lines if not _is_deliverable(line)])
    if body.get("custbody_unit_price") is not None:
        unit_minor = body["custbody_unit_price"]
    ramp = _ramp(body, known)
    state = Contract(
        parties.key, parties.account, parties.currency, start_day, end_day, billing_months, unit_minor, obligations, (),
        ramp, tuple(_deliverable(line) for line in lines if _is_deliverable(line)), _renews(body, known),
        parties.entity,        body.get("custbody_acquired_date") or (known.acquired_day if known else 0),
    )  # fmt: skip
    return _with_versions(state, body, quantity if obligations else 0, known, today)


def lines_of(state: Contract) -> list[tuple[str, Body]]:
    """The lines of a contract's order: the product and the fields of each."""
    ssp_minor = {one.product: one.ssp_minor for one in state.obligations}
    shares = allocate(state.unit_price_minor, ssp_minor) if ssp_minor else {}
    lines: list[tuple[str, Body]] = []
    for product, ssp in ssp_minor.items():
        said = {"quantity": state.quantity, "rate": shares[product], "custcol_ssp": ssp, "custcol_kind": "obligation"}
        lines.append((product, said))
    for one in state.deliverables:
        lines.append((one.product, _said_of(one)))
    return lines


def header_of(state: Contract) -> Body:
    """The fields of a contract's order."""
    return {
        "startDate": state.start_day, "endDate": state.end_day - 1, "custbody_contract_key": state.key,
        "custbody_billing_months": state.billing_months, "custbody_unit_price": state.unit_price_minor,
        "custbody_contract_version": state.version, "custbody_versions": _written(state.versions),
        "custbody_ramp": json.dumps(state.ramp) if state.ramp else None, "custbody_renews": state.renews or None,
        "custbody_acquired_date": state.acquired_day or None,
    }  # fmt: skip


# --- the subscription --------------------------------------------------------------------------------


def _subscribed(lines: Sequence[Line]) -> tuple[int, int, tuple[PerformanceObligation, ...]]:
    """The quantity, the price of a unit and month, and what is promised for it."""
    quantities = {1 if line.said.get("quantity") is None else line.said["quantity"] for line in lines}
    (common, *others) = quantities or {0}
    each = not others and isinstance(common, int) and all(_has_rate(line.said, common) for line in lines)
    quantity = common if each else 1
    prices: dict[str, int] = {}
    worth: dict[str, int] = {}
    for line in lines:
        rate = line.said.get("rate") if each else None
        minor = rate if rate is not None else amount_minor(line.said) // (quantity or 1)
        prices[line.product] = prices.get(line.product, 0) + minor
        ssp = line.said.get("custcol_ssp")
        worth[line.product] = worth.get(line.product, 0) + (minor if ssp is None else ssp)
    promised = tuple(PerformanceObligation(product, ssp) for product, ssp in worth.items() if ssp or prices[product])
    return quantity, sum(prices.values()), promised


def _has_rate(said: Body, quantity: int) -> bool:
    """Whether a line's price is a whole number of minor units a unit."""
    amount = said.get("amount")
    if said.get("rate") is not None:
        return amount is None or amount == said["rate"] * quantity
    return quantity != 0 and (amount or 0) % quantity == 0


def _ramp(body: Body, known: Contract | None) -> tuple[int, ...]:
    if "custbody_ramp" not in body:
        return known.ramp if known else ()
    said = _json(body, "custbody_ramp", [])
    if not (isinstance(said, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in said)):
        raise bad_value(body["custbody_ramp"], "custbody_ramp", "custbody_ramp")
    return tuple(said)


def _renews(body: Body, known: Contract | None) -> str:
    return str(body.get("custbody_renews", known.renews if known else "") or "")


# --- versions ----------------------------------------------------------------------------------------


def _with_versions(state: Contract, body: Body, quantity: int, known: Contract | None, today: int) -> Contract:
    if body.get("custbody_versions"):
        return replace(state, versions=_read(body))
    versions: tuple[Version, ...] = known.versions if known else ()
    before = known.quantity if known else 0
    if known and quantity == before:
        return replace(state, versions=versions)
    effective_day = state.start_day if not known else body.get("custbody_effective_date") or today
    effective_day = min(max(effective_day, state.start_day), state.end_day - 1)
    kind = "signed" if not known else "amended" if quantity else "cancelled"
    signed_day = today if known else body.get("tranDate") or today
    change_minor = _change_minor(state, quantity - before, effective_day)
    added = Version(len(versions) + 1, kind, signed_day, effective_day, quantity, change_minor)  # type: ignore[arg-type]
    return replace(state, versions=(*versions, added))


def _change_minor(state: Contract, units: int, effective_day: int) -> int:
    try:
        return price_change_minor(
            start_day=state.start_day, end_day=state.end_day, billing_months=state.billing_months,
            unit_price_minor=state.unit_price_minor, units=units, effective_day=effective_day, ramp=state.ramp,
        )  # fmt: skip
    except ValueError as error:
        raise Refused(422, "invalid_contract") from error


def _written(versions: Sequence[Version]) -> str:
    return json.dumps(
        [
            {
                "number": one.number, "kind": one.kind, "signed_day": _iso(one.signed_day),
                "effective_day": _iso(one.effective_day), "quantity": one.quantity,
                "price_change_minor": one.price_change_minor,
            }
            for one in versions
        ]
    )  # fmt: skip


def _read(body: Body) -> tuple[Version, ...]:
    try:
        return tuple(
            Version(
                _whole(one["number"]), one["kind"], _ordinal(one["signed_day"]), _ordinal(one["effective_day"]),
                _whole(one["quantity"]), _whole(one["price_change_minor"]),
            )
            for one in _json(body, "custbody_versions", [])
            if one["kind"] in {"signed", "amended", "cancelled"}
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise bad_value(str(body["custbody_versions"])[:80], "custbody_versions", "custbody_versions") from error


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


# --- deliverables ------------------------------------------------------------------------------------


def _is_deliverable(line: Line) -> bool:
    return line.said.get("custcol_kind") == "deliverable"


def _deliverable(line: Line) -> Deliverable:
    said = line.said
    measure: Any = said.get("custcol_measure") or "on_acceptance"
    invoicing: Any = said.get("custcol_invoicing") or "at_start"
    if measure not in {"by_day", "by_hours", "on_acceptance", "as_invoiced"}:
        raise bad_value(measure, "custcol_measure", "item.items")
    if invoicing not in {"at_start", "on_acceptance", "as_delivered"}:
        raise bad_value(invoicing, "custcol_invoicing", "item.items")
    price_minor = said.get("custcol_price")
    if price_minor is None:
        price_minor = 0 if said.get("custcol_rate") else amount_minor(said)
    return Deliverable(
        line.product, said.get("custcol_contract_version") or 1, measure, invoicing, price_minor,
        said.get("custcol_ssp") or 0, said.get("custcol_units") or 0, said.get("custcol_included") or 0,
        said.get("custcol_rate") or 0, said.get("custcol_from_date") or 0,
        said["custcol_to_date"] + 1 if said.get("custcol_to_date") else 0,
    )  # fmt: skip


def _said_of(one: Deliverable) -> Body:
    return {
        "quantity": 1, "rate": one.price_minor or one.rate_minor, "custcol_kind": "deliverable",
        "custcol_ssp": one.ssp_minor, "custcol_contract_version": one.version, "custcol_measure": one.measure,
        "custcol_invoicing": one.invoicing, "custcol_price": one.price_minor, "custcol_units": one.units,
        "custcol_included": one.included, "custcol_rate": one.rate_minor,
        "custcol_from_date": one.from_day or None, "custcol_to_date": one.to_day - 1 if one.to_day else None,
    }  # fmt: skip


# --- words -------------------------------------------------------------------------------------------


def _json(body: Body, field: str, default: Any) -> Any:
    said = body.get(field)
    if not said:
        return default
    try:
        return json.loads(said)
    except ValueError as error:
        raise bad_value(str(said)[:80], field, field) from error


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()
