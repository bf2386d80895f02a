"""The systems of a scenario file: how fast each works, what it grants, and how it tells of its events.

The defaults are those of a mid-size company's vendors: limits that an undisturbed quarter does not meet.
"""

from typing import Annotated

from pydantic import Field

from scenarios.distributions import Distribution, Exponential, Fixed, Lognormal
from scenarios.model import Model
from scenarios.values import MILLION, Span, Whole
from sim.durations import HOUR, MILLISECOND, MINUTE, SECOND

Capacity = Annotated[int, Whole(1, 10_000)]

_CAPACITY = "Calls it works on at one time; others queue."
_SERVICE = "How long it works on a call."
_LIMITS = "What it grants its callers; {} for no limit."


class Limits(Model):
    """What a system grants all its callers together; what is left out is unlimited. Over it: 429, at once."""

    concurrent: Annotated[int, Whole(1, 100_000)] | None = Field(None, description="Calls at one time.")
    per_second: Annotated[int, Whole(1, MILLION)] | None = Field(None, description="Calls a second.")
    burst: Annotated[int, Whole(1, MILLION)] = Field(1, description="Calls granted at once, with per_second.")
    retry_after_us: Span = Field(1 * SECOND, alias="retry_after", description="The wait a 429 asks for.")


class Delivery(Model):
    """How a system tells of its events: at least once, in no particular order."""

    delay: Distribution = Field(Lognormal(median="2 s", sigma=1.2), description="Travel time of an event.")
    retries_us: tuple[Span, ...] = Field(
        (10 * SECOND, 1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 1 * HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR),
        alias="retries",
        description="Waits before each further attempt; after the last it gives up.",
    )
    ack_timeout_us: Span = Field(10 * SECOND, alias="ack_timeout", description="How long it waits for an answer.")


class SystemSpec(Model):
    """How fast a system works, what it grants, and how it tells of its events."""

    capacity: Capacity = Field(description=_CAPACITY)
    service: Distribution = Field(description=_SERVICE)
    latency: Distribution = Field(Lognormal(median="30 ms", sigma=0.3), description="Network time, each way.")
    limits: Limits = Field(Limits(), description=_LIMITS)
    delivery: Delivery = Field(Delivery(), description="How it tells of its events.")
    index_lag: Distribution = Field(Exponential(mean="5 s"), description="How far its searches lag behind.")
    change_lag: Distribution = Field(
        Fixed(fixed="0 s"), description="How long after its stamp a change can be read: how late transactions commit."
    )
    bulk_row_us: Span = Field(30 * MILLISECOND, alias="bulk_row", description="How long a row of a bulk load takes.")


class Crm(SystemSpec):
    """The customer relationship management system."""

    capacity: Capacity = Field(40, description=_CAPACITY)
    service: Distribution = Field(Lognormal(median="0.3 s", sigma=0.6), description=_SERVICE)


class Billing(SystemSpec):
    """The billing system."""

    capacity: Capacity = Field(30, description=_CAPACITY)
    service: Distribution = Field(Lognormal(median="0.8 s", sigma=0.6), description=_SERVICE)
    limits: Limits = Field(Limits(per_second=100, burst=100), description=_LIMITS)


class Erp(SystemSpec):
    """The ERP system."""

    capacity: Capacity = Field(15, description=_CAPACITY)
    service: Distribution = Field(Lognormal(median="1.5 s", sigma=0.6), description=_SERVICE)
    limits: Limits = Field(Limits(concurrent=60), description=_LIMITS)


class Revenue(SystemSpec):
    """The revenue system."""

    capacity: Capacity = Field(20, description=_CAPACITY)
    service: Distribution = Field(Lognormal(median="0.6 s", sigma=0.6), description=_SERVICE)


class Projects(SystemSpec):
    """The project system."""

    capacity: Capacity = Field(15, description=_CAPACITY)
    service: Distribution = Field(Lognormal(median="0.7 s", sigma=0.6), description=_SERVICE)


class Systems(Model):
    """The systems; that of projects is there if the company sells services."""

    crm: Crm = Field(Crm(), description="Customer relationship management.")
    billing: Billing = Field(Billing(), description="Subscriptions and invoices.")
    erp: Erp = Field(Erp(), description="Orders, receivables and the ledger.")
    revenue: Revenue = Field(Revenue(), description="Revenue recognition.")
    projects: Projects = Field(Projects(), description="Projects, time and acceptances.")
