"""Reads the tables of a run's directory, those rows of them that some business keys need."""

import glob
import re
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fakes.names import kind_of
from harness.explain.evidence import (
    COPY_IN,
    LOADING,
    OF_THE_LAYER,
    PASSING,
    Call,
    Delivery,
    Event,
    Evidence,
    Found,
    Line,
    Named,
    Note,
    Record,
    Refused,
    Slow,
    Sources,
    Version,
)
from harness.explain.lineage import Lineage
from sim.access import REFRESH
from sim.durations import HOUR, MINUTE

OF_CONTRACTS = (
    ("id", "actual/invoices"), ("id", "actual/recognitions"), ("id", "actual/payments"),
    ("fulfilment", "truth/fulfilments"),
)  # fmt: skip
"""What belongs to contracts: the column of its key, and the table."""

ABOUT_US = 15 * MINUTE, HOUR
"""So long before an event was taken, and after, what came to nothing says how a system was when its turn came."""

AS_IT_IS = "hive_partitioning = false"
"""A folder's name says nothing of what is in it, though it be `gate=none`."""

RENEWAL = f".{REFRESH}"
"""How the operation ends that asks for a new token."""


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
        known = (("breaks", "struck_us"), ("trace/loads", "own_key"), ("truth/accounts", "parent"))
        return all(column in self._columns(name) for name, column in known)

    def breaks(self) -> list[Found]:
        """Every break of the run, in the order of the audit."""
        return [Found(*row) for row in self._rows(", ".join(Found._fields), "breaks")]

    def slowest(self) -> list[Slow]:
        """The slowest events of each flow, the slowest of all first: what had not arrived by the end before others."""
        named: list[Any] = self._asked(
            "SELECT flow, event, events.cause, type, key, version, events.committed_us, target, reflected_us "
            "FROM {actual/slowest} slowest JOIN {trace/events} events USING (event) "
            "ORDER BY reflected_us >= 0, reflected_us - events.committed_us DESC, flow, event"
        )
        return [Slow(flow, Event(*event), target, at_us) for flow, *event, target, at_us in named]

    def struck(self, kinds: Sequence[str], from_us: int, until_us: int) -> list[Note]:
        """What faults of these kinds struck between two instants, and when the layer was."""
        hits = "what IN (SELECT unnest(?::VARCHAR[])) AND at_us BETWEEN ? AND ? ORDER BY at_us"
        return [Note(*row) for row in self._rows("*", "trace/notes", hits, [list(kinds), from_us, until_us])]

    def kin(self) -> dict[str, list[Found]]:
        """Every break of a contract, by the contract."""
        found: dict[str, list[Found]] = {}
        for one in self.breaks():
            if one.contract:
                found.setdefault(one.contract, []).append(one)
        return found

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
            for column, name in (*OF_CONTRACTS, ("account", "truth/contracts")):
                found.update(dict.fromkeys(row[0] for row in self._rows(column, name, "contract = ?", [contract])))
        return list(found)

    def alike(self, contract: str, record: str) -> list[str]:
        """The keys of a contract's documents, recognitions, payments or deliveries: of what a record was made of."""
        return self._alike.get((contract, record), [])

    @cached_property
    def _alike(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for records, column, name in (
            (("open_item", "billed_document"), "id", "actual/invoices"),
            (("journal_entry",), "id", "actual/recognitions"),
            (("payment",), "id", "actual/payments"),
            (("fulfilment",), "fulfilment", "truth/fulfilments"),
        ):
            for contract, key in self._rows(f"contract, {column}", name):
                for record in records:
                    found.setdefault((contract, record), []).append(key)
        return found

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
        ours = "key IN (SELECT unnest(?::VARCHAR[])) OR (cause > 0 AND cause IN (SELECT unnest(?::BIGINT[])))"
        calls = self._rows("*", "trace/calls", ours, [wanted, numbers])
        of_the_layer = ", ".join(f"'{where}'" for where in sorted(OF_THE_LAYER))
        notes = self._rows("*", "trace/notes", f'{ours} OR "where" IN ({of_the_layer})', [wanted, numbers])
        ours_called = [*(Call(*row) for row in calls), *self._loaded(wanted)]
        ours_noted = [Note(*row) for row in notes]
        traced: list[Call | Note] = [*ours_called, *ours_noted]
        named = self._events([one.cause for one in traced])
        causes = named | self._events_about([one.key for one in traced])
        ours_told = frozenset(numbers)
        told = self._told([*numbers, *causes])
        lineage = Lineage(causes.values(), told, ours_called, self.above([event.key for event in named.values()]))
        return Evidence(
            events=events,
            deliveries=[one for one in told if one.event in ours_told],
            calls=[lineage.of_call(call) for call in ours_called],
            notes=[lineage.of_note(note) for note in ours_noted],
            versions=self._versions(wanted),
            names=self._names(wanted),
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
            rekeyed=self._rekeyed(ours_called),
            renewals=[Call(*row) for row in self._rows("*", "trace/calls", "ends_with(operation, ?)", [RENEWAL])],
            turned_down=[Call(*row) for row in self._turned_down()],
            refused_loads=[Refused(Call(*row[:-1]), row[-1]) for row in self._refused_loads()],
            failing=self._failing(numbers),
            in_hand=dict.fromkeys(self._of("event, target", "trace/in_hand", numbers, "event", kind="BIGINT")),
            oldest={target: Event(*row) for target, *row in self._oldest()},
            causes=causes,
            sources=self._sources(numbers),
        )

    def _events(self, numbers: Iterable[int]) -> dict[int, Event]:
        columns, wanted = "event, cause, type, key, version, committed_us", list(dict.fromkeys(numbers))
        rows = self._of(columns, "trace/events", wanted, "event", kind="BIGINT")
        return {row[0]: Event(*row) for row in rows}

    def _events_about(self, keys: Iterable[str]) -> dict[int, Event]:
        columns, wanted = "event, cause, type, key, version, committed_us", list(dict.fromkeys(keys))
        return {row[0]: Event(*row) for row in self._of(columns, "trace/events", wanted)}

    def _told(self, events: Iterable[int]) -> list[Delivery]:
        """The attempts to tell of these events."""
        wanted = list(dict.fromkeys(events))
        return [Delivery(*row) for row in self._of("*", "trace/deliveries", wanted, "event", kind="BIGINT")]

    def above(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """What each key belongs to: a document, recognition, payment or delivery to its contract, that to its account.

        An event about a thing may have a call made about what the thing belongs to.
        """
        wanted = list(dict.fromkeys(keys))
        contracts = {key: [contract] for column, name in OF_CONTRACTS
                     for key, contract in self._of(f"{column}, contract", name, wanted, column)}  # fmt: skip
        signed = list(dict.fromkeys([*wanted, *(each for [each] in contracts.values())]))
        accounts = dict(self._of("DISTINCT contract, account", "truth/contracts", signed, "contract"))
        above = {key: [key, *found] for key, found in contracts.items()} | {key: [key] for key in accounts}
        return {key: [*own[1:], *(accounts[each] for each in own if each in accounts)] for key, own in above.items()}

    def _oldest(self) -> list[Any]:
        return self._asked(
            "SELECT target, event, cause, type, key, version, committed_us FROM {trace/in_hand} held "
            "JOIN {trace/events} events USING (event) "
            "QUALIFY row_number() OVER (PARTITION BY target ORDER BY event) = 1 ORDER BY target"
        )

    def _rekeyed(self, calls: Sequence[Call]) -> dict[tuple[int, str], tuple[str | None, str | None]]:
        rows = self._of("call, first_key, key", "trace/keys", [call.id for call in calls], "call", kind="BIGINT")
        alone = {call: (first, own) for call, first, own in rows}
        loaded = self._of("job, key, first_key, own_key", "trace/loads", [call.key for call in calls])
        in_loads = {(job, key): (first, own) for job, key, first, own in loaded if first != own}
        found = {}
        for call in calls:
            keys = in_loads.get((call.job, call.key)) if call.job else alone.get(call.id)
            if keys is not None:
                found[call.id, call.key] = keys
        return found

    def _sources(self, events: Sequence[int]) -> Sources:
        """How the layer learns of things, and what was committed at the same instants as these events."""
        asked = dict.fromkeys(self._rows("DISTINCT source || '.' || type, target", "trace/subscriptions"))
        return Sources(
            asked=asked, heard_us=self._heard_us(), ties=self._ties(events), taken=self._taken(),
            carried=dict.fromkeys(self._carried()),
        )  # fmt: skip

    def _heard_us(self) -> dict[str, int]:
        return dict(
            self._asked(
                "SELECT split_part(type, '.', 1), max(committed_us) FROM {trace/events} WHERE event IN "
                "(SELECT event FROM {trace/deliveries} WHERE outcome IN ('accepted', 'repeated')) GROUP BY 1 ORDER BY 1"
            )
        )

    def _ties(self, events: Sequence[int]) -> dict[int, int]:
        return dict(
            self._asked(
                "SELECT ours.event, count(*) FROM {trace/events} ours JOIN {trace/events} other "
                "ON other.committed_us = ours.committed_us AND other.event <> ours.event "
                "AND split_part(other.type, '.', 1) = split_part(ours.type, '.', 1) "
                "WHERE ours.event IN (SELECT unnest(?::BIGINT[])) GROUP BY 1 ORDER BY 1",
                [list(events)],
            )
        )

    def _refused_loads(self) -> list[Any]:
        return self._asked(
            'SELECT calls.*, coalesce((SELECT min(what) FROM {trace/notes} notes WHERE notes."where" = operation '
            "AND notes.key = calls.key AND at_us BETWEEN sent_us AND greatest(left_us, answered_us)), '') "
            "FROM {trace/calls} calls WHERE ends_with(operation, ?) AND committed_us < 0 ORDER BY call",
            [LOADING],
        )

    def _failing(self, events: Sequence[int]) -> dict[tuple[int, str], Call]:
        """By event and kind of system, the last of all calls there that came to nothing about when it was taken."""
        rows = self._asked(
            "SELECT event, calls.* FROM {trace/deliveries} told JOIN {trace/calls} calls "
            "ON calls.sent_us BETWEEN told.arrived_us - ? AND told.arrived_us + ? "
            "WHERE event IN (SELECT unnest(?::BIGINT[])) AND told.outcome = 'accepted' "
            "AND calls.outcome IN (SELECT unnest(?::VARCHAR[])) QUALIFY row_number() OVER "
            "(PARTITION BY event, split_part(operation, '.', 1) ORDER BY calls.sent_us DESC, call DESC) = 1",
            [*ABOUT_US, list(events), sorted(PASSING)],
        )
        return {(event, kind_of(Call(*call).system)): Call(*call) for event, *call in rows}

    def _turned_down(self) -> list[Any]:
        return self._asked(
            "SELECT * FROM {trace/calls} WHERE outcome = 'token_expired' QUALIFY row_number() OVER "
            "(PARTITION BY split_part(operation, '.', 1) ORDER BY sent_us DESC, call DESC) = 1 ORDER BY call"
        )

    def _taken(self) -> dict[str, int]:
        return dict(
            self._asked(
                "SELECT type, count(DISTINCT event) FROM {trace/deliveries} told JOIN {trace/events} events "
                "USING (event) WHERE outcome IN ('accepted', 'repeated') GROUP BY 1 ORDER BY 1"
            )
        )

    def _carried(self) -> list[tuple[str, str]]:
        """Which types of event led to some call at which target, as `Lineage` has it, in short.

        Rows of bulk loads bear no event: by their keys.
        """
        told_of = "calls.key IN (SELECT key FROM {trace/events})"
        above = "calls.key IN (SELECT account FROM {truth/accounts})"
        ours = f"events.key = calls.key OR NOT {told_of} OR {above}"
        called = self._asked(
            "SELECT DISTINCT events.type, split_part(calls.operation, '.', 1) "
            f"FROM {{trace/calls}} calls JOIN {{trace/events}} events ON calls.cause = events.event WHERE {ours} "
            "ORDER BY ALL"
        )
        by_key = self._asked(
            "SELECT DISTINCT events.type, split_part(calls.operation, '.', 1) "
            f"FROM (SELECT * FROM {{trace/calls}} calls WHERE calls.call NOT IN (SELECT calls.call FROM "
            f"{{trace/calls}} calls JOIN {{trace/events}} events ON calls.cause = events.event WHERE {ours})) calls "
            "ASOF JOIN {trace/events} events ON calls.key = events.key AND calls.sent_us >= events.committed_us "
            "ORDER BY ALL"
        )
        loaded = self._asked(
            "SELECT DISTINCT events.type, loads.system FROM {trace/loads} loads JOIN {trace/events} events "
            "ON loads.key = events.key ORDER BY ALL"
        )
        return [*called, *by_key, *loaded]

    def _loaded(self, keys: Sequence[str]) -> Iterable[Call]:
        """The rows of bulk loads that are about these keys, each as a call of its own."""
        rows = self._of("job, key", "trace/loads", keys)
        jobs: dict[str, list[str]] = {}
        for job, key in rows:
            jobs.setdefault(job, []).append(key)
        for row in self._of("*", "trace/calls", list(jobs)) if jobs else ():
            call = Call(*row)
            if call.operation.endswith(LOADING):
                for key in dict.fromkeys(jobs[call.key]):
                    yield call._replace(key=key, job=call.key)

    def _versions(self, keys: Sequence[str]) -> list[Version]:
        columns = "at_us, contract, account, version, kind, quantity, price_change_minor, currency"
        return [Version(*row) for row in self._of(columns, "truth/contracts", keys, "contract")]

    def _names(self, keys: Sequence[str]) -> dict[str, list[Named]]:
        names: dict[str, list[Named]] = {}
        for row in self._of("at_us, account, name, parent", "truth/accounts", keys, "account"):
            names.setdefault(row[1], []).append(Named(*row))
        return names

    def _records(self, keys: Sequence[str]) -> Iterable[Record]:
        """Every record of these keys."""
        for record in self._bare_records(keys):
            known = self._external_ids.get((record.system, record.id))
            yield record._replace(external_id=known) if known else record

    @cached_property
    def _external_ids(self) -> dict[tuple[str, str], str]:
        rows = self._rows("system, id, external_id", "actual/external_ids")
        return {(system, id_): external_id for system, id_, external_id in rows}

    def _bare_records(self, keys: Sequence[str]) -> Iterable[Record]:
        columns = "system, id, contract, created_us, version, voided_by"
        for system, id_, contract, at_us, version, voided in self._of(columns, "actual/contracts", keys, "contract"):
            kind = COPY_IN[kind_of(system)]
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

    def _of(
        self, columns: str, name: str, keys: Sequence[str] | Sequence[int], column: str = "key", more: str = "",
        kind: str = "VARCHAR",
    ) -> list[Any]:  # fmt: skip
        """The rows of a table whose column is one of the keys."""
        return self._rows(columns, name, f"{column} IN (SELECT unnest(?::{kind}[])) {more}", [list(keys)])

    def _asked(self, question: str, given: Sequence[Any] = ()) -> list[Any]:
        """The rows that a question has, in which `{trace/calls}` stands for a table; none where one is not there."""
        names = re.findall(r"\{([\w/]+)\}", question)
        if not all(self._file(name).is_file() for name in names):
            return []
        for name in dict.fromkeys(names):
            file = _named(self._file(name)).replace("'", "''")
            question = question.replace(f"{{{name}}}", f"read_parquet('{file}', {AS_IT_IS})")
        return self._database.execute(question, list(given)).fetchall()

    def _rows(self, columns: str, name: str, where: str = "", given: Sequence[Any] = ()) -> list[Any]:
        file = self._file(name)
        if not file.is_file():
            return []
        asked = f"SELECT {columns} FROM read_parquet(?, {AS_IT_IS}) {f'WHERE {where}' if where else ''}"
        return self._database.execute(asked, [_named(file), *given]).fetchall()

    def _columns(self, name: str) -> list[str]:
        if not self._file(name).is_file():
            return []
        asked = f"DESCRIBE SELECT * FROM read_parquet(?, {AS_IT_IS})"
        return [row[0] for row in self._database.execute(asked, [_named(self._file(name))]).fetchall()]

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.parquet"


def _named(file: Path) -> str:
    """A file's path as the database takes it for that very file, though there be brackets or stars in it."""
    return glob.escape(str(file))
