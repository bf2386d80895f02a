"""What a fault can strike: the systems, what each can be asked to do, and what each tells of; in what window."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from fakes.names import erp_of
from fakes.news import BODIES
from scenarios.dates import Instant
from scenarios.group import EntityName
from scenarios.model import Model
from scenarios.values import Line, Span, Title, Word, one_of, refusal

SystemName = Annotated[
    Literal["crm", "billing", "erp", "revenue", "projects"], Word("crm", "billing", "erp", "revenue", "projects")
]  # fmt: skip

_READING = ("list_changes", "read_stream")
_LOADING = ("bulk_load", "batch_totals")

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "crm": ("get_account", "get_contract", "refresh_token", *_READING),
    "billing": (
        "create_customer", "update_customer", "find_customers", "create_subscription", "find_subscriptions",
        "update_subscription", "void_subscription", "record_fulfilment", "find_fulfilments", "get_usage",
        "get_invoice", "get_payment", "refresh_token", *_READING, *_LOADING,
    ),
    "erp": (
        "upsert_customer", "update_customer", "find_customers", "create_order", "upsert_order", "find_orders",
        "update_order", "void_order", "post_document", "apply_payment", "post_journal", "reverse_journal",
        "find_documents", "find_payments", "find_journals", "refresh_token", *_LOADING,
    ),
    "revenue": (
        "create_contract", "find_contracts", "modify_contract", "void_contract", "record_billing", "find_billings",
        "record_fulfilment", "find_fulfilments", "get_recognition", "refresh_token", *_READING, *_LOADING,
    ),
    "projects": (
        "create_project", "find_projects", "void_project", "get_project", "get_fulfilment", "refresh_token",
        *_READING, *_LOADING,
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


class Planned(Model):
    """What every fault of a system says: its name, the system, and the window."""

    kind: str
    name: Title = Field("", description='What reports call it; by default "<kind> of <system>".')
    system: SystemName = Field(description="The system it strikes.")
    entity: EntityName | None = Field(None, description="Whose ERP, of several; by default the first entity's.")
    starts: Instant | None = Field(
        None, alias="from", description="When it begins, local time; by default the quarter's first instant."
    )
    lasts_us: Span | None = Field(
        None, alias="for", description="How long it lasts; by default to the end of the run."
    )  # fmt: skip

    @field_validator("entity")
    @classmethod
    def _is_of_an_erp(cls, entity: str | None, info: ValidationInfo) -> str | None:
        if entity and info.data.get("system") != "erp":
            raise refusal("no entity: only the ERP is an entity's own", "drop it")
        return entity

    @property
    def target(self) -> str:
        """The system instance it strikes."""
        return erp_of(self.entity) if self.entity else self.system

    @property
    def only(self) -> tuple[str, ...]:
        """The operations or event types it strikes; none means all."""
        return ()


class OnCalls(Planned):
    """A fault that may be restricted to some operations."""

    operations: tuple[Line, ...] = Field((), description="Strike only calls of these operations; by default all.")

    @field_validator("operations")
    @classmethod
    def _known_operations(cls, words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return all_known(words, OPERATIONS, info)

    @property
    def only(self) -> tuple[str, ...]:
        """The operations it strikes; none means all."""
        return self.operations


class OnTellers(Planned):
    """A fault of a system that tells of something."""

    @field_validator("system")
    @classmethod
    def _tells_of_something(cls, system: SystemName) -> SystemName:
        if not EVENTS[system]:
            raise refusal(
                "a system that sends events: crm, billing, revenue or projects", f"{system} sends none: choose another"
            )
        return system


class OnEvents(OnTellers):
    """A fault that may be restricted to some types of event."""

    events: tuple[Line, ...] = Field((), description="Strike only these events; by default all.")

    @field_validator("events")
    @classmethod
    def _known_events(cls, words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return all_known(words, EVENTS, info)

    @property
    def only(self) -> tuple[str, ...]:
        """The event types it strikes; none means all."""
        return self.events
