"""Journal entries: the ledger's own entries, beside the postings of documents and cash.

A line's account is one of the chart; revenue is posted to a product's account, or to 4000 with `custcol_product`.
`custcol_subject` is what a line is about: a contract's key; without it, the line's entity's account, else
`custbody_contract_key`. `custbody_reference` is what an entry is posted for, without which its number or external id is
taken for it. `reversalDate` takes an entry back in the period of that day.
"""

from collections.abc import Iterable

from fakes.books.ledger import REVENUE, revenue_account
from fakes.erp import PostJournal, ReverseJournal
from fakes.faces.netsuite.catalogue import JOURNAL_ENTRY
from fakes.faces.netsuite.errors import bad_value, missing, user_error
from fakes.faces.netsuite.fields import Link, Reference
from fakes.faces.netsuite.fixed import Currencies, Periods
from fakes.faces.netsuite.office import Body, stamps, transaction_id, transaction_number
from fakes.faces.netsuite.transactions import Transactions
from fakes.records import JournalEntry, Posting

OTHERS = ("receivables", "cash")
"""The sources of entries that belong to other transactions."""


class JournalEntries(Transactions):
    """All journal entries, those that people have posted among them."""

    type = JOURNAL_ENTRY

    def ids(self) -> Iterable[int]:
        entries = self.office.books.ledger.entries
        return [transaction_id("journalEntry", entry.id) for entry in entries if entry.source not in OTHERS]

    def has(self, id_: int) -> bool:
        number, entries = transaction_number("journalEntry", id_), self.office.books.ledger.entries
        return number is not None and number <= len(entries) and entries[number - 1].source not in OTHERS

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        books = self.office.books
        if reference.external_id is None:
            entries = (one for one in books.ledger.entries if one.source not in OTHERS)
            named = (one for one in entries if self.tran_id(one) == reference.name)
            return next((transaction_id("journalEntry", one.id) for one in named), None)
        entry = books.entry_with(reference.external_id)
        key = entry.id if entry else self.office.named(self.type.name, f"eid:{reference.external_id}")
        return transaction_id("journalEntry", key) if key else None

    def entry(self, id_: int) -> JournalEntry:
        """The core's entry. Raises Fault: 404."""
        self.check(id_)
        return self.office.books.ledger.entries[(transaction_number("journalEntry", id_) or 0) - 1]

    def tran_id(self, entry: JournalEntry) -> str:
        """The number that people know an entry by."""
        return str(self.noted(entry.id).get("tranId") or entry.id)

    def show(self, id_: int) -> Body:
        entry = self.entry(id_)
        noted = self.noted(entry.id)
        reversal = self.office.books.reversal_of(entry.id)
        total = sum(minor for _, _, minor in entry.postings if minor > 0)
        back = {} if reversal is None else {
            "reversalDate": self.office.door.calendar.first_day(reversal.period),
            "reversalEntry": Link(self.type.name, transaction_id("journalEntry", reversal.id), reversal.id),
        }  # fmt: skip
        return {
            "tranDate": entry.effective_day, "approved": True, **noted,
            "id": id_, "tranId": self.tran_id(entry), "postingPeriod": Periods.link(entry.period),
            "currency": Currencies.link(entry.currency), "subsidiary": Link("subsidiary", 1, "Parent Company"),
            "custbody_reference": entry.reference, "custbody_contract_key": entry.contract,
            "custbody_effective_date": entry.effective_day, **stamps(entry.posted_us, noted), "total": total,
            "isReversal": bool(entry.reverses), **back,
            "line": [self._row(entry, place, posting) for place, posting in enumerate(entry.postings, start=1)],
        }  # fmt: skip

    def create(self, body: Body) -> int:
        external_id = body.get("externalId")
        self.alone(external_id)
        rows = body.get("line") or ()
        if not rows:
            raise missing("line")
        postings = tuple(self._posting(place, row, body) for place, row in enumerate(rows))
        off_minor = sum(minor for _, _, minor in postings)
        if off_minor:
            raise user_error("Please balance the transaction: debits and credits differ.", "line")
        number = len(self.office.books.ledger.entries) + 1
        reference = body.get("custbody_reference") or body.get("tranId") or external_id or f"JE{number}"
        contract = body.get("custbody_contract_key") or postings[0][1]
        day = self.day(body)
        posting_day = self.posting_day(body, day)
        memos = {str(place): row["memo"] for place, row in enumerate(rows, start=1) if row.get("memo")}
        noting = {**self.noting(body), "tranDate": day, "memos": memos}
        entry: JournalEntry = self.office.door.ask(
            PostJournal(
                reference, contract, self.currency(body), body.get("custbody_effective_date") or day, posting_day,
                postings, external_id,
            )
        )  # fmt: skip
        self.note(entry.id, noting)
        if body.get("reversalDate"):
            self.office.door.ask(ReverseJournal(entry.id, body["reversalDate"]))
        return transaction_id("journalEntry", entry.id)

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        entry, shown = self.entry(id_), self.show(id_)
        if body.get("externalId") not in {None, shown.get("externalId")}:
            if shown.get("externalId") is not None:
                raise user_error("The external id of a posted entry cannot be changed.", "externalId")
            self.alone(body["externalId"])
        for name in ("custbody_reference", "custbody_contract_key", "tranDate", "custbody_effective_date"):
            if name in body and body[name] != shown[name]:
                raise user_error("This transaction is posted: what was posted cannot be changed.", name)
        if "line" in body:
            about = {**body, "custbody_contract_key": entry.contract}
            postings = tuple(self._posting(place, row, about) for place, row in enumerate(body["line"]))
            if postings != entry.postings:
                raise user_error("This transaction is posted: what was posted cannot be changed.", "line")
        noting = self.noting(body)
        if body.get("reversalDate"):
            self.office.door.ask(ReverseJournal(entry.id, body["reversalDate"]))
        self.note(entry.id, noting)

    def delete(self, id_: int) -> None:
        self.entry(id_)
        raise user_error("This transaction is posted and cannot be deleted: give it a reversal date instead.")

    def _posting(self, place: int, row: Body, body: Body) -> Posting:
        path = f"line.items[{place}]"
        if row.get("account") is None:
            raise missing("account", f"{path}.account")
        account = self.accounts.account(row["account"])
        if account is None:
            raise bad_value(row["account"], "account", f"{path}.account")
        ledger = account.ledger
        if ledger.startswith(REVENUE) and row.get("custcol_product"):
            ledger = revenue_account(row["custcol_product"])
        debit, credit = row.get("debit") or 0, row.get("credit") or 0
        if (debit and credit) or not (debit or credit):
            raise user_error("A line is either a debit or a credit.", path)
        for name in ("department", "class", "location"):
            if row.get(name) is not None:
                self.office.resolve(self.type.sublists["line"][name].to, row[name], name)
        return (ledger, self._subject(row, body), debit - credit)

    def _subject(self, row: Body, body: Body) -> str:
        """What a line is about."""
        if row.get("custcol_subject"):
            return str(row["custcol_subject"])
        if row.get("entity") is not None:
            return self.customer(row, "entity").account
        external = body.get("custbody_reference") or body.get("externalId") or body.get("tranId") or body.get("memo")
        return str(body.get("custbody_contract_key") or row.get("memo") or external or "journal")

    def _row(self, entry: JournalEntry, place: int, posting: Posting) -> Body:
        ledger, subject, minor = posting
        account = self.accounts.of_ledger(ledger)
        customer = self.office.books.customers.first(subject)
        return {
            "line": place, "account": self.accounts.link(account), "debit": minor if minor > 0 else None,
            "credit": -minor if minor < 0 else None, "memo": self.noted(entry.id).get("memos", {}).get(str(place)),
            "entity": None if customer is None else self.customers.link(customer), "custcol_subject": subject,
            "custcol_product": ledger.removeprefix(REVENUE) if ledger.startswith(REVENUE) else None,
        }  # fmt: skip
