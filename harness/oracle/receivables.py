"""What customers owe: from the opening to the closing balance of receivables, customer by customer and month by month.

Receivables of before the run are settled, so the first month opens with nothing. What customers paid is no part of what
was agreed: it is handed in, as the bank reports it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from fakes.agreements import Contract
from harness.oracle.expected import Expected
from harness.oracle.months import month_of
from harness.oracle.movements import Amounts, Movements, Sheet, rows_of
from harness.oracle.translation import HOME, Translation

Paid: TypeAlias = tuple[str, int, int]
"""Whose payment, on which day, and how much in minor units; a refund is negative."""


@dataclass(frozen=True, kw_only=True)
class Receivables:
    """A book's movements of receivables, in arrays by month and customer (of `accounts`), all of them positive.

    Amounts are in the customers' own currencies, and `worth` says what they come to.
    `unapplied` is cash that was received and not applied to a receivable, less what of it was applied since; `other`
    changed what is owed in the ledger though it is neither a document nor cash. The oracle has neither.
    """

    months: tuple[int, ...]
    accounts: tuple[str, ...]
    worth: Translation
    invoiced: Amounts
    credited: Amounts
    cash: Amounts
    refunds: Amounts
    unapplied: Amounts
    other: Amounts

    @cached_property
    def closing(self) -> Amounts:
        """What is owed at the end of each month."""
        moved = self.invoiced - self.credited - self.cash + self.refunds + self.unapplied + self.other
        return moved.cumsum(axis=0)

    def lines(self, at: int, billed_minor: int) -> dict[str, int]:
        """The lines of the month at that place, as the run document has them, in the currency that is reported in.

        `billed_minor` is what contracts were invoiced less what they were credited, as the lines before these tell it.
        What customers owe for documents beyond that is among the other entries.
        """
        month = self.months[at]

        def minor(amounts: Amounts, of_month: int = month) -> int:
            return self.worth.minor(amounts, of_month)

        documents_minor = minor(self.invoiced[at]) - minor(self.credited[at])
        lines = {
            "receivables_opening_minor": minor(self.closing[at - 1], month - 1) if at else 0,
            "cash_minor": minor(self.cash[at]),
            "refunds_minor": minor(self.refunds[at]),
            "unapplied_minor": minor(self.unapplied[at]),
            "receivables_other_minor": documents_minor - billed_minor + minor(self.other[at]),
            "receivables_minor": minor(self.closing[at]),
            "unapplied_cash_minor": minor(self.unapplied[: at + 1].sum(axis=0)),
        }
        paid = lines["cash_minor"] - lines["refunds_minor"] - lines["unapplied_minor"]
        added = lines["receivables_opening_minor"] + billed_minor - paid + lines["receivables_other_minor"]
        return {**lines, "receivables_translation_minor": lines["receivables_minor"] - added}

    def rows(self) -> Iterator[tuple[int | str, ...]]:
        """A row a month and customer that has anything: both, and in minor units the rollforward of what it owes.

        That is opening, invoiced, credited, cash, refunds, unapplied cash, other and closing.
        """
        for at, month in enumerate(self.months):
            opening = self.closing[at - 1] if at else np.zeros_like(self.closing[0])
            columns = (
                opening, self.invoiced[at], self.credited[at], self.cash[at], self.refunds[at], self.unapplied[at],
                self.other[at], self.closing[at],
            )  # fmt: skip
            yield from rows_of(month, self.accounts, columns)


def receivables(expected: Expected, moved: Movements, payments: Iterable[Paid]) -> Receivables:
    """What customers must owe for the charges of `moved`, less what they paid.

    Who has paid though nothing was agreed, for what an integration made up, comes after those with an account.
    """
    contracts, payments = expected.contracts, list(payments)
    payers = dict.fromkeys((*expected.accounts, *(account for account, _, _ in payments)))
    place = {account: at for at, account in enumerate(payers)}
    size = len(moved.months), len(place)
    whose = np.array([place[contracts[key].account] for key in moved.contracts], dtype=np.int64)
    cash, refunds = Sheet(), Sheet()
    for account, day, minor in payments:
        month = month_of(day)
        if moved.months and month <= moved.months[-1]:
            sheet = cash if minor >= 0 else refunds
            sheet.add(max(month - moved.months[0], 0), place[account], abs(minor))
    return Receivables(
        months=moved.months,
        accounts=tuple(place),
        worth=Translation.of(expected.rates, customer_currencies(contracts, place)),
        invoiced=by_customer(moved.invoiced, whose, len(place)),
        credited=by_customer(moved.credited, whose, len(place)),
        cash=cash.amounts(*size),
        refunds=refunds.amounts(*size),
        unapplied=Sheet().amounts(*size),
        other=Sheet().amounts(*size),
    )


def customer_currencies(contracts: Mapping[str, Contract], accounts: Iterable[str]) -> Iterator[str]:
    """The currency of each customer's contracts, in order; that of one without any is the one reported in."""
    known = {contract.account: contract.currency for contract in contracts.values()}
    return (known.get(account, HOME) for account in accounts)


def by_customer(of_contracts: Amounts, whose: Amounts, customers: int) -> Amounts:
    """Amounts by month and contract, summed up by month and customer: `whose` is the customer's place by contract."""
    sums = np.zeros((len(of_contracts), customers), dtype=np.int64)
    for at, row in enumerate(of_contracts):
        np.add.at(sums[at], whose, row)
    return sums
