"""Charges against billing's documents: each billed exactly once, net, for its service period, in its month.

What counts is the charge, (contract, version, service period), not the document it came on: a layer may be late and
have billing put charges on other documents than the ideal ones. What is wrong is reported by document all the
same, where a whole document is missing, repeated or misdated.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from fakes.agreements import Contract
from fakes.records import ChargeLine, Invoice
from harness.audit.breaks import Break, Kind, amount_kind, effects, misplaced
from harness.audit.copies import behind_kind
from harness.audit.marks import wrong_marks
from harness.audit.tie import Tie, source_of
from harness.oracle import ExpectedLine, LineKey
from harness.oracle.charges import charge_minor, full_price_minor, period_bounds, period_count, units_added
from harness.oracle.deliverables import delivered_minor
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES
from harness.oracle.months import month_name, month_of
from reports.wording import money

BY_DOCUMENT: tuple[Kind, ...] = ("duplicate", "wrong_period", "missing_upstream")
"""What is wrong with a document as a whole, and reported once for all its charges that have it."""


class Billed(NamedTuple):
    """A line where it stands; `position` is its document's place among billing's documents."""

    position: int
    invoice: Invoice
    line: ChargeLine


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with one charge: `off_minor` by month. `billed` is the line to blame, if there is one."""

    kind: Kind
    key: LineKey
    expected_minor: int
    off_minor: dict[int, int]
    billed: Billed | None
    month: int
    since_us: int
    what: str


def invoices(tie: Tie) -> Iterator[Break]:
    """Charges that billing did not bill as it had to, and documents that are not the sum of their lines."""
    contracts, expected = tie.expected.contracts, tie.expected.lines
    right: dict[LineKey, bool] = {}
    for invoice in tie.books.invoices:
        if invoice.issued_us <= 0:
            continue
        contract_key, month, total_minor = invoice.contract, month_of(invoice.day), 0
        contract = contracts.get(contract_key)
        for line in invoice.lines:
            total_minor += line.minor
            key = (contract_key, line.version, line.period)
            right[key] = key not in right and _as_expected(line, month, expected.get(key))
        if total_minor != invoice.total_minor or (
            contract is not None
            and (
                invoice.account != contract.account
                or invoice.currency != contract.currency
                or invoice.entity != contract.entity
            )
        ):
            yield from _headed_wrongly(invoice, total_minor, contract)
    if len(right) != len(expected) or not all(right.values()):
        yield from _breaks(tie, _differences(tie, right))


def _headed_wrongly(invoice: Invoice, lines_minor: int, contract: Contract | None) -> Iterator[Break]:
    month, total_minor = month_of(invoice.day), invoice.total_minor
    account = contract.account if contract is not None else invoice.account
    findings: list[tuple[Kind, int, int, object, object, str, dict[str, int]]] = []
    if total_minor != lines_minor:
        off = total_minor - lines_minor
        says, sum_ = (money(minor, invoice.currency) for minor in (total_minor, lines_minor))
        what = f"{invoice.id} says {says}, its lines sum to {sum_}"
        kind = amount_kind(lines_minor, total_minor)
        findings.append((kind, abs(off), off, lines_minor, total_minor, what, {account: off}))
    if account != invoice.account:
        what = f"{invoice.id} for {invoice.contract} is to account {invoice.account}, not {account}"
        moved = {invoice.account: total_minor, account: -total_minor}
        findings.append(("wrong_customer", abs(total_minor), 0, account, invoice.account, what, moved))
    if contract is not None:
        for mark, was, is_, what in wrong_marks(invoice, contract):
            findings.append((mark, abs(total_minor), 0, was, is_, f"{invoice.id} {what}", {}))
    for kind, amount_minor, delta_minor, expected, actual, what, receivables in findings:
        cells = {(RECEIVABLES, subject, month): minor for subject, minor in receivables.items()}
        cells[CONTRACT_LIABILITY, invoice.contract, month] = -delta_minor
        yield Break(
            kind=kind,
            system="billing",
            record="invoice",
            key=invoice.id,
            amount_minor=amount_minor,
            delta_minor=delta_minor,
            period=month,
            expected=expected,
            actual=actual,
            detail=what,
            since_us=invoice.issued_us,
            call=invoice.contract,
            contract=invoice.contract,
            account=account,
            effects=effects(cells),
        )


