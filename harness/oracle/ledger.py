"""The chart of accounts: what the ledger's accounts are called, and how a cell of its balances is named."""

from functools import lru_cache
from typing import TypeAlias

RECEIVABLES = "1100 accounts receivable"
CONTRACT_LIABILITY = "2400 contract liability"

Cell: TypeAlias = tuple[str, str, int]
"""(account, subject, month): receivables have a customer's account key for subject, all others a contract."""


@lru_cache(maxsize=1 << 10)
def revenue_account(product: str) -> str:
    """The revenue account of a product."""
    return f"4000 revenue {product}"
