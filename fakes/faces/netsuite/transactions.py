"""What all transactions have in common: whose they are, their lines, when they are posted, what is noted of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from fakes.faces.netsuite.customers import Customers
from fakes.faces.netsuite.errors import Fault, bad_value, missing, nonexistent
from fakes.faces.netsuite.fields import Field, Link, RecordType, Reference
from fakes.faces.netsuite.fixed import CURRENCIES, Accounts
from fakes.faces.netsuite.kept import AllItems
from fakes.faces.netsuite.office import Body, Office
from fakes.faces.netsuite.terms import amount_minor
from fakes.records import Customer

NOT_NOTED = ("entity", "customer", "item", "apply", "line", "createdFrom", "postingPeriod", "tranDate", "currency")
"""What of a transaction is the core's, or noted in another form."""


class Transactions:
    """All transactions of one type."""

    type: RecordType

    def __init__(self, office: Office, customers: Customers, items: AllItems, accounts: Accounts) -> None:
        self.office = office
        self.customers = customers
        self.items = items
        self.accounts = accounts

    def ids(self) -> Iterable[int]:
        raise NotImplementedError

    def has(self, id_: int) -> bool:
        raise NotImplementedError

    def find(self, reference: Reference) -> int | None:
        raise NotImplementedError

    def check(self, id_: int) -> None:
        """Raises Fault: 404 if there is no such transaction."""
        if not self.has(id_):
            raise nonexistent(self.type.name)

    # --- what is sent --------------------------------------------------------------------------------

    def customer(self, body: Body, field: str) -> Customer:
        """The customer that a body names. Raises Fault."""
        reference = body.get(field)
        if reference is None:
            raise missing(field)
        return self.customers.customer(self.office.resolve("customer", reference, field))

    def currency(self, body: Body, default: str = "USD") -> str:
        """The ISO code of the currency that a body names."""
        reference = body.get("currency")
        return default if reference is None else CURRENCIES[self.office.resolve("currency", reference, "currency") - 1]

    def day(self, body: Body) -> int:
        """The day of a transaction: today, if a body does not say."""
        return int(body.get("tranDate") or self.office.today)

    def posting_day(self, body: Body, day: int) -> int:
        """A day of the period that a transaction is to be posted in: that of its own day, if a body does not say."""
        reference = body.get("postingPeriod")
        if reference is None:
            return day
        month = self.office.resolve("accountingPeriod", reference, "postingPeriod")
        calendar = self.office.door.calendar
        return day if calendar.month_of_day(day) == month else calendar.first_day(month)

    def lines(self, rows: Sequence[Body]) -> list[Body]:
        """Lines of items, with links to these, and an amount each. Raises Fault."""
        lines = []
        for place, row in enumerate(rows):
            path = f"item.items[{place}]"
            said = self.linked(self.type.sublists["item"], row)
            if not isinstance(said.get("item"), Link):
                raise missing("item", f"{path}.item")
            if said.get("quantity") is not None and said["quantity"] < 0:
                raise bad_value(said["quantity"], "quantity", f"{path}.quantity")
            lines.append({**said, "line": place + 1, "amount": amount_minor(said)})
        return lines

    def linked(self, fields: dict[str, Field] | Any, row: Body) -> Body:
        """A row or body whose references are links. Raises Fault where one leads nowhere."""
        said = dict(row)
        for name, value in row.items():
            if isinstance(value, Reference):
                to = fields[name].to
                id_ = self.office.resolve(to, value, name)
                said[name] = self.items.link(id_) if to == "item" else Link(to, id_, str(value))
        return said

    def alone(self, external_id: str | None) -> None:
        """Raises Fault if there is a record of this external id."""
        if external_id and self.find(Reference(external_id=external_id)) is not None:
            raise Fault(400, "DUP_RCRD", "Error while accessing a resource. This record already exists.", "externalId")

    def merged(self, known: Sequence[Body], rows: Sequence[Body], *, anew: bool) -> list[Body]:
        """Lines after a change: those that name a `line` are changed, others are added; or all are written `anew`."""
        if anew:
            return list(rows)
        after = {int(line["line"]): dict(line) for line in known}
        for row in rows:
            number = row.get("line")
            if number is None:
                after[max(after, default=0) + 1] = dict(row)
            elif number not in after:
                raise bad_value(number, "line", "item.items")
            else:
                changed = {**after[number], **row}
                if "amount" not in row and ("quantity" in row or "rate" in row):
                    changed.pop("amount", None)
                elif "amount" in row and "rate" not in row:
                    changed.pop("rate", None)
                after[number] = changed
        return list(after.values())

    # --- what is noted -------------------------------------------------------------------------------

    def noting(self, body: Body) -> Body:
        """What of a body is noted, with links for references. Raises Fault where one leads nowhere."""
        return self.linked(self.type.fields, {name: value for name, value in body.items() if name not in NOT_NOTED})

    def note(self, key: str, said: Body) -> None:
        """Note it of the core's record."""
        self.office.note("transaction", key, self.office.stamped(said))
        if said.get("externalId"):
            self.office.name(self.type.name, f"eid:{said['externalId']}", key)

    def noted(self, key: str) -> Body:
        """What is noted of the core's record."""
        return dict(self.office.noted("transaction", key))
