"""What an account comes with: its subsidiary, currencies, chart of accounts and accounting periods.

The chart is the ledger's. Revenue has an account for each product, below 4000: `4000-platform`. A period is closed once
its books are locked, which is for good.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from fakes.books.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, REVENUE, UNAPPLIED_CASH, revenue_account
from fakes.erp import CLOSE_CLEARING, OPENING_BALANCE
from fakes.erp_desk import ClosePeriod
from fakes.faces.netsuite.catalogue import ACCOUNT, CURRENCY, PERIOD, SUBSIDIARY
from fakes.faces.netsuite.errors import nonexistent, user_error
from fakes.faces.netsuite.fields import Link, RecordType, Reference
from fakes.faces.netsuite.office import Body, Office

CURRENCIES = ("USD", "GBP", "CAD", "EUR", "AUD", "CHF", "SEK", "NOK", "DKK", "SGD")
_NAMES = ("US Dollar", "British Pound", "Canadian Dollar", "Euro", "Australian Dollar", "Swiss Franc", "Swedish Krona",
          "Norwegian Krone", "Danish Krone", "Singapore Dollar")  # fmt: skip

GENERAL = "general"
"""The product of revenue that is posted to 4000 without one."""


class _Fixed:
    """Records that no client creates or deletes."""

    type: RecordType

    def __init__(self, office: Office) -> None:
        self.office = office

    def has(self, id_: int) -> bool:
        return id_ in self.ids()

    def ids(self) -> Iterable[int]:
        raise NotImplementedError

    def create(self, body: Body) -> int:
        raise user_error(f"You do not have permission to create a {self.type.title}: they are set up in the account.")

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        raise user_error(f"You do not have permission to change a {self.type.title}: they are set up in the account.")

    def delete(self, id_: int) -> None:
        raise user_error(f"This {self.type.title} cannot be deleted because it has dependent records.")


class Subsidiaries(_Fixed):
    """The one legal entity of this account."""

    type = SUBSIDIARY

    def ids(self) -> Iterable[int]:
        return (1,)

    def find(self, reference: Reference) -> int | None:
        return 1 if reference.id == 1 or reference.name == self.name else None

    @property
    def name(self) -> str:
        """What the legal entity is called."""
        return self.office.books.entity or "Parent Company"

    def show(self, id_: int) -> Body:
        return {"id": id_, "name": self.name, "currency": Link("currency", 1, "USD"), "isElimination": False}


class Currencies(_Fixed):
    """Currencies with two decimals."""

    type = CURRENCY

    def ids(self) -> Iterable[int]:
        return range(1, len(CURRENCIES) + 1)

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        word = (reference.name or reference.external_id or "").upper()
        if word in CURRENCIES:
            return CURRENCIES.index(word) + 1
        names = [name.upper() for name in _NAMES]
        return names.index(word) + 1 if word in names else None

    def show(self, id_: int) -> Body:
        return {
            "id": id_, "name": _NAMES[id_ - 1], "symbol": CURRENCIES[id_ - 1], "isBaseCurrency": id_ == 1,
            "currencyPrecision": 2,
        }  # fmt: skip

    @staticmethod
    def link(code: str) -> Link:
        """A currency by its ISO code."""
        return Link("currency", CURRENCIES.index(code) + 1 if code in CURRENCIES else code, code)


class Account(NamedTuple):
    """One account of the chart: its id, number and name, its type, and what the ledger calls it."""

    id: int
    number: str
    name: str
    type: str
    ledger: str


_CHART = (
    Account(1, "1000", "cash", "Bank", CASH),
    Account(2, "1100", "accounts receivable", "AcctRec", RECEIVABLES),
    Account(3, "2300", "unapplied cash", "OthCurrLiab", UNAPPLIED_CASH),
    Account(4, "2400", "contract liability", "DeferRevenue", CONTRACT_LIABILITY),
    Account(5, "3900", "opening balance", "Equity", OPENING_BALANCE),
    Account(6, "3950", "close clearing", "Equity", CLOSE_CLEARING),
    Account(7, "4000", "revenue", "Income", revenue_account(GENERAL)),
)
_OF_PRODUCTS = 100
"""The ids of products' accounts begin after this, in the order of the first posting to each."""


