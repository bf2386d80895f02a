"""The systems' copies against the contracts: one subscription, sales order and revenue contract for each.

A copy is worth its contract's transaction price: that is the amount of one that is missing or too many. What a
wrong copy went on to do to invoices, revenue and ledger is reported there.
"""

from collections.abc import Iterator, Mapping, Sequence

from fakes.agreements import Contract
from fakes.records import Customer, RevenueContract, SalesOrder, Subscription
from harness.audit.breaks import ROUNDING_MINOR, Break, Kind, Record, amount_kind, misplaced
from harness.audit.days import day_name
from harness.audit.marks import wrong_marks
from harness.audit.tie import C, Parties, Tie
from reports.wording import listing, money, spoken

Finding = tuple[Kind, int, int, object, object, str]
"""Kind, amount, delta, expected, actual, and what is wrong in words."""


def copies(tie: Tie) -> Iterator[Break]:
    """Contracts without a copy, with several, or with a wrong one; copies without a contract."""
    books = tie.books
    yield from _of_system(tie, "billing", "subscription", tie.subscriptions)
    yield from _parties(tie, "billing", "subscription", tie.subscriptions, books.billing_customers)
    yield from _of_system(tie, "erp", "order", tie.orders)
    yield from _parties(tie, "erp", "order", tie.orders, books.erp_customers)
    yield from _of_system(tie, "revenue", "revenue_contract", tie.revenue_contracts)
    yield from _allocations(tie)
    if tie.projects or any(not one.obligations for one in tie.expected.contracts.values()):
        yield from _of_system(tie, "projects", "project", tie.projects)


def transaction_price(contract: Contract) -> int:
    """The price of a contract with all its versions, in minor units."""
    return sum(version.price_change_minor for version in contract.versions)


def behind_kind(contract: Contract, known_versions: int) -> Kind:
    """What it is called when only the first versions of a contract are known: did it miss the cancellation?"""
    missed = contract.versions[known_versions:]
    return "cancelled_still_running" if any(version.kind == "cancelled" for version in missed) else "stale_amendment"


def _of_system(tie: Tie, system: str, record: Record, found: Mapping[str, Sequence[C]]) -> Iterator[Break]:
    contracts = tie.expected.contracts
    for key, contract in contracts.items():
        several = found.get(key)
        if record == "project" and several is None and contract.obligations:
            continue
        if several is None:
            yield _missing(tie, system, record, contract)
            continue
        first = several[0]
        if len(several) > 1:
            for extra in several[1:]:
                detail = f"{contract.key} is {spoken(record)} {first.id}, and {extra.id} as well"
                since_us = max(first.created_us, extra.created_us)
                yield _surplus("duplicate", system, record, extra, first.id, detail, contract.account, since_us)
        if first.state is not contract and first.state != contract:
            yield from _different(tie, system, record, first, contract)
    if not found.keys() <= contracts.keys():
        for key, several in found.items():
            if key not in contracts:
                for extra in several:
                    detail = f"{spoken(record)} {extra.id} is for {key}, which nobody signed"
                    yield _surplus("missing_upstream", system, record, extra, None, detail, extra.state.account)


def _missing(tie: Tie, system: str, record: Record, contract: Contract) -> Break:
    agreed_us = tie.expected.agreed_us[contract.key, contract.versions[0].number]
    price_minor = transaction_price(contract)
    return Break(
        kind=tie.absent("missing_downstream", agreed_us, system, contract.key),
        system=system,
        record=record,
        key=contract.key,
        amount_minor=abs(price_minor),
        delta_minor=-price_minor,
        period=None,
        expected=contract.version,
        actual=None,
        detail=f"{contract.key} has no {spoken(record)}{tie.whereabouts(system, contract.key)}",
        since_us=agreed_us,
        call=contract.key,
        contract=contract.key,
        account=contract.account,
    )


def _surplus(
    kind: Kind,
    system: str,
    record: Record,
    extra: C,
    expected: str | None,
    detail: str,
    account: str,
    since_us: int | None = None,
) -> Break:
    price_minor = transaction_price(extra.state)
    return Break(
        kind=kind,
        system=system,
        record=record,
        key=extra.state.key,
        amount_minor=abs(price_minor),
        delta_minor=price_minor,
        period=None,
        expected=expected,
        actual=extra.id,
        detail=detail,
        since_us=extra.created_us if since_us is None else since_us,
        call=extra.state.key,
        contract=extra.state.key,
        account=account,
    )


# --- one copy against its contract -------------------------------------------------------------------

TOLD_BY_KIND = (
    "key", "account", "currency", "entity", "start_day", "end_day", "billing_months", "unit_price_minor",
    "period_price_minor", "obligations", "versions", "ramp", "deliverables",
)  # fmt: skip
OTHER_TERMS = tuple(name for name in Contract.__struct_fields__ if name not in TOLD_BY_KIND)
"""What else a contract says than what has a kind of break of its own."""

MAY_LACK = ("renews",)
"""What a copy may leave out, as no system goes by it, and some have no word for it."""


