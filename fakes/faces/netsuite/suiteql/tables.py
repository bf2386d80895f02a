"""The tables that queries read: the records of the account, by the names that SuiteQL has for their fields.

In lines of sales, quantities and amounts are negative, and the first line of each transaction is its total: the lines
of a transaction sum to nothing. Accounting lines are the postings in the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from fakes.faces.netsuite.catalogue import ITEM_TYPES, ITEMS, SEGMENTS
from fakes.faces.netsuite.fields import Field, Link, RecordType, Reference
from fakes.faces.netsuite.fixed import Accounts
from fakes.faces.netsuite.office import Body, Office, Records, transaction_id
from fakes.faces.netsuite.suiteql.values import Value
from fakes.records import JournalEntry

Hints = Mapping[str, Sequence[str]]
"""Of some columns, all values that a query can use; more may be given than it asks for."""


class Row(NamedTuple):
    """One row: the value of each column, and how people call it where that is something else."""

    value: Callable[[str], Value]
    display: Callable[[str], Value]


class Table(NamedTuple):
    """One table: its columns, whether custom ones may come on top, and its rows."""

    name: str
    columns: tuple[str, ...]
    custom: tuple[str, ...]
    rows: Callable[[Hints], Iterable[Row]]

    def has(self, column: str) -> bool:
        """Whether there is such a column."""
        return column in self.columns or (bool(self.custom) and column.startswith(self.custom))


TRANSACTION_TYPES: Mapping[str, tuple[str, str]] = {
    "salesOrder": ("SalesOrd", "Sales Order"), "invoice": ("CustInvc", "Invoice"),
    "creditMemo": ("CustCred", "Credit Memo"), "customerPayment": ("CustPymt", "Payment"),
    "customerRefund": ("CustRfnd", "Customer Refund"), "journalEntry": ("Journal", "Journal"),
}  # fmt: skip
"""The types of transaction: what queries call each, and people."""

_SEGMENT = Field("", "any")
_TRANSACTION = (
    "id", "type", "recordtype", "abbrevtype", "tranid", "externalid", "trandate", "entity", "currency", "foreigntotal",
    "total", "foreignamountunpaid", "foreignamountpaid", "status", "postingperiod", "memo", "createddate",
    "lastmodifieddate", "posting", "voided", "startdate", "enddate", "otherrefnum", "duedate", "email",
    "trandisplayname", "transactionnumber", "createdfrom", "exchangerate", "number", "createdby",
)  # fmt: skip
_LINE = (
    "transaction", "id", "linesequencenumber", "uniquekey", "mainline", "taxline", "item", "itemtype", "quantity",
    "rate", "foreignamount", "netamount", "amount", "memo", "entity", "department", "class", "location", "subsidiary",
    "createdfrom", "account", "isclosed",
)  # fmt: skip
_ACCOUNTING = (
    "transaction", "transactionline", "account", "debit", "credit", "amount", "netamount", "posting", "accountingbook",
    "accounttype",
)  # fmt: skip


class Tables:
    """All tables of an account."""

    def __init__(self, office: Office, accounts: Accounts) -> None:
        self._office = office
        self._accounts = accounts

    def table(self, name: str) -> Table | None:
        """A table by its name, in small letters."""
        own = {
            "transaction": Table(name, _TRANSACTION, ("custbody",), self._transactions),
            "transactionline": Table(name, _LINE, ("custcol",), self._lines),
            "transactionaccountingline": Table(name, _ACCOUNTING, (), self._accounting),
            "dual": Table(name, ("dummy",), (), lambda hints: [Row(lambda column: "X", lambda column: "X")]),
        }
        if name in own:
            return own[name]
        if name == "item":
            kinds = [self._office.records[one.name] for one in ITEMS]
            return Table(name, (*_columns(ITEMS[0]), "fullname"), ITEMS[0].custom, lambda hints: self._of(kinds, hints))
        kind = {"entity": "customer", "class": "classification", **{one: one for one in SEGMENTS}}.get(name, name)
        found = next((one for key, one in self._office.records.items() if key.lower() == kind), None)
        if found is None or found.type.name in {*TRANSACTION_TYPES, *ITEM_TYPES}:
            return None
        columns = (*_columns(found.type), "fullname", "type", "datecreated")
        return Table(name, columns, found.type.custom, lambda hints: self._of([found], hints))

    # --- records -------------------------------------------------------------------------------------

    def _of(self, kinds: Sequence[Records], hints: Hints) -> Iterator[Row]:
        for records in kinds:
            for id_ in _ids(records, hints):
                yield self._row(records, id_, self._plain)

    def _transactions(self, hints: Hints) -> Iterator[Row]:
        for records in self._kinds(hints.get("type")):
            for id_ in _ids(records, hints):
                yield self._row(records, id_, self._transaction)

    def _kinds(self, types: Sequence[str] | None) -> list[Records]:
        wanted = None if types is None else {one.lower() for one in types}
        return [
            self._office.records[kind]
            for kind, (type_, _) in TRANSACTION_TYPES.items()
            if wanted is None or type_.lower() in wanted
        ]

    def _row(self, records: Records, id_: int, made: Callable[[Records, Body, str], Any]) -> Row:
        shown: Body = {}

        def value(column: str, *, display: bool = False) -> Value:
            if column == "id":
                return Decimal(id_)
            if not shown:
                shown.update((name.lower(), one) for name, one in records.show(id_).items())
            return self._value(records.type, column, made(records, shown, column), display=display)

        return Row(value, lambda column: value(column, display=True))

    def _value(self, type_: RecordType, column: str, value: Any, *, display: bool = False) -> Value:  # noqa: PLR0911  one for each kind of value
        """A field's value as queries have it."""
        if isinstance(value, Link):
            if display:
                return value.name
            return Decimal(value.id) if isinstance(value.id, int) else value.id
        if isinstance(value, bool):
            return "T" if value else "F"
        if isinstance(value, Mapping):
            return str(value.get("refName" if display else "id", "")) or None
        if value is None or isinstance(value, date | str | Decimal):
            return value
        if isinstance(value, list):
            return None
        kind = _fields_of(type_).get(column, _SEGMENT).kind
        if column in {"createddate", "lastmodifieddate", "datecreated"}:
            return self._office.door.calendar.local(value).replace(tzinfo=None, microsecond=0)
        if kind == "money":
            return Decimal(value) / 100
        return date.fromordinal(value) if kind == "date" else Decimal(str(value))

    @staticmethod
    def _plain(records: Records, shown: Body, column: str) -> Any:
        if column == "fullname":
            return next((shown[one] for one in ("itemid", "acctname", "altname", "name") if shown.get(one)), None)
        if column == "datecreated":
            return shown.get("createddate")
        if column == "type":
            return "CustJob" if records.type.name == "customer" else None
        if column == "accttype" or column not in shown:
            return shown.get(column)
        return shown[column]

    @staticmethod
    def _transaction(records: Records, shown: Body, column: str) -> Any:  # noqa: PLR0911  one for each column
        type_, title = TRANSACTION_TYPES[records.type.name]
        if column in {"type", "abbrevtype"}:
            return {"id": type_, "refName": title}
        if column == "recordtype":
            return records.type.name.lower()
        if column in {"foreigntotal", "total"}:
            sign = -1 if type_ in {"CustCred", "CustPymt"} else 1
            return Decimal(sign * shown["total"]) / 100
        if column == "entity":
            return shown.get("entity") or shown.get("customer")
        if column in {"foreignamountunpaid", "foreignamountpaid"}:
            left = shown.get("amountremaining" if column.endswith("unpaid") else "amountpaid")
            return None if left is None else Decimal(left) / 100
        if column == "status":
            said = shown.get("status", {"id": "Approved", "refName": "Approved for Posting"})
            code = "B" if said["id"] in {"Paid In Full", "Fully Applied"} or type_ == "SalesOrd" else "A"
            return {"id": "H" if said["id"] == "H" else code, "refName": f"{title} : {said['refName']}"}
        if column in {"trandisplayname", "transactionnumber", "number"}:
            return f"{title} #{shown['tranid']}" if column == "trandisplayname" else str(shown["tranid"])
        if column == "posting":
            return type_ != "SalesOrd"
        if column == "voided":
            return False
        return shown.get(column)

    # --- lines ---------------------------------------------------------------------------------------

    def _lines(self, hints: Hints) -> Iterator[Row]:
        wanted = {"id": hints["transaction"]} if "transaction" in hints else {}
        for records in self._kinds(None):
            for id_ in _ids(records, wanted):
                shown = records.show(id_)
                for line in _rows_of(records, id_, shown):
                    yield self._fixed(records.type, line)

    def _fixed(self, type_: RecordType, line: Body) -> Row:
        return Row(
            lambda column: self._value(type_, column, line.get(column)),
            lambda column: self._value(type_, column, line.get(column), display=True),
        )

    def _accounting(self, hints: Hints) -> Iterator[Row]:
        books = self._office.books
        of_entry = {one.journal_entry: transaction_id("document", one.id) for one in books.open_items}
        of_entry |= {one.journal_entry: transaction_id("cash", one.id) for one in books.cash.receipts}
        for applied in books.cash.applications:
            of_entry.setdefault(applied.journal_entry, transaction_id("cash", applied.receipt))
        accounts = {one.ledger: one for one in self._accounts.all()}
        wanted = set(hints["transaction"]) if "transaction" in hints else None
        for entry in books.ledger.entries:
            id_ = of_entry.get(entry.id) or transaction_id("journalEntry", entry.id)
            if wanted is None or str(id_) in wanted:
                yield from (self._posting(entry, id_, place, accounts) for place in range(len(entry.postings)))

    def _posting(self, entry: JournalEntry, id_: int, place: int, accounts: Mapping[str, Any]) -> Row:
        ledger, _, minor = entry.postings[place]
        account, amount = accounts[ledger], Decimal(minor) / 100
        return self._fixed(
            self._accounts.type,
            {
                "transaction": Link("transaction", id_, str(id_)), "transactionline": Decimal(place),
                "account": Accounts.link(account), "debit": amount if minor > 0 else None,
                "credit": -amount if minor < 0 else None, "amount": amount, "netamount": amount, "posting": True,
                "accountingbook": Decimal(1), "accounttype": account.type,
            },
        )  # fmt: skip


