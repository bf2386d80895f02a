"""The append-only record of everything that happened, with cause and effect, and its fingerprint.

Four tables, one row a thing that happened. A row is packed the moment it is written: 64-bit integers, words by
their numbers in one dictionary, so that a run of a million rows holds no million objects. Equal runs write equal
bytes, and their digest is the run's fingerprint.

>>> trace = Trace()
>>> trace.notes.append((20, 7, "dropped", "erp", "C-000001"))
>>> trace.rows("notes")
[(20, 7, 'dropped', 'erp', 'C-000001')]
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

COLUMNS = {
    # One row an API call, written when its last effect is known. Instants are -1 where it never got there;
    # `left_us` is when the system was done with it, committed or not.
    "calls": (
        "call:int", "cause:int", "operation:word", "key:word", "occurrence:int", "sent_us:int", "arrived_us:int",
        "left_us:int", "committed_us:int", "answered_us:int", "outcome:word",
    ),
    # One row a business event, at its source. `cause` is the event that was being worked on when it came to be, or 0.
    "events": ("event:int", "cause:int", "type:word", "key:word", "version:int", "committed_us:int"),
    # One row an attempt to deliver an event to a subscriber.
    "deliveries": ("event:int", "subscriber:word", "attempt:int", "arrived_us:int", "outcome:word"),
    # One row a fault's hit or a layer's decision, with the event that was being worked on.
    "notes": ("at_us:int", "cause:int", "what:word", "where:word", "key:word"),
}  # fmt: skip


class Trace:
    """The tables of one run, and the words they share."""

    def __init__(self) -> None:
        self.words = Words()
        self.calls, self.events, self.deliveries, self.notes = (
            Table(columns, self.words) for columns in COLUMNS.values()
        )

    def table(self, name: str) -> "Table":
        """The table of that name in COLUMNS."""
        table: Table = getattr(self, name)
        return table

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """One table's rows, with their words spelled out."""
        return self.table(name).rows()

    def noted(self, *what: str) -> list[tuple[Any, ...]]:
        """The rows of notes that say one of these words, with their words spelled out."""
        said = np.isin(self.notes.column("what"), [self.words[word] for word in what if word in self.words])
        return self.notes.rows(said)

    def fingerprint(self) -> str:
        """A hex digest of all rows so far and of the words they use."""
        total = blake2b(digest_size=16)
        for name in COLUMNS:
            table = self.table(name)
            total.update(f"{name}:{len(table)}|".encode())
            total.update(table.data)
        total.update("\n".join(self.words).encode())
        return total.hexdigest()


class Words(dict[str, int]):
    """Numbers for words, given out in the order in which they are first asked for: `words["ok"]`."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Table:
    """Rows one after the other in `data`, each of little-endian 64-bit integers.

    Hot code packs its rows itself: `table.data += table.pack(...)`, with `words[word]` in a word's place.
    """

    __slots__ = ("_read", "columns", "data", "pack", "words")

    def __init__(self, columns: tuple[str, ...], words: Words) -> None:
        self.columns = columns
        self.data = bytearray()
        self.pack = Struct(f"<{len(columns)}q").pack
        self.words = words
        self._read: dict[str, npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self.data) // (8 * len(self.columns))

    def append(self, row: Sequence[int | str]) -> None:
        """Write a row of integers and words, one for each of `columns`. Raises struct.error for another shape."""
        self.data += self.pack(*(self.words[value] if isinstance(value, str) else value for value in row))

    def extend(self, rows: Iterable[Sequence[int | str]]) -> None:
        """Write several rows."""
        for row in rows:
            self.append(row)

    def column(self, name: str) -> npt.NDArray[np.int64]:
        """One column, by its name without the kind, not to be written to. Words stay numbers."""
        known = self._read.get(name)
        if known is None or len(known) != len(self):
            place = [column.partition(":")[0] for column in self.columns].index(name)
            known = np.frombuffer(self.data, dtype="<i8")[place :: len(self.columns)].astype(np.int64)
            known.flags.writeable = False
            self._read[name] = known
        return known

    def rows(self, these: npt.NDArray[np.bool_] | slice = slice(None)) -> list[tuple[Any, ...]]:
        """All rows or `these`, with their words spelled out."""
        words = list(self.words)
        columns = []
        for column in self.columns:
            name, _, kind = column.partition(":")
            values = self.column(name)[these].tolist()
            columns.append([words[number] for number in values] if kind == "word" else values)
        return list(zip(*columns, strict=True))
