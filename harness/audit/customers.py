"""Customers against accounts: every account is one customer in billing, and one in ERP."""

from collections.abc import Iterator, Sequence

from fakes.records import Customer
from harness.audit.breaks import Break, Kind
from harness.audit.tie import Tie


def customers(tie: Tie) -> Iterator[Break]:
    """Accounts without a customer, with several, or with one of another name; customers without an account."""
    yield from _of_system(tie, "billing", tie.books.billing_customers)
    yield from _of_system(tie, "erp", tie.books.erp_customers)


def _of_system(tie: Tie, system: str, actual: Sequence[Customer]) -> Iterator[Break]:
    accounts, opened_us = tie.expected.accounts, tie.expected.opened_us
    found: dict[str, Customer] = {}
    for customer in actual:
        account = accounts.get(customer.account)
        if account is None:
            detail = f"customer {customer.id} is of account {customer.account}, which nobody opened"
            yield _break("missing_upstream", system, customer.account, None, customer.id, detail, customer.created_us)
        elif account.key in found:
            first_id, id_ = found[account.key].id, customer.id
            detail = f"account {account.key} is customer {first_id}, and {id_} as well"
            yield _break("duplicate_customer", system, account.key, first_id, id_, detail, customer.created_us)
        else:
            found[account.key] = customer
            if customer.name != account.name:
                detail = f"{customer.id} bears the name {customer.name!r}, account {account.key} {account.name!r}"
                since_us = customer.created_us
                yield _break("wrong_customer", system, account.key, account.name, customer.name, detail, since_us)
    if len(found) < len(accounts):
        for key in accounts:
            if key not in found:
                kind = tie.absent("missing_downstream", opened_us[key], system, key)
                detail = f"account {key} is no customer of {system}{tie.whereabouts(system, key)}"
                yield _break(kind, system, key, key, None, detail, opened_us[key])


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