# --- charge by charge --------------------------------------------------------------------------------


def _differences(tie: Tie, right: Mapping[LineKey, bool]) -> Iterator[Difference]:
    """What is wrong with the charges that are not billed, or not `right`: once, and as they have to be."""
    wrong = _billed_lines(tie, {key for key, is_right in right.items() if not is_right})
    for key, line in tie.expected.lines.items():
        is_right = right.get(key)
        if is_right is None:
            yield from _unbilled(tie, key, line, right)
        elif not is_right:
            yield from _billed_wrongly(tie, key, line, wrong[key])
    for key, found in wrong.items():
        if key not in tie.expected.lines:
            yield from _not_owed(tie, key, found)


def _billed_lines(tie: Tie, keys: Set[LineKey]) -> dict[LineKey, list[Billed]]:
    """Where these charges are billed, in the order of billing."""
    billed: dict[LineKey, list[Billed]] = {}
    if keys:
        for position, invoice in enumerate(tie.books.invoices):
            if invoice.issued_us > 0:
                for line in invoice.lines:
                    key = (invoice.contract, line.version, line.period)
                    if key in keys:
                        billed.setdefault(key, []).append(Billed(position, invoice, line))
    return billed


def _as_expected(line: ChargeLine, month: int, expected: ExpectedLine | None) -> bool:
    return (
        expected is not None
        and line.minor == expected.minor
        and month == expected.month
        and line.from_day == expected.from_day
        and line.to_day == expected.to_day
    )


def _unbilled(tie: Tie, key: LineKey, line: ExpectedLine, billed: Container[LineKey]) -> Iterator[Difference]:
    siblings = tie.expected.documents[key[0], line.due_us]
    whole = len(siblings) == 1 or not any(sibling in billed for sibling in siblings)
    if whole and len(siblings) > 1 and not sum(tie.expected.lines[sibling].minor for sibling in siblings):
        return  # a document that would sum to zero may as well not be issued
    kind: Kind = "missing_downstream" if whole else "amount_mismatch"
    yield _not_there(tie, key, line, kind, {line.month: -line.minor}, None)


def _not_there(
    tie: Tie, key: LineKey, line: ExpectedLine, kind: Kind, off: dict[int, int], billed: Billed | None
) -> Difference:
    subscriptions = tie.subscriptions.get(key[0])
    if subscriptions and subscriptions[0].state.version < key[1]:
        kind = behind_kind(tie.expected.contracts[key[0]], subscriptions[0].state.version)
    amount = _money(tie, key, line.minor)
    what = f"{_line_name(key)} of {amount} is not billed, which was due in {month_name(line.month)}"
    kind = tie.absent(kind, line.due_us, "billing", _told(tie, key)[0])
    return Difference(kind, key, line.minor, off, billed, line.month, line.due_us, what)


def _told(tie: Tie, key: LineKey) -> tuple[str, str]:
    """The key of the event that has billing charge for something, and its source if that is not the CRM.

    Billing meters usage itself: to charge for it, it has to know the contract.
    """
    one = tie.delivered.get(key[2]) if isinstance(key[2], str) else None
    return (key[0], "") if one is None or one.metered else (one.key, source_of(one))