def _different(tie: Tie, system: str, record: Record, copy: C, contract: Contract) -> Iterator[Break]:
    state = copy.state
    if state.version < contract.version:
        yield _behind(tie, system, record, copy, contract)
        known = contract.versions[: len(state.versions)]
    else:
        known = contract.versions
    for kind, amount_minor, delta_minor, expected, actual, what in _wrong_terms(state, contract, known):
        yield Break(
            kind=kind,
            system=system,
            record=record,
            key=contract.key,
            amount_minor=amount_minor,
            delta_minor=delta_minor,
            period=None,
            expected=expected,
            actual=actual,
            detail=f"{spoken(record)} {copy.id} of {contract.key} {what}",
            since_us=max(copy.applied.values(), default=copy.created_us),
            call=contract.key,
            contract=contract.key,
            account=contract.account,
        )


def _behind(tie: Tie, system: str, record: Record, copy: C, contract: Contract) -> Break:
    known = copy.state.version
    missed = contract.versions[known:]
    agreed_us = tie.expected.agreed_us[contract.key, missed[0].number]
    missed_minor = sum(version.price_change_minor for version in missed)
    seen = max(copy.applied, default=known)
    history = f", though it had version {seen} once" if seen > known else ""
    return Break(
        kind=tie.absent(behind_kind(contract, known), agreed_us, system, contract.key),
        system=system,
        record=record,
        key=contract.key,
        amount_minor=abs(missed_minor),
        delta_minor=-missed_minor,
        period=None,
        expected=contract.version,
        actual=known,
        detail=f"{spoken(record)} {copy.id} of {contract.key} is at version {known}, the contract at "
        f"{contract.version}{history}{tie.whereabouts(system, contract.key)}",
        since_us=agreed_us,
        call=contract.key,
        contract=contract.key,
        account=contract.account,
    )


def _wrong_terms(state: Contract, contract: Contract, known: Sequence[object]) -> Iterator[Finding]:
    """What is wrong with the terms of a copy, given the versions of its contract that it can know of."""
    if state.version > contract.version:
        extra = state.versions[len(contract.versions) :]
        price_minor = sum(version.price_change_minor for version in extra)
        what = f"is at version {state.version}, the contract at {contract.version}"
        yield "missing_upstream", abs(price_minor), price_minor, contract.version, state.version, what
        return
    worth_minor = abs(transaction_price(contract))
    if state.account != contract.account:
        what = f"is for account {state.account}, not {contract.account}"
        yield "wrong_customer", worth_minor, 0, contract.account, state.account, what
    for kind, expected, actual, what in wrong_marks(state, contract):
        yield kind, worth_minor, 0, expected, actual, what
    term = (contract.start_day, contract.end_day, contract.billing_months)
    actual_term = (state.start_day, state.end_day, state.billing_months)
    if actual_term != term:
        what = f"runs {_term_words(state)}, not {_term_words(contract)}"
        yield "wrong_schedule_shape", worth_minor, 0, term, actual_term, what
    if state.obligations != contract.obligations:
        what = "promises other products, or at other stand-alone selling prices"
        yield "wrong_allocation", worth_minor, 0, contract.obligations, state.obligations, what
    newer = [one for one in contract.deliverables if one.version > state.version]
    if (*state.deliverables, *newer) != contract.deliverables or state.ramp != contract.ramp:
        what = "has other deliverables or another ramp than were agreed"
        yield "amount_mismatch", worth_minor, 0, contract.deliverables, state.deliverables, what
    if state.unit_price_minor != contract.unit_price_minor or state.versions != known:
        yield from _wrong_price(state, contract)
    elif state.period_price_minor != contract.period_price_minor:
        yield _wrong_period_price(state, contract)
    for name in OTHER_TERMS:
        expected, actual = getattr(contract, name), getattr(state, name)
        if actual != expected and (actual or name not in MAY_LACK):
            was, is_ = (_said(name, value) for value in (expected, actual))
            yield "wrong_terms", worth_minor, 0, was, is_, f"says {is_} for {spoken(name)}, not {was}"


def _term_words(contract: Contract) -> str:
    from_day, to_day = day_name(contract.start_day), day_name(contract.end_day)
    return f"from {from_day} up to {to_day}, billed every {contract.billing_months} months"


def _said(name: str, value: object) -> str:
    """A term as people read it."""
    return day_name(value) if value and name.endswith("_day") and isinstance(value, int) else str(value or "none")