def _rows_of(records: Records, id_: int, shown: Body) -> Iterator[Body]:
    """The lines of a transaction, its total first."""
    type_ = TRANSACTION_TYPES[records.type.name][0]
    common = {
        "transaction": Link(records.type.name, id_, str(shown["tranId"])), "taxline": False, "isclosed": False,
        "entity": shown.get("entity") or shown.get("customer"), "subsidiary": Link("subsidiary", 1, "Parent Company"),
        "createdfrom": shown.get("createdFrom"),
    }  # fmt: skip
    sign = -1 if type_ in {"CustCred", "CustPymt"} else 1
    total = Decimal(sign * shown["total"]) / 100
    if type_ != "Journal":
        yield {
            **common, **_numbered(id_, 0), "mainline": True, "foreignamount": total, "netamount": total,
            "amount": total, "memo": shown.get("memo"),
        }  # fmt: skip
    for row in shown.get("item", ()):
        amount = Decimal(-sign * row["amount"]) / 100
        quantity = row.get("quantity")
        yield {
            **common, **_named(row), **_numbered(id_, row["line"]), "mainline": False, "foreignamount": amount,
            "netamount": amount, "amount": amount, "memo": row.get("description"),
            "quantity": None if quantity is None else Decimal(str(quantity)) * -sign,
            "rate": None if row.get("rate") is None else Decimal(row["rate"]) / 100, 
            "itemtype": _type_of(row.get("item")),
        }  # fmt: skip
    for row in shown.get("line", ()):
        amount = Decimal((row["debit"] or 0) - (row["credit"] or 0)) / 100
        yield {
            **common, **_named(row), **_numbered(id_, row["line"] - 1), "mainline": row["line"] == 1,
            "foreignamount": amount, "netamount": amount, "amount": amount, "entity": row.get("entity"),
        }  # fmt: skip


