"""What a contract shows in the balance sheet: receivable, contract asset and contract liability apart (ASC 606-10-45).

A contract asset is a right that depends on more than time, a receivable one that does not, invoiced or not. A
contract has one net position, asset or liability; contracts are never netted with each other.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The facts of one contract at an instant, cumulative, in minor units of its currency.

    `revenue_minor` is recognised; `unconditional_minor` what the company has an unconditional right to, net of tax and
    credit memos; `uninvoiced_minor` the part of that which is not invoiced. `paid_minor` is the cash received less the
    refunds paid, tax included; of it, `on_account_minor` is the customer's money, unapplied, or credited and not yet
    paid back, and `advance_minor`, net of tax, was paid for what is not owed yet, while something that is owed is not
    paid. Otherwise it need not be said: what is paid is taken as paid for what is owed, and the rest as an advance.

    `tax_minor` is the tax on what is owed or paid, less that credited: that of an invoice which is neither, since the
    customer may still leave, is not in it. `refundable_minor` is what is expected to be given back of the price, once
    that is paid or due (32-10).

    Raises ValueError if a part is more than what it is a part of, or anything but the revenue is negative.
    """

    revenue_minor: int = 0
    unconditional_minor: int = 0
    uninvoiced_minor: int = 0
    tax_minor: int = 0
    paid_minor: int = 0
    on_account_minor: int = 0
    advance_minor: int = 0
    refundable_minor: int = 0

    def __post_init__(self) -> None:
        on_account_minor, advance_minor = self.on_account_minor, self.advance_minor
        if min(self.uninvoiced_minor, self.tax_minor, on_account_minor, advance_minor, self.refundable_minor) < 0:
            raise ValueError(f"only revenue can be negative, got {self}")
        if self.uninvoiced_minor > self.unconditional_minor or on_account_minor + advance_minor > self.paid_minor:
            raise ValueError(f"uninvoiced is a part of unconditional, on account and advance of paid, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """The balances of a contract or of many, each in its usual direction, with cash and revenue to date."""

    cash: int = 0
    receivable: int = 0
    unbilled_receivable: int = 0
    contract_asset: int = 0
    contract_liability: int = 0
    refund_liability: int = 0
    customer_credit: int = 0
    tax_payable: int = 0
    revenue: int = 0

    def debits(self) -> dict[str, int]:
        """Every balance as a debit, credits negative. They sum to zero."""
        return {
            field.name: minor if field.name in DEBIT else -minor
            for field, minor in zip(fields(self), astuple(self), strict=True)
        }

    def entry_from(self, before: "Balances") -> dict[str, int]:
        """The journal entry that leads here from `before`: accounts with debits positive, without those unchanged."""
        old = before.debits()
        changes = {account: minor - old[account] for account, minor in self.debits().items()}
        return {account: minor for account, minor in changes.items() if minor}


DEBIT = ("cash", "receivable", "unbilled_receivable", "contract_asset")
"""The balances that are debits; the others are credits."""


def present(standing: Standing) -> Balances:
    """The balances of one contract. ASC 606-10-45-1..4.

    Consideration that is paid, or that the company has an unconditional right to, is a contract liability as far as it
    is not recognised as revenue and not expected to be given back; revenue beyond it is a contract asset. So
    `contract_liability - contract_asset` is always that consideration less the refund liability less revenue, and one
    of the two is zero. What is paid and not due is no receivable, and what is invoiced before it is unconditional
    neither. A refund liability is what is expected to be given back of that consideration, and no more (32-10).
    """
    applied_minor = standing.paid_minor - standing.on_account_minor - standing.advance_minor
    due_minor = standing.unconditional_minor + standing.tax_minor
    open_minor = max(due_minor - applied_minor, 0)
    unbilled_minor = min(open_minor, standing.uninvoiced_minor)
    consideration_minor = max(due_minor, applied_minor) - standing.tax_minor + standing.advance_minor
    refund_minor = min(standing.refundable_minor, consideration_minor)
    net_minor = consideration_minor - refund_minor - standing.revenue_minor
    return Balances(
        cash=standing.paid_minor,
        receivable=open_minor - unbilled_minor,
        unbilled_receivable=unbilled_minor,
        contract_asset=max(-net_minor, 0),
        contract_liability=max(net_minor, 0),
        refund_liability=refund_minor,
        customer_credit=standing.on_account_minor,
        tax_payable=standing.tax_minor,
        revenue=standing.revenue_minor,
    )


def in_all(balances: Iterable[Balances]) -> Balances:
    """The balances of many contracts, each sum by itself: an asset of one is not netted with a liability of another."""
    sums = [sum(column) for column in zip(*[astuple(one) for one in balances], strict=True)]
    return Balances(**{field.name: minor for field, minor in zip(fields(Balances), sums, strict=False)})


@dataclass(frozen=True, slots=True)
class Claim:
    """An amount of a contract in minor units, when it falls due, and when the work for it was done, if it was.

    `cancellable`: the customer may still walk away from what is not transferred without paying for it.
    """

    minor: int
    due_day: int
    performed_day: int | None = None
    cancellable: bool = False


def unconditional_minor(claims: Iterable[Claim], at_day: int) -> int:
    """What is owed come what may at the end of `at_day`: an invoice alone does not make a receivable. 606-10-45-4.

    What was performed is owed from then on, though it fall due later. What was not is owed when it falls due, unless
    the contract can be cancelled: then only payment or performance counts. ASC 606-10-55-284, 55-285.
    """
    return sum(
        claim.minor
        for claim in claims
        if (claim.performed_day is not None and claim.performed_day <= at_day)
        or (not claim.cancellable and claim.due_day <= at_day)
    )
