"""What was delivered, against the notes of it in billing and revenue: each noted once where it has to be.

A note bears no amount of its own. What it has charged or earned, or has not, is reported with invoices and revenue.
"""

from collections.abc import Iterator, Mapping, Sequence

from fakes.agreements import Fulfilment
from fakes.records import Rendered
from harness.audit.breaks import Break, Kind
from harness.audit.tie import Tie, source_of
from harness.oracle.months import month_of


def fulfilments(tie: Tie) -> Iterator[Break]:
    """What billing or revenue does not know to have been delivered, or believes to have been twice, or never was."""
    delivered = tie.delivered
    in_run = {key: one for key, one in delivered.items() if tie.expected.rendered_us[key] >= 0}
    if in_run or tie.books.billing_rendered or tie.books.revenue_rendered:
        worked = {key: one for key, one in in_run.items() if not one.metered}
        yield from _of_system(tie, "billing", tie.books.billing_rendered, worked, delivered)
        yield from _of_system(tie, "revenue", tie.books.revenue_rendered, in_run, delivered)


def _of_system(
    tie: Tie,
    system: str,
    notes: Sequence[Rendered],
    owed: Mapping[str, Fulfilment],
    delivered: Mapping[str, Fulfilment],
) -> Iterator[Break]:
    first: dict[str, Rendered] = {}
    for note in notes:
        one = delivered.get(note.key)
        if one is None:
            yield _break("missing_upstream", system, note.fulfilment, note, f"{note.id} notes what nobody delivered")
        elif note.key in first or note.key not in owed:
            before = first[note.key].id if note.key in first else "what was there before the run"
            yield _break("duplicate", system, one, note, f"{note.id} notes again what {before} does")
        else:
            first[note.key] = note
            if note.fulfilment != one:
                what = (
                    f"{note.id} notes {note.fulfilment.units} units of {note.fulfilment.product}, not {one.units} of "
                )
                yield _break("amount_mismatch", system, one, note, what + one.product)
    for key, one in owed.items():
        if key not in first:
            kind: Kind = "usage_gap" if one.metered else "missing_downstream"
            since_us = tie.expected.rendered_us[key]
            what = f"{system} does not know of it{tie.whereabouts(system, key)}"
            yield _break(tie.absent(kind, since_us, system, key), system, one, None, what, since_us)


def _break(kind: Kind, system: str, one: Fulfilment, note: Rendered | None, what: str, since_us: int = 0) -> Break:
    return Break(
        kind=kind,
        system=system,
        record="fulfilment",
        key=one.key,
        amount_minor=0,
        delta_minor=0,
        period=month_of(one.day),
        expected=one.units if kind != "missing_upstream" else None,
        actual=note.fulfilment.units if note is not None else None,
        detail=f"{one.key}: {what}",
        since_us=note.recorded_us if note is not None else since_us,
        call=one.key,
        contract=one.contract,
        source=source_of(one),
    )
