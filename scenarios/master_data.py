"""What becomes of customers' master data: second accounts of the same customer, families of companies, changes.

Whose second account one is, and to whom a company belongs, is drawn by its key from the accounts before it; what
changes, and when, by its key alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from fakes.agreements import Account
from scenarios import profiles
from scenarios.model import Model
from scenarios.names import company
from scenarios.truth import Act
from scenarios.values import MILLION, Scaled, Share
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Stream, happens


class CustomerData(Model):
    """How sales keeps its customers' data."""

    duplicate_share_ppm: Share = Field(
        30_000, alias="duplicate_share", description="Share of accounts that are a second one of a customer."
    )
    parent_share_ppm: Share = Field(
        150_000, alias="parent_share", description="Share of accounts that belong to another customer's company."
    )
    changes_per_account_ppm: Annotated[int, Scaled(MILLION, 0, 1, "write 0.1 for one in ten accounts")] = Field(
        100_000, alias="changes_per_account", description="Share of accounts that are renamed or sold during the run."
    )


def related(data: CustomerData, opened: Sequence[tuple[int, Account]], seed: int) -> list[tuple[int, Account]]:
    """The accounts, given in the order of their opening with its instant, as they are related to each other.

    A second account of a customer is one of the same party, and of the same legal entity.
    """
    chance = Stream(seed, "master data")
    accounts: dict[str, tuple[int, Account]] = {}
    first: list[str] = []
    for at_us, drawn in opened:
        doubled, of_whom, belongs, to_whom, *_ = chance.six(drawn.key)
        account = drawn
        if first and happens(doubled, data.duplicate_share_ppm):
            base_us, base = accounts[first[of_whom * len(first) >> BITS]]
            if base.entity == account.entity:
                party = f"P-{base.key.removeprefix('A-')}"
                accounts[base.key] = base_us, replace(base, party=party)
                accounts[account.key] = at_us, replace(account, party=party, name=base.name)
                continue
        if first and happens(belongs, data.parent_share_ppm):
            account = replace(account, parent=first[to_whom * len(first) >> BITS])
        first.append(account.key)
        accounts[account.key] = at_us, account
    return list(accounts.values())


def changes(
    data: CustomerData, opened: Sequence[tuple[int, Account]], calendar: FiscalCalendar, seed: int
) -> Iterator[Act]:
    """The changes of accounts in the quarter: a company is renamed or, with its parent, sold."""
    chance = Stream(seed, "account change")
    time = profiles.even(calendar, calendar.quarter_start.toordinal(), calendar.day_of(calendar.quarter_end_us))
    for opened_us, account in opened:
        changed, sold, name, *_ = chance.six(account.key)
        at_us = time.draw_us(chance.word(account.key, "when"))
        if happens(changed, data.changes_per_account_ppm) and at_us > opened_us:
            after = replace(account, version=2, name=company(name))
            if account.parent and sold >> (BITS - 1):
                after = replace(account, version=2, parent="")
            yield Act(at_us, account=after)
