"""Recognitions against the ledger: each posted by one entry; and entries with no document behind them at all.

An entry that was taken back counts for nothing, if that was in its own period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fakes.records import JournalEntry, Recognition
from harness.audit.breaks import Break, Kind, effects
from harness.audit.postings import Sides, cells_of, findings, gross_minor, in_order
from harness.audit.tie import Tie
from harness.oracle.ledger import CONTRACT_LIABILITY, revenue_account
from harness.oracle.months import month_name
from reports.wording import money


def journals(tie: Tie) -> Iterator[Break]:
    """Recognitions that the ledger does not carry, or more than once, or wrongly; entries that stand alone."""
    for entry in tie.stand_alone:
        what = f"{entry.id} of source {entry.source!r} has no document behind it"
        yield _surplus(tie, "gl_only_entry", entry, what)
    for entry, taker in tie.reversed:
        if entry.period != taker.period:
            yield _taken_back_elsewhere(tie, entry, taker)
    yield from _recognised(tie)


def _recognised(tie: Tie) -> Iterator[Break]:
    locks = tie.books.locks
    entries, further = _by_reference(tie.revenue)
    unposted: dict[str, list[Recognition]] = {}
    for one in tie.books.recognitions:
        if one.run_us <= 0:
            continue
        entry = entries.pop(one.id, None)
        if entry is None:
            more = further.get(one.id)
            if not more:
                unposted.setdefault(one.id, []).append(one)
                continue
            entry = more.pop(0)
        if entry.postings != _sides(one) or not in_order(entry, one.currency, one.month, locks):
            yield from _posted_wrongly(tie, one, entry)
    for reference, more in further.items():
        if reference not in entries:
            for entry in more:
                yield _surplus(tie, "duplicate", entry, f"{entry.id} posts {reference} again")
    if entries:
        unknown = [each for reference, entry in entries.items() for each in (entry, *further.get(reference, ()))]
        yield from _unknown(tie, unknown, unposted)
    for several in unposted.values():
        for one in several:
            yield _missing(tie, one)


def _by_reference(entries: Sequence[JournalEntry]) -> tuple[dict[str, JournalEntry], dict[str, list[JournalEntry]]]:
    """The oldest entry that names a document, by the document; and where there are more of them, the further ones."""
    oldest: dict[str, JournalEntry] = {}
    repeated: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        reference = entry.reference
        if reference in oldest:
            repeated.setdefault(reference, [oldest[reference]]).append(entry)
        else:
            oldest[reference] = entry
    further: dict[str, list[JournalEntry]] = {}
    if repeated:
        for reference in oldest:
            if reference in repeated:
                oldest[reference], *further[reference] = sorted(repeated[reference], key=lambda entry: entry.posted_us)
    return oldest, further


def _sides(one: Recognition) -> Sides:
    contract, total_minor, credits = one.contract, 0, []
    for product, minor in one.amounts:
        total_minor += minor
        credits.append((revenue_account(product), contract, -minor))
    return ((CONTRACT_LIABILITY, contract, total_minor), *credits)


def _posted_wrongly(tie: Tie, one: Recognition, entry: JournalEntry) -> Iterator[Break]:
    for finding in findings(entry, _sides(one), one.currency, one.month, tie.books.locks):
        yield Break(
            kind=finding.kind,
            system="erp",
            record="journal_entry",
            key=one.id,
            amount_minor=finding.amount_minor,
            delta_minor=finding.delta_minor,
            period=one.month,
            expected=finding.expected,
            actual=finding.actual,
            detail=f"{one.id}: {finding.what}",
            since_us=entry.posted_us,
            call=one.id,
            contract=one.contract,
            account=_account(tie, one.contract),
            effects=finding.effects,
        )


def _missing(tie: Tie, one: Recognition) -> Break:
    sides = _sides(one)
    total_minor = sides[0][2]
    return Break(
        kind=tie.absent("missing_downstream", one.run_us, "erp", one.id),
        system="erp",
        record="journal_entry",
        key=one.id,
        amount_minor=abs(total_minor),
        delta_minor=-total_minor,
        period=one.month,
        expected=total_minor,
        actual=None,
        detail=f"{one.id} of {money(total_minor, one.currency)} is not posted{tie.whereabouts('erp', one.id)}",
        since_us=one.run_us,
        call=one.id,
        contract=one.contract,
        account=_account(tie, one.contract),
        effects=effects(((account, subject, one.month), -minor) for account, subject, minor in sides),
    )


def _surplus(tie: Tie, kind: Kind, entry: JournalEntry, what: str) -> Break:
    amount_minor = gross_minor(entry)
    return Break(
        kind=kind,
        system="erp",
        record="journal_entry",
        key=entry.id if kind == "gl_only_entry" else entry.reference,
        amount_minor=abs(amount_minor),
        delta_minor=amount_minor,
        period=entry.period,
        expected=None,
        actual=amount_minor,
        detail=what,
        since_us=entry.posted_us,
        call=entry.reference,
        contract=entry.contract,
        account=_account(tie, entry.contract),
        entity=tie.books.entities.get(entry.id),
        effects=effects(cells_of(entry)),
    )


def _taken_back_elsewhere(tie: Tie, entry: JournalEntry, taker: JournalEntry) -> Break:
    what = f"{taker.id} of {month_name(taker.period)} takes back {entry.id} of {month_name(entry.period)}"
    moved = _surplus(tie, "wrong_period", entry, what)
    off = effects([*cells_of(entry), *cells_of(taker)])
    return replace(
        moved, delta_minor=0, expected=entry.period, actual=taker.period, effects=off, since_us=taker.posted_us
    )


def _unknown(tie: Tie, unknown: list[JournalEntry], unposted: dict[str, list[Recognition]]) -> Iterator[Break]:
    """Entries for recognitions that nobody knows: of one after all, by contract, day and amounts, or of none.

    A recognition that is found here is no longer `unposted`.
    """
    alike: dict[tuple[str, int], list[Recognition]] = {}
    for one in tie.books.recognitions:
        if one.run_us > 0:
            alike.setdefault((one.contract, sum(minor for _, minor in one.amounts)), []).append(one)
    for entry in unknown:
        likely = alike.get((entry.contract, gross_minor(entry)), ())
        near = [one for one in likely if one.month == entry.period]
        lacking = next((one for one in near if unposted.get(one.id)), None)
        if lacking is None and near:
            yield _surplus(tie, "duplicate", entry, f"{entry.id} posts {near[0].id} again, as {entry.reference}")
            continue
        orphan = _surplus(
            tie, "missing_upstream", entry, f"{entry.id} posts {entry.reference}, which was never recognised"
        )
        if lacking is None:
            yield orphan
            continue
        lacking = unposted[lacking.id].pop()
        detail = f"{orphan.detail}; by contract, month and amount it is {lacking.id}"
        yield replace(orphan, delta_minor=0, detail=detail, effects=())
        yield from _posted_wrongly(tie, lacking, entry)


def _account(tie: Tie, contract_key: str) -> str | None:
    contract = tie.expected.contracts.get(contract_key)
    return contract.account if contract is not None else None
