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
        and all(minor > 0 for minor in state.ramp)
    )
    if not sound:
        raise Refused(422, "invalid_contract")
    for number, version in enumerate(state.versions, start=1):
        if version.number != number or version.quantity < 0:
            raise Refused(422, "invalid_contract")
    for obligation in state.obligations:
        if obligation.ssp_minor <= 0:
            raise Refused(422, "invalid_contract")
    for one in state.deliverables:
        if not _sound(one, state.version):
            raise Refused(422, "invalid_contract")
    try:
        service_periods(state.start_day, state.end_day, state.billing_months)
    except ValueError as error:
        raise Refused(422, "invalid_contract") from error
    return state


def _sound(one: Deliverable, newest: int) -> bool:
    """Whether a deliverable has a fixed price or one by the unit, what its measure needs, and a version."""
    fixed = one.price_minor != 0 and not one.rate_minor and (one.ssp_minor > 0 or one.version > 1)
    by_the_unit = one.rate_minor > 0 and not one.price_minor and one.measure == "as_invoiced"
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
