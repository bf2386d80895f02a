"""Whether there is a contract, until when, and with which others it is one (step 1 of ASC 606)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What makes an agreement a contract with a customer. ASC 606-10-25-1(a) to (e)."""

    approved: bool = True
    rights_identified: bool = True
    payment_terms_identified: bool = True
    commercial_substance: bool = True
    collection_probable: bool = True


def missing(criteria: Criteria) -> tuple[str, ...]:
    """The criteria that are not met: a contract is one if there are none. ASC 606-10-25-1."""
    return tuple([field.name for field in fields(criteria) if not getattr(criteria, field.name)])


def revenue_without_contract_minor(
    received_minor: int,
    *,
    nonrefundable: bool,
    nothing_left: bool = False,
    terminated: bool = False,
    stopped: bool = False,
) -> int:
    """What is revenue of the consideration received while there is no contract: all or nothing. ASC 606-10-25-7, 25-8.

    All, if it cannot be claimed back and either there is `nothing_left` to transfer and substantially all of the
    consideration is received, or the agreement is `terminated`, or control has passed of what the consideration is for
    and the company has `stopped` to transfer more, and is not bound to. Until then it is a liability.
    """
    return received_minor if nonrefundable and (nothing_left or terminated or stopped) else 0


@dataclass(frozen=True, slots=True)
class Termination:
    """A customer's right to end a contract, `notice_days` after saying so.

    With a substantive `penalty` the contract holds in spite of it. `pro_rata_refund`: what is prepaid for the time
    after is paid back.
    """

    notice_days: int = 0
    penalty: bool = False
    pro_rata_refund: bool = False

    def __post_init__(self) -> None:
        if self.notice_days < 0:
            raise ValueError(f"a notice is given 0 or more days before, not {self.notice_days}")


def enforceable_end_day(start_day: int, end_day: int, at_day: int, right: Termination | None = None) -> int:
    """The first day after what both parties are bound to, as of `at_day`, between `start_day` and `end_day`.

    Without a right to leave, or against a substantive penalty, that is the stated term; else what the notice covers:
    a contract that can be left at any time goes from day to day, or from month to month. ASC 606-10-25-3.
    """
    if right is None or right.penalty:
        return end_day
    return min(max(at_day, start_day) + right.notice_days, end_day)


def exists(*, wholly_unperformed: bool, each_may_terminate_without_compensation: bool) -> bool:
    """Whether there is a contract at all for this purpose: not while both can walk away from it. ASC 606-10-25-4."""
    return not (wholly_unperformed and each_may_terminate_without_compensation)


def refundable_minor(paid_minor: int, earned_minor: int, right: Termination | None) -> int:
    """The refund liability of a prepayment that the customer may claim back for what is not provided yet, else 0.

    It is neither contract liability nor in the remaining performance obligations. ASC 606-10-32-10, 25-3.
    """
    return max(paid_minor - earned_minor, 0) if right is not None and right.pro_rata_refund else 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement as it bears on others. `customer` is the same for related parties of one.

    `package` names the commercial objective that it was negotiated for, if it shares one; `depends_on` the agreements
    on whose price or performance its consideration depends; `bundle` the obligation that its promises are a part of,
    if that is more than they.
    """

    key: str
    customer: str
    signed_day: int
    package: str | None = None
    depends_on: tuple[str, ...] = ()
    bundle: str | None = None


def combined(agreements: Sequence[Agreement], *, near_days: int = 0) -> tuple[tuple[str, ...], ...]:
    """The agreements that are accounted for as one contract, by key; each is in one group. ASC 606-10-25-9.

    Two are if they are with one customer, were entered into within `near_days` of each other, and share a package or a
    bundle, or one depends on the other; and all that are so linked are one. Groups and keys in the order given.
    """
    group: dict[str, int] = {agreement.key: number for number, agreement in enumerate(agreements)}
    for one in agreements:
        for other in agreements:
            if group[one.key] != group[other.key] and _belong_together(one, other, near_days):
                low, high = sorted((group[one.key], group[other.key]))
                group = {key: low if number == high else number for key, number in group.items()}
    return tuple([tuple([key for key, of in group.items() if of == number]) for number in sorted(set(group.values()))])


def _belong_together(one: Agreement, other: Agreement, near_days: int) -> bool:
    if one.customer != other.customer or abs(one.signed_day - other.signed_day) > near_days:
        return False
    package = one.package is not None and one.package == other.package
    bundle = one.bundle is not None and one.bundle == other.bundle
    return package or bundle or one.key in other.depends_on or other.key in one.depends_on