def _wrong_price(state: Contract, contract: Contract) -> Iterator[Finding]:
    agreed = contract.versions[: len(state.versions)][-1]
    before = contract.versions[len(state.versions) - 2].quantity if len(state.versions) > 1 else 0
    quantity, price = agreed.quantity, contract.unit_price_minor
    monthly_minor, actual_minor = quantity * price, state.quantity * state.unit_price_minor
    delta_minor = actual_minor - monthly_minor
    expected, actual = (quantity, price), (state.quantity, state.unit_price_minor)
    was, is_ = (money(minor, contract.currency) for minor in (price, state.unit_price_minor))
    what = f"has quantity {state.quantity} at {is_} a month, not {quantity} at {was}"
    if expected == actual:
        change_minor = transaction_price(contract) - transaction_price(state)
        what = "has other versions than were agreed, though the same quantity in the end"
        dates_only = len(state.versions) == len(contract.versions) and change_minor == 0
        kind: Kind = "wrong_schedule_shape" if dates_only else "amount_mismatch"
        yield kind, abs(change_minor), -change_minor, contract.versions, state.versions, what
    elif delta_minor == 0:
        yield "quantity_price_mismatch", abs(monthly_minor), 0, expected, actual, what
    elif before and state.quantity - quantity == quantity - before and price == state.unit_price_minor:
        what = f"has quantity {state.quantity}: the change from {before} to {quantity} was added twice"
        yield "double_applied_amendment", abs(delta_minor), delta_minor, quantity, state.quantity, what
    else:
        yield amount_kind(monthly_minor, actual_minor), abs(delta_minor), delta_minor, expected, actual, what


def _wrong_period_price(state: Contract, contract: Contract) -> Finding:
    """That a unit costs another amount a billing period, where that is no whole number of minor units a month."""
    expected, actual = contract.period_price_minor, state.period_price_minor
    expected_minor, actual_minor = (
        state.quantity * (one.period_price_minor or one.unit_price_minor * one.billing_months)
        for one in (contract, state)
    )
    off_minor = actual_minor - expected_minor
    kind = amount_kind(expected_minor, actual_minor) if off_minor else "wrong_terms"
    was, is_ = (money(minor, contract.currency) for minor in (expected, actual))
    what = f"has a price of {is_} a billing period, not {was}"
    return kind, abs(off_minor), off_minor, expected, actual, what


# --- whose it is, and how its price is split ---------------------------------------------------------


def _parties(
    tie: Tie,
    system: str,
    record: Record,
    found: Mapping[str, Sequence[Subscription]] | Mapping[str, Sequence[SalesOrder]],
    customers: Sequence[Customer],
) -> Iterator[Break]:
    """The copies that hang on another account's customer, or on none."""
    parties, contracts = Parties(customers), tie.expected.contracts
    for key, several in found.items():
        contract, copy = contracts.get(key), several[0]
        if contract is None or copy.state.account != contract.account:
            continue
        account = parties.account_of.get(copy.customer)
        if account != contract.account and not parties.right(copy.customer, contract.account):
            yield Break(
                kind="wrong_customer",
                system=system,
                record=record,
                key=key,
                amount_minor=abs(transaction_price(contract)),
                delta_minor=0,
                period=None,
                expected=contract.account,
                actual=account,
                detail=f"{spoken(record)} {copy.id} of {key} hangs on customer {copy.customer} of account {account}, "
                f"not {contract.account}",
                since_us=copy.created_us,
                call=key,
                contract=key,
                account=contract.account,
            )


def _allocations(tie: Tie) -> Iterator[Break]:
    """The revenue contracts whose price is split in another way than it must be, as far as they know of it."""
    contracts, allocated = tie.expected.contracts, tie.expected.allocated
    for key, several in tie.revenue_contracts.items():
        contract, copy = contracts.get(key), several[0]
        if contract is not None and copy.allocated != allocated[key]:
            known = min(copy.state.version, contract.version)
            for version in range(1, known + 1):
                yield from _allocation(copy, contract, version, allocated[key])


def _allocation(
    copy: RevenueContract, contract: Contract, version: int, allocated: Mapping[tuple[int, str], int]
) -> Iterator[Break]:
    expected = {product: minor for (number, product), minor in allocated.items() if number == version and minor}
    actual = {product: minor for (number, product), minor in copy.allocated.items() if number == version and minor}
    if actual == expected:
        return
    expected_minor, actual_minor = sum(expected.values()), sum(actual.values())
    off = [actual.get(product, 0) - expected.get(product, 0) for product in expected | actual]
    if actual_minor != expected_minor:
        kind = amount_kind(expected_minor, actual_minor)
    else:
        kind = "rounding" if max(map(abs, off)) <= ROUNDING_MINOR else "wrong_allocation"
    yield Break(
        kind=kind,
        system="revenue",
        record="revenue_contract",
        key=contract.key,
        amount_minor=misplaced(off),
        delta_minor=actual_minor - expected_minor,
        period=None,
        expected=expected,
        actual=actual,
        detail=f"revenue contract {copy.id} of {contract.key} splits version {version} into "
        f"{_split(actual, contract.currency)}, not {_split(expected, contract.currency)}",
        since_us=copy.applied.get(version, copy.created_us),
        call=contract.key,
        contract=contract.key,
        account=contract.account,
    )


def _split(amounts: Mapping[str, int], currency: str) -> str:
    """Amounts by product in words: `USD 900.00 of platform and USD 300.00 of support`."""
    return listing([f"{money(minor, currency)} of {product}" for product, minor in amounts.items()]) or "nothing"
