"""Customers against accounts: every account is one customer in billing, and one in ERP; those of a party the same."""

from collections.abc import Iterator, Sequence

from fakes.agreements import Account
from fakes.records import Customer
from harness.audit.breaks import Break, Kind
from harness.audit.tie import Tie


def customers(tie: Tie) -> Iterator[Break]:
    """Accounts without a customer, with several, or with one of another name; customers without an account."""
    yield from _of_system(tie, "billing", tie.books.billing_customers)
    yield from _of_system(tie, "erp", tie.books.erp_customers)


def _of_system(tie: Tie, system: str, actual: Sequence[Customer]) -> Iterator[Break]:
    accounts, opened_us = tie.expected.accounts, tie.expected.opened_us
    first: dict[str, Customer] = {}
    known: dict[str, bool] = {}
    for customer in actual:
        account = accounts.get(customer.account)
        known[customer.account] = True
        if customer.also:
            known.update(dict.fromkeys(customer.also, True))
        if account is None:
            detail = f"customer {customer.id} is of account {customer.account}, which nobody opened"
            yield _break("missing_upstream", system, customer.account, None, customer.id, detail, customer.created_us)
            continue
        party = account.party or account.key
        if party in first:
            first_id, id_ = first[party].id, customer.id
            detail = f"account {account.key} is customer {first_id}, and {id_} as well"
            yield _break("duplicate_customer", system, account.key, first_id, id_, detail, customer.created_us)
        else:
            first[party] = customer
            if customer.name != account.name or customer.parent != account.parent:
                yield _otherwise(tie, system, account, customer)
    for key in accounts if len(known) < len(accounts) else ():
        if key not in known:
            kind = tie.absent("missing_downstream", opened_us[key], system, key)
            detail = f"account {key} is no customer of {system}{tie.whereabouts(system, key)}"
            yield _break(kind, system, key, key, None, detail, opened_us[key])


def _otherwise(tie: Tie, system: str, account: Account, customer: Customer) -> Break:
    """A customer whose name or parent is not its account's: behind the newest version, or just wrong."""
    differ = account.name, customer.name
    what = f"bears the name {customer.name!r}, account {account.key} {account.name!r}"
    if customer.name == account.name:
        differ = account.parent, customer.parent
        what = f"belongs to {customer.parent or 'nobody'!r}, account {account.key} to {account.parent or 'nobody'!r}"
    kind: Kind = "wrong_customer"
    since_us = customer.created_us
    if account.version > 1:
        since_us = tie.expected.changed_us.get((account.key, account.version), since_us)
        kind = tie.absent("stale_master_data", since_us, system, account.key)
    return _break(kind, system, account.key, *differ, f"{customer.id} {what}", since_us)


def _break(
    kind: Kind, system: str, account: str, expected: str | None, actual: str | None, detail: str, since_us: int
) -> Break:
    return Break(
        kind=kind,
        system=system,
        record="customer",
        key=account,
        amount_minor=0,
        delta_minor=0,
        period=None,
        expected=expected,
        actual=actual,
        detail=detail,
        since_us=since_us,
        call=account,
        account=account,
    )