def _billed_wrongly(tie: Tie, key: LineKey, line: ExpectedLine, found: list[Billed]) -> Iterator[Difference]:
    off = _by_month(found)
    off[line.month] = off.get(line.month, 0) - line.minor
    if not any(off.values()):
        yield from _misdated_service(key, line, found)
        return
    name, superfluous = _line_name(key), _superfluous(tie, key[0])
    kept = _kept(line, found, superfluous)
    for extra in _uncancelled([one for one in found if one is not kept]):
        if extra.line.minor == line.minor or extra.invoice.subscription in superfluous:
            month = month_of(extra.invoice.day)
            off[month] -= extra.line.minor
            what = f"{extra.invoice.id} bills {name} again, which {kept.invoice.id} bills"
            since_us = max(kept.invoice.issued_us, extra.invoice.issued_us)
            yield Difference("duplicate", key, 0, {month: extra.line.minor}, extra, month, since_us, what)
    if not any(off.values()):
        return
    last = found[-1] if kept.line.minor == line.minor and month_of(kept.invoice.day) == line.month else kept
    delta_minor = sum(off.values())
    actual_minor = line.minor + delta_minor
    if actual_minor == 0:
        yield _not_there(tie, key, line, "amount_mismatch", off, last)
        return
    if delta_minor == 0:
        kind: Kind = "wrong_period"
        what = f"{last.invoice.id} of {month_name(month_of(last.invoice.day))} bills {name}, due in "
        what += month_name(line.month)
    else:
        doubled = key[1] > 1 and actual_minor == 2 * line.minor
        kind = "double_applied_amendment" if doubled else amount_kind(line.minor, actual_minor)
        what = f"{last.invoice.id} bills {_money(tie, key, actual_minor)} for {name}, not "
        what += _money(tie, key, line.minor)
    yield Difference(kind, key, line.minor, off, last, line.month, last.invoice.issued_us, what)


def _misdated_service(key: LineKey, line: ExpectedLine, found: list[Billed]) -> Iterator[Difference]:
    for billed in found:
        if (billed.line.from_day, billed.line.to_day) != (line.from_day, line.to_day):
            what = f"{billed.invoice.id} bills {_line_name(key)} for other days than its service period's"
            since_us = billed.invoice.issued_us
            yield Difference("wrong_schedule_shape", key, line.minor, {}, billed, line.month, since_us, what)
            return


def _not_owed(tie: Tie, key: LineKey, found: list[Billed]) -> Iterator[Difference]:
    """Billed in the run, though nothing was owed: settled before, not due yet, or never agreed."""
    name = _line_name(key)
    contract = tie.expected.contracts.get(key[0])
    charge = _charge(tie, contract, key) if contract is not None else None
    off = _by_month(found)
    if charge is None:
        for billed in found:
            month, what = month_of(billed.invoice.day), f"{billed.invoice.id} bills {name}, which nobody agreed"
            since_us = billed.invoice.issued_us
            yield Difference("missing_upstream", key, 0, {month: billed.line.minor}, billed, month, since_us, what)
        return
    settled = tie.expected.billed_before(key)
    if settled:
        for extra in _uncancelled(found):
            if extra.line.minor == charge:
                month, what = month_of(extra.invoice.day), f"{extra.invoice.id} bills {name}, billed before the run"
                off[month] -= extra.line.minor
                since_us = extra.invoice.issued_us
                yield Difference("duplicate", key, 0, {month: extra.line.minor}, extra, month, since_us, what)
    if any(off.values()):
        last, delta_minor = found[-1], sum(off.values())
        early = not settled and charge and delta_minor == charge
        kind: Kind = "wrong_period" if early or not delta_minor else amount_kind(0, delta_minor)
        reason = "before it is due" if early else "where nothing was owed"
        what = f"{last.invoice.id} bills {name} {reason}"
        yield Difference(kind, key, 0, off, last, month_of(last.invoice.day), last.invoice.issued_us, what)


def _charge(tie: Tie, contract: Contract, key: LineKey) -> int | None:
    """What a version adds to a service period, due or not; None if there is no such version or period.

    The same of what is no service period.
    """
    _, version, period = key
    if isinstance(period, str):
        for fulfilment in tie.expected.rendered.get(contract.key, ()):
            if fulfilment.key == period:
                return delivered_minor(contract, fulfilment).get(version)
        own = (one.price_minor for one in contract.deliverables if (one.version, one.product) == (version, period))
        return next(own, None)
    if not (1 <= version <= contract.version and 0 <= period < period_count(contract)):
        return None
    effective_day = contract.versions[version - 1].effective_day
    full_minor = units_added(contract)[version - 1] * full_price_minor(contract, period)
    return charge_minor(full_minor, effective_day, *period_bounds(contract, period))


