"""Reads the tables of a run's directory, those rows of them that some business keys need."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.explain.evidence import OF_THE_LAYER, Call, Delivery, Event, Evidence, Found, Line, Note, Record, Version

_COPIES = {"billing": "subscription", "erp": "order", "revenue": "revenue_contract", "projects": "project"}


class RunTables:
    """The tables below `folder`. A table that a run does not have is empty."""

    def __init__(self, folder: Path) -> None:
        import duckdb  # noqa: PLC0415  # slow to import, and only this command needs it

        self._folder = folder
        self._database = duckdb.connect(config={"threads": 1})

    def there(self) -> bool:
        """Whether the directory has the tables of a run."""
        return all(self._file(name).is_file() for name in ("breaks", "trace/calls", "trace/events", "truth/contracts"))

    def told_in_full(self) -> bool:
        """Whether the tables say all that a story needs: an older version's lack some of it."""
        return self._file("actual/locks").is_file() and "struck_us" in self._columns("breaks")

    def breaks(self) -> list[Found]:
        """Every break of the run, in the order of the audit."""
        return [Found(*row) for row in self._rows(", ".join(Found._fields), "breaks")]

    def keys(self) -> list[str]:
        """All that a story can be asked of: contracts, accounts and documents."""
        asked = (
            ("contract", "truth/contracts"), ("account", "truth/accounts"), ("id", "actual/invoices"),
            ("id", "actual/recognitions"), ("id", "actual/payments"), ("fulfilment", "truth/fulfilments"),
            ("key", "breaks"),
        )  # fmt: skip
        found: dict[str, None] = {}
        for column, name in asked:
            found.update(dict.fromkeys(row[0] for row in self._rows(column, name)))
        return list(found)

    def belonging(self, key: str) -> list[str]:
        """The keys of a contract's documents, recognitions, payments and deliveries, and of an account's contracts."""
        found = {key: None}
        contracts = [row[0] for row in self._rows("DISTINCT contract", "truth/contracts", "account = ?", [key])]
        found.update(dict.fromkeys(sorted(contracts)))
        for contract in (key, *sorted(contracts)):
            for column, name in (
                ("id", "actual/invoices"), ("id", "actual/recognitions"), ("id", "actual/payments"),
                ("fulfilment", "truth/fulfilments"), ("account", "truth/contracts"),
            ):  # fmt: skip
                found.update(dict.fromkeys(row[0] for row in self._rows(column, name, "contract = ?", [contract])))
        return list(found)

    def accounts(self, customers: Sequence[str]) -> dict[str, str]:
        """The account of each of these customers, by the customer's id."""
        return dict(self._of("id, account", "actual/customers", customers, "id"))

    def evidence(self, keys: Collection[str]) -> Evidence:
        """All that the tables know of these keys, and of what was done on behalf of their events."""
        wanted = list(dict.fromkeys(keys))
        events = [
            Event(*row) for row in self._of("event, cause, type, key, version, committed_us", "trace/events", wanted)
        ]
        numbers = [event.id for event in events]
        deliveries = self._rows("*", "trace/deliveries", "event IN (SELECT unnest(?::BIGINT[]))", [numbers])
        ours = "key IN (SELECT unnest(?::VARCHAR[])) OR (cause > 0 AND cause IN (SELECT unnest(?::BIGINT[])))"
        calls = self._rows("*", "trace/calls", ours, [wanted, numbers])
        of_the_layer = ", ".join(f"'{where}'" for where in sorted(OF_THE_LAYER))
        notes = self._rows("*", "trace/notes", f'{ours} OR "where" IN ({of_the_layer})', [wanted, numbers])
        return Evidence(
            events=events,
            deliveries=[Delivery(*row) for row in deliveries],
            calls=[*(Call(*row) for row in calls), *self._loaded(wanted)],
            notes=[Note(*row) for row in notes],
            versions=self._versions(wanted),
            records=list(self._records(wanted)),
            due=self._due(wanted),
            charged=self._charged(wanted),
            locks=dict(self._rows("period, locked_us", "actual/locks")),
            applied={
                (system, id_, version): at_us
                for system, id_, version, at_us in self._of(
                    "system, id, version, applied_us", "actual/versions", wanted, "contract"
                )
            },
        )

    def _loaded(self, keys: Sequence[str]) -> Iterable[Call]:
        """The rows of bulk loads that are about these keys, each as a call of its own."""
        rows = self._of("job, key", "trace/loads", keys)
        jobs: dict[str, list[str]] = {}
        for job, key in rows:
            jobs.setdefault(job, []).append(key)
        for row in self._of("*", "trace/calls", list(jobs)) if jobs else ():
            call = Call(*row)
            if call.operation.endswith(".bulk_load"):
                for key in dict.fromkeys(jobs[call.key]):
                    yield call._replace(key=key, job=call.key)

    def _versions(self, keys: Sequence[str]) -> list[Version]:
        columns = "at_us, contract, account, version, kind, quantity, price_change_minor, currency"
        return [Version(*row) for row in self._of(columns, "truth/contracts", keys, "contract")]

    def _records(self, keys: Sequence[str]) -> Iterable[Record]:
        """Every record of these keys."""
        columns = "system, id, contract, created_us, version, voided_by"
        for system, id_, contract, at_us, version, voided in self._of(columns, "actual/contracts", keys, "contract"):
            kind = _COPIES[system.partition("-")[0]]
            yield Record(
                system, kind, id_, contract, at_us, None, None, version, f"voided by {voided}" if voided else ""
            )
        for system, id_, account, at_us in self._of(
            "system, id, account, created_us", "actual/customers", keys, "account"
        ):
            yield Record(system, "customer", id_, account, at_us)
        told: tuple[tuple[str, str, str, str, str], ...] = (
            ("billing", "invoice", "actual/invoices", "id, id, issued_us, total_minor, strftime(day, '%Y-%m')", "id"),
            ("erp", "open_item", "actual/open_items", "id, document, posted_us, total_minor, period", "document"),
            ("revenue", "recognition", "actual/recognitions", "id, id, run_us, total_minor, month", "id"),
            ("revenue", "billed_document", "actual/billed_documents",
             "id, document, recorded_us, total_minor, NULL", "document"),
            ("erp", "payment", "actual/cash_receipts", "id, payment, posted_us, minor, period", "payment"),
        )  # fmt: skip
        for system, record, name, what, column in told:
            for id_, key, at_us, minor, period in self._of(what, name, keys, column):
                yield Record(system, record, id_, key, at_us, minor, period)
        entries = self._of(
            "id, reference, posted_us, sum(minor) FILTER (minor > 0), period", "actual/journal", keys, "reference",
            "AND source = 'revenue' GROUP BY id, reference, posted_us, period ORDER BY posted_us, id",
        )  # fmt: skip
        for id_, key, at_us, minor, period in entries:
            yield Record("erp", "journal_entry", id_, key, at_us, int(minor or 0), period)
        rendered = self._of("system, id, fulfilment, recorded_us", "actual/fulfilments", keys, "fulfilment")
        for system, id_, key, at_us in rendered:
            yield Record(system, "fulfilment", id_, key, at_us)

    def _due(self, keys: Sequence[str]) -> list[Line]:
        columns = "contract, version, coalesce(item, 'p' || period), minor, due_us"
        return [Line("", *row) for row in self._of(columns, "expected/charge_lines", keys, "contract")]

    def _charged(self, keys: Sequence[str]) -> list[Line]:
        columns = "invoice, contract, version, coalesce(item, 'p' || period), minor"
        return [Line(*row) for row in self._of(columns, "actual/invoice_lines", keys, "contract")]

    def _of(self, columns: str, name: str, keys: Sequence[str], column: str = "key", more: str = "") -> list[Any]:
        """The rows of a table whose column is one of the keys."""
        return self._rows(columns, name, f"{column} IN (SELECT unnest(?::VARCHAR[])) {more}", [list(keys)])

    def _rows(self, columns: str, name: str, where: str = "", given: Sequence[Any] = ()) -> list[Any]:
        file = self._file(name)
        if not file.is_file():
            return []
        asked = f"SELECT {columns} FROM read_parquet(?) {f'WHERE {where}' if where else ''}"
        return self._database.execute(asked, [str(file), *given]).fetchall()

    def _columns(self, name: str) -> list[str]:
        asked = self._database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self._file(name))])
        return [row[0] for row in asked.fetchall()]

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.parquet"
