"""A break: one difference between what must be in the books and what is, as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.oracle.ledger import Cell
from harness.oracle.months import month_name

Kind: TypeAlias = Literal[
    "missing_downstream",  # expected and not there, for longer than the SLA
    "usage_gap",  # used and not noted, for longer than the SLA
    "missing_upstream",  # there, with nothing behind it
    "duplicate",  # there once more
    "duplicate_customer",  # one account, several customers
    "double_revenue_run",  # two runs recognised the same month
    "amount_mismatch",
    "quantity_price_mismatch",  # both wrong, their product right
    "stale_master_data",  # a customer behind the newest state of its account
    "stale_amendment",  # behind the newest version agreed
    "double_applied_amendment",  # a version's change made twice
    "wrong_period",  # posted in another month than the one it belongs to
    "posted_to_closed_period",  # posted in a month after its lock
    "wrong_schedule_shape",  # the total right, its spread over time wrong
    "wrong_allocation",  # the total right, its split over products wrong
    "wrong_customer",  # right but for the party
    "wrong_account",  # right but for the ledger account
    "wrong_entity",  # right but for the legal entity whose books it is in, or whose it says it is
    "wrong_currency",  # right but for the currency
    "wrong_terms",  # a copy with other terms than were agreed, of which no other kind speaks
    "rounding",  # off by a minor unit
    "sign",  # right but for the sign
    "cancelled_still_running",  # stale_amendment where the version missed is the cancellation
    "unapplied_cash",  # received and entered, and not applied to the open item of its document
    "gl_only_entry",  # in the ledger with no document behind it
    "half_posted",  # in the subledger or the ledger alone, or not balanced
    "timing_difference",  # missing, but no longer than the SLA
]

Record: TypeAlias = Literal[
    "customer",
    "subscription",
    "order",
    "revenue_contract",
    "invoice",
    "open_item",
    "journal_entry",
    "recognition",
    "billed_document",
    "fulfilment",
    "project",
    "payment",
]

Effects: TypeAlias = tuple[tuple[Cell, int], ...]
"""What a break put off: ledger cells and by how much, actual less expected, debits positive."""

Strike: TypeAlias = tuple[int, str, str, str, str]
"""A fault's hit: instant, the fault's name and kind, where (`erp.post_document`, `crm.contract_signed`), key."""

COLUMNS = (
    "kind", "system", "record", "key", "contract", "account", "entity", "period", "amount_minor", "delta_minor",
    "currency", "expected", "actual", "since_us", "cause", "detail", "call", "source", "struck_us", "struck_by",
    "struck_at", "struck_key",
)  # fmt: skip
"""What a row of a break says; the last four are the strike that made it, if one did."""

CURRENCY = "USD"
"""The currency of what belongs to no contract and no customer, and of a business that has but one; groups report in it.
"""

ROUNDING_MINOR = 1
"""A line, a period's revenue or a posting off by up to this much is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One difference, found in `system` at its `record` with business key `key`.

    `amount_minor` says how much is off or in the wrong place, always positive; `delta_minor` how much too much
    there is in total, 0 for what is only misplaced. `period` is the month the amount belongs to, None for
    records without one. `expected` and `actual` are the two values that differ. `since_us` is when it came to
    be: for something missing, when it was due. `effects` are the ledger cells that it and nothing else put off.
    `call` is the key of the calls that made the record, `contract` and `account` what it concerns, `entity` the legal
    entity in whose books it is ("" is the first; None before the audit has said), and `currency` that of the amounts.
    `source` is the system whose event has the record made, where that is not the one of all such records: of what was
    delivered, of its charge and its revenue. `strike` is the fault's hit that is its cause.
    """

    kind: Kind
    system: str
    record: Record
    key: str
    amount_minor: int
    delta_minor: int
    period: int | None
    expected: object
    actual: object
    detail: str
    since_us: int
    call: str
    contract: str | None = None
    account: str | None = None
    entity: str | None = None
    effects: Effects = ()
    cause: str = ""
    currency: str = CURRENCY
    source: str = ""
    strike: Strike | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has to clear it; a timing difference clears itself."""
        return self.kind != "timing_difference"

    def document(self) -> dict[str, str | int | None]:
        """The break as the run document lists it."""
        return {
            "kind": self.kind,
            "key": self.key,
            "contract": self.contract,
            "system": self.system,
            "entity": self.entity,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "cause": self.cause,
            "period": None if self.period is None else month_name(self.period),
            "detail": self.detail,
        }

    def row(self) -> tuple[str | int | None, ...]:
        """The break as a row of COLUMNS, its two values spelled out."""
        return (
            self.kind,
            self.system,
            self.record,
            self.key,
            self.contract,
            self.account,
            self.entity,
            None if self.period is None else month_name(self.period),
            self.amount_minor,
            self.delta_minor,
            self.currency,
            None if self.expected is None else str(self.expected),
            None if self.actual is None else str(self.actual),
            self.since_us,
            self.cause,
            self.detail,
            self.call,
            self.source,
            *_struck(self.strike),
        )


def _struck(strike: Strike | None) -> tuple[int | str | None, ...]:
    """When, by which fault, where and at which key a break was struck."""
    if strike is None:
        return (None, None, None, None)
    at_us, name, _, where, key = strike
    return at_us, name, where, key


def effects(cells: Mapping[Cell, int] | Iterable[tuple[Cell, int]]) -> Effects:
    """The sums by cell, without those that are zero."""
    sums: dict[Cell, int] = {}
    for cell, minor in cells.items() if isinstance(cells, Mapping) else cells:
        sums[cell] = sums.get(cell, 0) + minor
    return tuple((cell, minor) for cell, minor in sums.items() if minor)


def amount_kind(expected_minor: int, actual_minor: int) -> Kind:
    """What two amounts that differ tell of themselves: rounding, sign, or just a mismatch."""
    if abs(actual_minor - expected_minor) <= ROUNDING_MINOR:
        return "rounding"
    return "sign" if actual_minor == -expected_minor else "amount_mismatch"


def misplaced(off_minor: Iterable[int]) -> int:
    """How much is off, given what is off in each place: of too much and too little, the larger sum."""
    off = list(off_minor)
    too_much = sum(minor for minor in off if minor > 0)
    return max(too_much, too_much - sum(off))
