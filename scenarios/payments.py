"""How customers pay, as a scenario says it: on which terms, how many of them late, and how late."""

from typing import Annotated

from pydantic import Field, field_validator

from fakes.paying import Habits
from scenarios.distributions import Distribution, Exponential, Lognormal
from scenarios.model import Model
from scenarios.values import MILLION, DueDays, Share, SpanOrZero, Whole, refusal
from sim.durations import DAY

Weight = Annotated[int, Whole(0, MILLION)]


class Payments(Model):
    """When customers pay what they are invoiced, and are paid back what is credited to them."""

    terms: dict[DueDays, Weight] = Field(
        {30: 70, 45: 20, 60: 10}, description="Days from a document's day until it is due, by weight; one a contract."
    )
    early_by: Distribution = Field(
        Exponential(mean="3 d"), description="How long before the end of the due day most documents are paid."
    )
    late_share_ppm: Share = Field(200_000, alias="late_share", description="Share of documents that are paid late.")
    late_by: Distribution = Field(
        Lognormal(median="8 d", sigma=0.9), description="How long after the due day the others are paid."
    )
    refund_after_us: SpanOrZero = Field(
        14 * DAY, alias="refund_after", description="How long after its issue a credit memo is paid back."
    )

    @field_validator("terms")
    @classmethod
    def _some_weight(cls, weights: dict[int, int]) -> dict[int, int]:
        if not sum(weights.values()):
            raise refusal("weights that sum to more than 0", "give one of them a weight")
        return weights

    def habits(self) -> Habits:
        """How the customers of a run pay."""
        return Habits(
            terms=tuple(self.terms.items()),
            late_share_ppm=self.late_share_ppm,
            late_by=self.late_by.table(),
            early_by=self.early_by.table(),
            refund_after_us=self.refund_after_us,
        )
