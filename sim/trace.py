"""The append-only record of everything that happened, with cause and effect, and its fingerprint.

Four tables, one row a thing that happened. Rows are plain tuples while they are young; `spill` packs
them by columns (64-bit integers; words as numbers of one dictionary) and digests the packed bytes.
Equal runs give equal tables, so the digest over all blocks is the run's fingerprint.
"""

import sys
from array import array
from hashlib import blake2b
from typing import Any

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
    """The tables of one run. Append tuples to `trace.calls`, `.events`, `.deliveries` and `.notes`."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.events: list[tuple[Any, ...]] = []
        self.deliveries: list[tuple[Any, ...]] = []
        self.notes: list[tuple[Any, ...]] = []
        self.words = _Numbering()
        self.packed: dict[str, list[array[int]]] = {
            name: [array("q") for _ in columns] for name, columns in COLUMNS.items()
        }
        self._digest = blake2b(digest_size=16)

    def spill(self) -> None:
        """Pack and digest the young rows. Call it at instants that depend on the scenario alone."""
        for name, columns in COLUMNS.items():
            young: list[tuple[Any, ...]] = getattr(self, name)
            if young:
                self._digest.update(f"{name}:{len(young)}|".encode())
                for packed, column, values in zip(self.packed[name], columns, zip(*young, strict=True), strict=True):
                    block = array("q", map(self.words.__getitem__, values) if column.endswith(":word") else values)
                    packed.extend(block)
                    self._digest.update(_little_endian(block))
                young.clear()

    def fingerprint(self) -> str:
        """A hex digest of all rows so far and of the words they use.

        Reading spills, and where rows are spilled is part of the digest: ask once, when the run has ended.
        """
        self.spill()
        total = self._digest.copy()
        total.update("\n".join(self.words).encode())
        return total.hexdigest()

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """One table's rows, with their words spelled out."""
        self.spill()
        words = list(self.words)
        columns = [
            [words[number] for number in values] if column.endswith(":word") else values
            for column, values in zip(COLUMNS[name], self.packed[name], strict=True)
        ]
        return list(zip(*columns, strict=True))


class _Numbering(dict[str, int]):
    """Numbers for words, given out in the order in which they are first asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def _little_endian(block: "array[int]") -> bytes:
    if sys.byteorder == "big":
        block = array("q", block)
        block.byteswap()
    return block.tobytes()