def _by_month(found: Iterable[Billed]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for billed in found:
        month = month_of(billed.invoice.day)
        sums[month] = sums.get(month, 0) + billed.line.minor
    return sums


def _superfluous(tie: Tie, contract: str) -> frozenset[str]:
    return frozenset(subscription.id for subscription in tie.subscriptions.get(contract, ())[1:])


def _kept(line: ExpectedLine, found: list[Billed], superfluous: frozenset[str]) -> Billed:
    """Of several lines for one charge the one that counts: the most fitting, of these the first issued."""

    def unfitness(billed: Billed) -> tuple[bool, bool, bool, int]:
        return (
            billed.line.minor != line.minor,
            month_of(billed.invoice.day) != line.month,
            billed.invoice.subscription in superfluous,
            billed.invoice.issued_us,
        )

    return min(found, key=unfitness)


def _uncancelled(found: list[Billed]) -> list[Billed]:
    """The lines left when each is struck out together with an earlier one of the opposite amount."""
    left: list[Billed] = []
    for billed in found:
        opposite = next((one for one in left if one.line.minor == -billed.line.minor), None)
        if opposite is not None:
            left.remove(opposite)
        else:
            left.append(billed)
    return left


def _money(tie: Tie, key: LineKey, minor: int) -> str:
    """An amount of a charge that is owed, in its contract's currency."""
    return money(minor, tie.expected.contracts[key[0]].currency)


def _line_name(key: LineKey) -> str:
    return f"{key[0]}/v{key[1]}/{key[2]}" if isinstance(key[2], str) else f"{key[0]}/v{key[1]}/p{key[2]}"


# --- from charges to documents -----------------------------------------------------------------------


def _breaks(tie: Tie, differences: Iterator[Difference]) -> Iterator[Break]:
    """One break for all charges that one document repeats or misdates, or that are missing together."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for difference in differences:
        key, billed = difference.key, difference.billed
        group: tuple[object, ...] = (difference.kind, key)
        if billed is None:
            group = (difference.kind, key[0], difference.since_us)
        elif difference.kind in BY_DOCUMENT:
            group = (difference.kind, billed.position)
        groups.setdefault(group, []).append(difference)
    for together in groups.values():
        found = _break(tie, together)
        if found is not None:
            yield found


def _break(tie: Tie, together: list[Difference]) -> Break | None:
    first = together[0]
    contract_key = first.key[0]
    contract = tie.expected.contracts.get(contract_key)
    invoice = first.billed.invoice if first.billed is not None else None
    account = contract.account if contract is not None else invoice.account if invoice is not None else ""
    off: dict[int, int] = {}
    for difference in together:
        for month, minor in difference.off_minor.items():
            off[month] = off.get(month, 0) + minor
    delta_minor = sum(off.values())
    amount_minor = misplaced(off.values()) if delta_minor == 0 else abs(delta_minor)
    if first.kind == "wrong_period" and not any(off.values()):
        return None  # a document that sums to zero posts nothing to any period
    if first.kind == "wrong_schedule_shape":
        amount_minor = abs(first.expected_minor)
    expected_minor = sum(difference.expected_minor for difference in together)
    call, source = _told(tie, first.key)
    cells = [
        cell
        for month, minor in off.items()
        for cell in (((RECEIVABLES, account, month), minor), ((CONTRACT_LIABILITY, contract_key, month), -minor))
    ]
    return Break(
        kind=first.kind,
        system="billing",
        record="invoice",
        key=invoice.id if invoice is not None and first.kind in BY_DOCUMENT else _line_name(first.key),
        amount_minor=amount_minor,
        delta_minor=delta_minor,
        period=first.month,
        expected=expected_minor,
        actual=expected_minor + delta_minor,
        detail="; ".join(difference.what for difference in together),
        since_us=first.since_us,
        call=call,
        source=source,
        contract=contract_key,
        account=account,
        effects=effects(cells),
    )
