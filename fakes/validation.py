"""What a system refuses to take in, whoever sends it: a contract that contradicts itself, an unknown account."""

from collections.abc import Iterable

from fakes.agreements import Contract, Deliverable, Fulfilment
from fakes.books.charges import service_periods
from fakes.books.ledger import CONTRACT_LIABILITY, REVENUE
from fakes.records import Copy, Posting
from fakes.service import Refused

CHART = frozenset({CONTRACT_LIABILITY})
"""The accounts that a journal may name beside those of revenue. Receivables are posted through documents alone."""


def valid_contract(state: Contract) -> Contract:
    """The same state. Refused with 422 if its dates, price, quantities or versions cannot be a contract's."""
    sound = (
        state.start_day < state.end_day
        and state.billing_months > 0
        and (state.unit_price_minor > 0 or not state.obligations)
        and state.versions
        and (state.obligations or state.deliverables)
        and (not state.ramp or min(state.ramp) > 0)
    )
    if not sound:
        raise Refused(422, "invalid_contract")
    signed_day = state.versions[0].signed_day
    for number, version in enumerate(state.versions, start=1):
        if version.number != number or version.quantity < 0 or version.signed_day < signed_day:
            raise Refused(422, "invalid_contract")
        signed_day = version.signed_day
    for obligation in state.obligations:
        if obligation.ssp_minor <= 0:
            raise Refused(422, "invalid_contract")
    if state.deliverables and not _sound_deliverables(state):
        raise Refused(422, "invalid_contract")
    try:
        service_periods(state.start_day, state.end_day, state.billing_months)
    except ValueError as error:
        raise Refused(422, "invalid_contract") from error
    return state


def _sound_deliverables(state: Contract) -> bool:
    """Whether each can be told from all else that is promised, and what is agreed by the unit is agreed but once.

    A version may agree on more of what has a fixed price: that alone needs no stand-alone selling price.
    """
    first: dict[str, Deliverable] = {}
    parts = {(0, obligation.product) for obligation in state.obligations}
    for one in sorted(state.deliverables, key=lambda one: one.version):
        part, known = (one.version, one.product), first.setdefault(one.product, one)
        more = known is not one and one.price_minor != 0 and known.measure == one.measure
        if part in parts or (0, one.product) in parts or not (more or known is one):
            return False
        if not _sound(one, state.version, more=more):
            return False
        parts.add(part)
    return True


def _sound(one: Deliverable, newest: int, *, more: bool) -> bool:
    """Whether a deliverable has a fixed price or one by the unit, what its measure needs, and a version."""
    whole = one.invoicing != "as_delivered" and one.measure != "as_invoiced"
    fixed = whole and one.price_minor != 0 and not one.rate_minor and (one.ssp_minor > 0 or more)
    each = one.invoicing == "as_delivered" and one.measure == "as_invoiced"
    by_the_unit = each and one.rate_minor > 0 and not one.price_minor
    measured = one.to_day > one.from_day if one.measure == "by_day" else one.units > 0 or one.measure != "by_hours"
    return (fixed or by_the_unit) and measured and 1 <= one.version <= newest


def promised(state: Contract, fulfilment: Fulfilment) -> None:
    """Refused with 422 if a contract, as far as its copy goes, has no such deliverable."""
    if all(one.product != fulfilment.product for one in state.deliverables):
        raise Refused(422, "unknown_deliverable")


def valid_postings(postings: Iterable[Posting]) -> None:
    """Refused with 422 if one of them is to an account that the chart does not have."""
    for account, _, _ in postings:
        if account not in CHART and not account.startswith(REVENUE):
            raise Refused(422, "unknown_account")


def live(copy: Copy, word: str) -> None:
    """Refused with 409 and this word if a copy was voided: it is not written any more."""
    if copy.void is not None:
        raise Refused(409, word)


def at_revision(revision: int, expected: int | None) -> None:
    """Refused with 412 if a record is no longer at the revision that its writer read: HTTP's If-Match, or None."""
    if expected is not None and expected != revision:
        raise Refused(412, "revision_changed")
