"""The arithmetic of a break, to the cent: what was to be, what is, and the lines that each is made of."""

from collections.abc import Sequence

from harness.explain.evidence import Evidence, Found, Record
from harness.explain.safeguards import group_of
from harness.explain.words import record_words
from reports.story import Amount

IN_MONEY = ("invoice", "open_item", "journal_entry", "recognition", "billed_document", "payment")
"""Records whose expected and actual values are amounts, where they are numbers."""


def arithmetic(found: Found, evidence: Evidence, twins: Sequence[Record]) -> list[Amount]:
    """The lines that add up to what is off; `twins` are the two records of what is doubled."""
    expected, actual = minor_of(found.expected), minor_of(found.actual)
    if group_of(found.kind) == "twice":
        return _of_copies(found, twins)
    was, is_ = expected or 0, actual or 0
    off = found.record in IN_MONEY and is_ - was == found.delta_minor != 0
    if not off:  # the two values are versions, months or names
        late = group_of(found.kind) == "late" and found.kind != "unapplied_cash"
        words = "in the wrong month" if late else "the amount it is about"
        return [Amount(words=words, minor=found.amount_minor)] if found.amount_minor else []
    lines = [*_billed(found, evidence), Amount(words="was to be", minor=was), Amount(words="is", minor=is_)]
    return [*lines, Amount(words="difference, is less was to be", minor=is_ - was)]


def _of_copies(found: Found, records: Sequence[Record]) -> list[Amount]:
    name = record_words(found.record)
    each = [Amount(words=f"{name} {one.id}", minor=one.minor) for one in records if one.minor is not None]
    if len(each) > 1 and all(one["minor"] == each[0]["minor"] == found.delta_minor for one in each):
        agreed = each[0]["minor"]
        total = sum(one["minor"] for one in each)
        return [
            *each,
            Amount(words="in sum", minor=total),
            Amount(words="was to be, once", minor=agreed),
            Amount(words="too much", minor=total - agreed),
        ]
    return [Amount(words="too much, once more what was agreed", minor=found.amount_minor)] if found.amount_minor else []


def _billed(found: Found, evidence: Evidence) -> list[Amount]:
    """The lines of the document that a break is of, or that billing issued and ERP was to post."""
    lines = [line for line in evidence.charged if line.document in (found.key, found.call)]
    return [
        Amount(words=f"billing's line of {line.document}: version {line.version}, {line.what_for}", minor=line.minor)
        for line in lines
    ]


def minor_of(value: str | None) -> int | None:
    """An amount, where a break's expected or actual value is one."""
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None
