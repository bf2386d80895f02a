"""What a fault can strike: the systems, what each can be asked to do, and what each tells of."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Literal

from pydantic import ValidationInfo

from fakes.news import BODIES
from scenarios.values import Word, one_of

SystemName = Annotated[
    Literal["crm", "billing", "erp", "revenue"], Word("crm", "billing", "erp", "revenue")
]  # fmt: skip

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "crm": ("get_account", "get_contract", "refresh_token"),
    "billing": (
        "create_customer", "find_customers", "create_subscription", "find_subscriptions", "update_subscription",
        "get_invoice", "refresh_token",
    ),
    "erp": (
        "upsert_customer", "find_customers", "create_order", "upsert_order", "find_orders", "update_order",
        "post_document", "post_journal", "find_documents", "find_journals", "refresh_token",
    ),
    "revenue": (
        "create_contract", "find_contracts", "modify_contract", "record_billing", "find_billings", "get_recognition",
        "refresh_token",
    ),
}  # fmt: skip
"""What each system can be asked to do."""

EVENTS: Mapping[str, tuple[str, ...]] = {system: tuple(bodies) for system, bodies in BODIES.items()}
"""What each system tells of."""


def fields_told(system: str, types: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields of what a system tells of, in these types of event or in all, each once and in order."""
    bodies = (BODIES[system][type_] for type_ in types or BODIES[system])
    return tuple(dict.fromkeys(field.name for body in bodies for field in fields(body)))


def all_known(words: tuple[str, ...], known: Mapping[str, tuple[str, ...]], info: ValidationInfo) -> tuple[str, ...]:
    """The same words, if the fault's system knows them all; otherwise a refusal of the first that it does not."""
    system = info.data.get("system")
    if system is not None:
        for position, word in enumerate(words):
            one_of(word, known[system], position)
    return words
