"""What of a long run is worth trying: all that changes something, and of long stretches of reading their ends.

A layer that polls reads thousands of times in a month, and finds nothing. While it only reads, nothing outside it
changes by what it does; so one place in the midst of a stretch is as good as another, and as good as its beginning.
"""

from collections.abc import Sequence

ENDS = 8
"""How many at either end of a stretch of reading are tried: more than one round of polls of all systems."""

_READS = ("get_", "find_", "list_", "read_", "batch_totals")


def reads(operation: str) -> bool:
    """Whether an operation, such as `erp.find_orders`, changes nothing."""
    return operation.rpartition(".")[2].startswith(_READS)


def worth_trying(reading: Sequence[bool]) -> list[int]:
    """The places to try, from 0, in a run of which some places are just `reading`."""
    chosen, start = list[int](), 0
    while start < len(reading):
        end = start
        while end < len(reading) and reading[end]:
            end += 1
        stretch = range(start, end)
        chosen += stretch if len(stretch) <= 2 * ENDS else [*stretch[:ENDS], *stretch[-ENDS:]]
        if end < len(reading):
            chosen.append(end)
        start = end + 1
    return chosen
