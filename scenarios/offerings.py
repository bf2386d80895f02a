"""What a company sells beside plain subscriptions, as a scenario file says it: ramps, set-up, usage, services."""

from typing import Annotated

from pydantic import Field, model_validator

from scenarios.distributions import Sigma
from scenarios.model import Model
from scenarios.values import MILLION, Days, Positive, Scaled, Share, Whole, refusal
from scenarios.weights import Weight, need_some_weight

Minor = Annotated[int, Scaled(100, 1, 1_000_000_000, "write currency units, such as 180")]


class Ramp(Model):
    """Contracts of two years and more whose price rises with each year."""

    share_ppm: Share = Field(300_000, alias="share", description="Share of these contracts with a ramp.")
    step_ppm: Share = Field(100_000, alias="step", description="By what share of the first year's price it rises.")


class SetUp(Model):
    """Setting a subscription up, for a price of its own, invoiced with the first invoice."""

    share_ppm: Share = Field(350_000, alias="share", description="Share of contracts that are sold with it.")
    price_ppm: Share = Field(200_000, alias="price", description="Its price, as a share of a year's subscription.")
    discount_ppm: Share = Field(
        200_000, alias="discount", description="How much less that is than its stand-alone selling price."
    )
    days: Days = Field(60, description="How long it takes from the contract's first day.")

    @model_validator(mode="after")
    def _is_worth_something(self) -> "SetUp":
        if self.discount_ppm == MILLION:
            raise refusal("a discount of less than 1", "lower it: what is given away is no promise", "discount")
        if not self.price_ppm:
            raise refusal("a price above 0", "raise it: what is given away is no promise", "price")
        if not self.days:
            raise refusal("at least 1 d", "write for example 30 d", "days")
        return self


LATE_DAYS = 2
"""So many days after the first of the month the use of the one before is reported at the latest."""


class Usage(Model):
    """Usage beyond what a contract includes: metered, rated, and invoiced for each month in arrears."""

    share_ppm: Share = Field(400_000, alias="share", description="Share of contracts with usage.")
    included: Annotated[int, Whole(1, MILLION)] = Field(1_000, description="Units a month that each seat includes.")
    rate_minor: Annotated[int, Positive(100, 1_000_000, "write currency units, such as 0.02")] = Field(
        2, alias="rate", description="Price of a unit beyond them, in currency units."
    )
    used_ppm: Annotated[int, Scaled(MILLION, 0, 100, "write 1.1 for a tenth more than is included")] = Field(
        1_000_000, alias="used", description="Median use, as a multiple of what is included."
    )
    used_sigma_milli: Sigma = Field(500, alias="used_sigma", description="Sigma of its lognormal distribution.")
    late_share_ppm: Share = Field(
        30_000, alias="late_share", description="Share of months reported a day or two after the bill run."
    )


class Services(Model):
    """Projects: milestones, time and material, fixed prices by hours, and work that counts when it is accepted."""

    projects: Annotated[int, Whole(1, MILLION)] = Field(100, description="Statements of work signed in the quarter.")
    active: Annotated[int, Whole(0, MILLION)] = Field(0, description="Projects under way before the run.")
    milestones: Weight = Field(35, description="Weight of fixed prices by milestone: earned and invoiced as accepted.")
    time_and_material: Weight = Field(30, description="Weight of time and material: hours, earned as invoiced.")
    fixed_price: Weight = Field(
        20, description="Weight of fixed prices earned by the hours worked, and invoiced at acceptance."
    )
    on_acceptance: Weight = Field(15, description="Weight of work invoiced at the start and earned at acceptance.")
    value_median_minor: Minor = Field(6_000_000, alias="value_median", description="Median price, in currency units.")
    value_sigma_milli: Sigma = Field(700, alias="value_sigma", description="Sigma of its lognormal distribution.")
    rate_minor: Minor = Field(18_000, alias="rate", description="Price of an hour, in currency units.")
    change_order_share_ppm: Share = Field(
        250_000, alias="change_orders", description="Share of projects that a change order widens."
    )

    @model_validator(mode="after")
    def _some_weight(self) -> "Services":
        weights = (self.milestones, self.time_and_material, self.fixed_price, self.on_acceptance)
        need_some_weight(weights, "some kind of project with a weight", "milestones")
        return self


class Renewals(Model):
    """How customers renew contracts that end in the run, by weight; without, such contracts renew by themselves."""

    on_time: Weight = Field(55, description="Weight of those signed within two weeks before the end.")
    early: Weight = Field(15, description="Weight of those signed up to two months before.")
    late: Weight = Field(15, description="Weight of those signed up to three weeks after, from the end on.")
    co_termed: Weight = Field(5, description="Weight of those that end with another contract of the customer, if any.")
    not_renewed: Weight = Field(10, description="Weight of those that end.")

    @model_validator(mode="after")
    def _some_weight(self) -> "Renewals":
        weights = (self.on_time, self.early, self.late, self.co_termed, self.not_renewed)
        need_some_weight(weights, "some weight", "on_time")
        return self