class Accounts(_Fixed):
    """The chart of accounts."""

    type = ACCOUNT

    def all(self) -> list[Account]:
        """The whole chart; products' accounts are there once something was posted to them."""
        products = [name for name in self.office.books.ledger.totals if name.startswith(REVENUE)]
        return [*_CHART, *(_of_product(name, _OF_PRODUCTS + n) for n, name in enumerate(products, start=1))]

    def ids(self) -> Iterable[int]:
        return [one.id for one in self.all()]

    def account(self, reference: Reference) -> Account | None:
        """The account that a client means, by id, number or name; one of a product need not have postings yet."""
        chart = self.all()
        if reference.id is not None:
            found = next((one for one in chart if one.id == reference.id), None)
            if found is not None or reference.id < 1000:
                return found
        word = reference.external_id or reference.name or str(reference.id)
        for one in chart:
            if word.lower() in {
                one.number.lower(),
                one.name.lower(),
                one.ledger.lower(),
                f"{one.number} {one.name}".lower(),
            }:
                return one
        for start in (REVENUE, "4000-"):
            if word.startswith(start) and word != start:
                return _of_product(revenue_account(word.removeprefix(start)), 0)
        return None

    def of_product(self, product: str) -> Account:
        """The revenue account of a product."""
        return self.of_ledger(revenue_account(product))

    def of_ledger(self, name: str) -> Account:
        """An account by the ledger's name for it."""
        chart = self.all()
        return next((one for one in reversed(chart) if one.ledger == name), None) or _of_product(name, 0)

    def find(self, reference: Reference) -> int | None:
        found = self.account(reference)
        return None if found is None else found.id

    def show(self, id_: int) -> Body:
        account = next(one for one in self.all() if one.id == id_)
        return {
            "id": id_, "acctNumber": account.number, "acctName": account.name, "acctType": account.type,
            "displayNameWithHierarchy": account.name, "isInactive": False,
            "balance": self.office.books.ledger.totals.get(account.ledger, 0),
        }  # fmt: skip

    @staticmethod
    def link(account: Account) -> Link:
        """An account."""
        return Link("account", account.id, f"{account.number} {account.name}")


def _of_product(ledger: str, id_: int) -> Account:
    product = ledger.removeprefix(REVENUE)
    return Account(id_, f"4000-{product}", f"revenue {product}", "Income", ledger)


_MONTHS_AROUND = 12


class Periods(_Fixed):
    """Accounting periods: months, whose ids are their numbers."""

    type = PERIOD

    def ids(self) -> Iterable[int]:
        months = self.office.door.calendar.months_run
        return range(months[0] - _MONTHS_AROUND, months[-1] + _MONTHS_AROUND + 1)

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        word = (reference.name or reference.external_id or "").lower()
        return next((month for month in self.ids() if period_name(month).lower() == word), None)

    def show(self, id_: int) -> Body:
        calendar, locked = self.office.door.calendar, self.office.books.ledger.locked_us.get(id_)
        closed = locked is not None
        on = None if locked is None else calendar.local(locked).replace(microsecond=0).isoformat()
        return {
            "id": id_, "periodName": period_name(id_), "startDate": calendar.first_day(id_),
            "endDate": calendar.end_day(id_) - 1, "closed": closed, "allLocked": closed, "arLocked": closed,
            "apLocked": closed, "isQuarter": False, "isYear": False, "isAdjust": False, "isPosting": True,
            "closedOnDate": on,
        }  # fmt: skip

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        if not self.has(id_):
            raise nonexistent(self.type.name)
        closed = id_ in self.office.books.ledger.locked_us
        wanted = [body[name] for name in ("closed", "allLocked", "arLocked") if body.get(name) is not None]
        if closed and not all(wanted):
            raise user_error("This period is closed for good: it cannot be opened again.", "closed")
        if any(wanted):
            self.office.door.ask(ClosePeriod(id_))

    @staticmethod
    def link(month: int) -> Link:
        """A period."""
        return Link("accountingPeriod", month, period_name(month))


def period_name(month: int) -> str:
    """What a period is called: `Jan 2026`."""
    return date(month // 12, month % 12 + 1, 1).strftime("%b %Y")
