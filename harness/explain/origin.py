"""What a break is no more than an outcome of: another one, without which it would not be there."""

from collections.abc import Sequence
from itertools import chain

from fakes.names import kind_of
from harness.explain.commits import MAKER
from harness.explain.evidence import COPIES, COPY_IN, Found
from harness.explain.safeguards import group_of

POSTINGS = ("open_item", "journal_entry", "payment")


def origin_of(found: Found, kin: Sequence[Found]) -> Found | None:
    """The break among those of its contract, `kin`, that another one is an outcome of, if there is one.

    What a system makes or takes for a contract hangs on its copy there, and what it bills or earns also on what it was
    told was delivered. What people enter in a project, nobody is told of where there is none.
    """
    group = group_of(found.kind)
    if found.record in COPIES:
        projects = (one for one in kin if one.record == COPY_IN["projects"] and _absent(one))
        return next(projects, None) if group == "behind" else None
    if found.kind == "unapplied_cash":  # it was entered otherwise than it was told, or its document is not there
        wrong = (one for one in kin if (one.record, one.key) == (found.record, found.key) and one.kind != found.kind)
        absent = (one for one in kin if (one.record, one.key) == ("open_item", found.call))
        words = found.detail.split()  # its document may have been paid by another one's
        taken = (one for one in kin if one.kind == found.kind and one.actual in words and one.expected not in words)
        return next(chain(wrong, absent, taken), None)
    here = [one for one in kin if kind_of(one.system) == kind_of(found.system)]
    copies = [one for one in here if one.record in COPIES]
    noted = [one for one in here if one.record == "fulfilment"]
    if group == "lost" and found.record not in POSTINGS:
        lost = (one for one in copies if group_of(one.kind) == "lost")
        if found.record == "fulfilment":
            return next(chain(lost, (one for one in kin if one.record in COPIES and _absent(one))), None)
        told_of = (one for one in noted if _absent(one) and found.call in ("", one.key))
        return next(chain(lost, told_of), None)
    if group in ("wrong", "late", "behind") and found.record in MAKER:
        return next(chain(copies, noted), None)
    return None


def roots_of(found: Found, kin: Sequence[Found]) -> list[Found]:
    """The break that this one is no more than an outcome of, if there is one; the one behind that, and so on."""
    roots: list[Found] = []
    origin = origin_of(found, kin)
    while origin is not None and origin not in roots:
        roots.append(origin)
        origin = origin_of(origin, [one for one in kin if one not in roots])
    return roots


def _absent(found: Found) -> bool:
    return found.kind == "missing_downstream"
