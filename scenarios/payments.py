"""How customers pay, as a scenario says it: on which terms, how many of them late, and how late."""

from pydantic import Field

from fakes.paying import Habits
from scenarios.distributions import Distribution, Exponential, Lognormal
from scenarios.model import Model
from scenarios.values import DueDays, Share, SpanOrZero
from scenarios.weights import Weights
from sim.durations import DAY


class Payments(Model):
    """When customers pay what they are invoiced, and are paid back what is credited to them."""

    terms: Weights[DueDays] = Field(
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

    def habits(self) -> Habits:
        """How the customers of a run pay."""
        return Habits(
            terms=tuple(self.terms.items()),
            late_share_ppm=self.late_share_ppm,
            late_by=self.late_by.table(),
            early_by=self.early_by.table(),
            refund_after_us=self.refund_after_us,
        )
