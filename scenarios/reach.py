"""What a fault can strike: the systems, what each can be asked to do, and what each tells of."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ValidationInfo

from scenarios.values import Word, one_of

SystemName = Annotated[
    Literal["crm", "billing", "erp", "revenue"], Word("crm", "billing", "erp", "revenue")
]  # fmt: skip

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "crm": ("get_account", "get_contract"),
    "billing": (
        "create_customer", "find_customers", "create_subscription", "find_subscriptions", "update_subscription",
        "get_invoice",
    ),
    "erp": (
        "upsert_customer", "find_customers", "create_order", "upsert_order", "find_orders", "update_order",
        "post_document", "post_journal", "find_documents", "find_journals",
    ),
    "revenue": (
        "create_contract", "find_contracts", "modify_contract", "record_billing", "find_billings", "get_recognition",
    ),
}  # fmt: skip
"""What each system can be asked to do."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "crm": ("account_opened", "contract_signed", "contract_amended", "contract_cancelled"),
    "billing": ("invoice_issued", "credit_memo_issued"),
    "erp": (),
    "revenue": ("revenue_recognised",),
}
"""What each system tells of."""


def all_known(words: tuple[str, ...], known: Mapping[str, tuple[str, ...]], info: ValidationInfo) -> tuple[str, ...]:
    """The same words, if the fault's system knows them all; otherwise a refusal of the first that it does not."""
    system = info.data.get("system")
    if system is not None:
        for position, word in enumerate(words):
            one_of(word, known[system], position)
    return words
