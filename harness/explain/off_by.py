"""By what something is off that was written with other contents: by changes that were agreed, or a factor."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from harness.explain.evidence import Evidence, Found, Named

PAIR = r"\((\d+), \d+\)$"
"""The values of a copy's break: its quantity, and the price of each."""

CHANGES_MAX = 12
"""So many changes of a contract are looked at, one by one and together."""


def off_by_changes(found: Found, evidence: Evidence) -> bool:
    """Whether a copy's quantity is off by changes that were agreed: by one of them, or by several together."""
    agreed = [version.quantity for version in evidence.versions if version.contract == found.contract]
    changes = [after - before for before, after in pairwise(agreed)][:CHANGES_MAX]
    several = (sum(chosen) for size in range(1, len(changes) + 1) for chosen in combinations(changes, size))
    was, is_ = (re.match(PAIR, value or "") for value in (found.expected, found.actual))
    return was is not None and is_ is not None and int(is_[1]) - int(was[1]) in several


def of_before(found: Found, evidence: Evidence) -> bool:
    """Whether a record bears what was agreed or entered before its newest state, and is otherwise now.

    Of a copy of a contract that is its quantity, of a customer its name or its parent.
    """
    if found.record == "customer":
        *before, newest = evidence.names.get(found.key, [Named(0, found.key, "", "")])
        borne = {one.name for one in before} if found.expected == newest.name else {one.parent for one in before}
        return (found.actual or "") in borne
    was, is_ = (re.match(PAIR, value or "") for value in (found.expected, found.actual))
    agreed = [version.quantity for version in evidence.versions if version.contract == found.contract]
    return was is not None and is_ is not None and int(is_[1]) != int(was[1]) and int(is_[1]) in agreed[:-1]


def factor(found: Found) -> Iterator[str]:
    """Whether what is, is so many times what was to be."""
    try:
        was, is_ = int(found.expected or ""), int(found.actual or "")
    except ValueError:
        return
    for times in (100, 1000, 10, 2):
        if was and is_ == was * times:
            yield f"It is {times} times what it was to be."
        elif is_ and was == is_ * times:
            yield f"It is a {times}th part of what it was to be." if times > 2 else "It is half of what it was to be."