def _numbered(id_: int, place: int) -> Body:
    return {"id": Decimal(place), "linesequencenumber": Decimal(place), "uniquekey": Decimal(1_000 * id_ + place)}


def _named(row: Body) -> Body:
    """A line's own fields, money as numbers."""
    money = {"custcol_ssp", "custcol_price", "custcol_rate"}
    return {
        name.lower(): Decimal(value) / 100 if name in money and value is not None else value
        for name, value in row.items()
        if name not in {"quantity", "rate", "amount", "line", "debit", "credit"}
    }


def _type_of(item: Any) -> str | None:
    return ITEM_TYPES.get(item.type) if isinstance(item, Link) else None


def _ids(records: Records, hints: Hints) -> Iterable[int]:
    """The ids of records that a query can use."""
    if "id" in hints and all(one.isascii() and one.isdigit() and len(one) < 18 for one in hints["id"]):
        return [one for one in sorted(dict.fromkeys(map(int, hints["id"]))) if records.has(one)]
    if "externalid" in hints:
        found = (records.find(Reference(external_id=one)) for one in hints["externalid"])
        return sorted({one: None for one in found if one is not None})
    return records.ids()


_FIELDS: dict[str, dict[str, Field]] = {}


def _fields_of(type_: RecordType) -> Mapping[str, Field]:
    """The fields of a type, by their names in small letters."""
    known = _FIELDS.get(type_.name)
    if known is None:
        known = _FIELDS[type_.name] = {name.lower(): field for name, field in type_.fields.items()}
    return known


def _columns(type_: RecordType) -> tuple[str, ...]:
    return tuple(name.lower() for name in type_.fields if name not in {"links", "customForm"})
