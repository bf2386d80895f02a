"""What can go wrong with what a system shows and tells of itself: a stale index, and events that mislead."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from scenarios.reach import OPERATIONS, OnEvents, OnTellers, Planned, SystemName, fields_told
from scenarios.values import FieldName, Share, Skew, Span, Word, one_of, refusal
from sim.durations import HOUR


class StaleIndex(Planned):
    """The system's search index stands still: what is created meanwhile is not found before it is over."""

    kind: Literal["stale_index"] = "stale_index"

    @field_validator("system")
    @classmethod
    def _searches(cls, system: SystemName) -> SystemName:
        if "find_customers" not in OPERATIONS[system]:
            raise refusal("a system with a search index: billing or erp", f"{system} has none: choose another")
        return system


class Poison(OnEvents):
    """A share of the events is malformed for good: nobody can read them, however often they are told."""

    kind: Literal["poison"] = "poison"
    share_ppm: Share = Field(alias="share", description="Share of the events.")


USUAL_CHANGES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("crm", "renamed"): {"field": "account", "to": "account_id"},
    ("billing", "renamed"): {"field": "total_minor", "to": "amount_minor"},
    ("revenue", "renamed"): {"field": "amounts", "to": "lines"},
    ("crm", "added"): {"field": "sales_channel"},
    ("billing", "added"): {"field": "tax_region"},
    ("revenue", "added"): {"field": "cost_centre"},
}
"""What a change of a system's schema is about if the file does not say."""

RESERVED = ("names", "restored")
"""Names that a changed body has for itself."""


class SchemaChange(OnEvents):
    """From some day on the system tells of its events in another schema: a field is renamed, or one is added."""

    kind: Literal["schema_change"] = "schema_change"
    change: Annotated[Literal["renamed", "added"], Word("renamed", "added")] = Field(
        "renamed", description="What happens to the field; a mapping need not be adapted to one that is added."
    )
    field: FieldName | None = Field(None, description="The field that is renamed, or added; by default a usual one.")
    to: FieldName | None = Field(None, description="What the field is called from then on, if it is renamed.")
    edit_us: Span = Field(4 * HOUR, alias="edit", description="How long the team needs to adapt one mapping.")

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, said: Any) -> Any:
        if not isinstance(said, dict) or "field" in said or "to" in said:
            return said
        return {**USUAL_CHANGES.get((str(said.get("system")), str(said.get("change", "renamed"))), {}), **said}

    @model_validator(mode="after")
    def _of_what_it_tells(self) -> Self:
        known, named = fields_told(self.system, self.events), "to" if self.change == "renamed" else "field"
        if self.change == "renamed":
            if self.field is None or self.to is None:
                raise refusal("field and to", "say both, or neither for a usual change")
            one_of(self.field, known, "field")
        elif self.to is not None:
            raise refusal("no `to` where a field is added", "drop it, or write change: renamed", "to")
        elif self.field is None:
            raise refusal("a field to add", "say which, or leave it out for a usual one", "field")
        if getattr(self, named) in (*fields_told(self.system), *RESERVED):
            raise refusal("a name that no field has yet", "choose another", named)
        return self


class ClockSkew(OnTellers):
    """The system's own clock is off by a constant, so that it stamps its events too late, or too early."""

    kind: Literal["clock_skew"] = "clock_skew"
    by_us: Skew = Field(alias="by", description="By how much it is off; a minus where it is behind.")
