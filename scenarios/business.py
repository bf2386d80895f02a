"""The business of a scenario file: who signs what, how much of it, and how it changes."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from fakes.books.rounding import round_half_away
from scenarios.dated import CURRENCY, PolicyChange, PriceChange, RatesPpm, bad_rates, disordered
from scenarios.distributions import Sigma
from scenarios.group import Acquisition, Entity
from scenarios.master_data import CustomerData
from scenarios.model import Model
from scenarios.offerings import Ramp, Renewals, Services, SetUp, Usage
from scenarios.payments import Payments
from scenarios.values import KEY, MILLION, Line, Scaled, Share, Span, Term, Whole, Word, refusal
from scenarios.waves import Wave
from scenarios.weights import Weights
from sim.durations import MINUTE

Profile = Annotated[
    Literal["flat", "moderate", "steep", "extreme"], Word("flat", "moderate", "steep", "extreme")
]  # fmt: skip
BillingWord = Annotated[
    Literal["monthly", "quarterly", "annually"], Word("monthly", "quarterly", "annually")
]  # fmt: skip

BILLING_MONTHS: Mapping[str, int] = {"monthly": 1, "quarterly": 3, "annually": 12}


class Amendments(Model):
    """How often, how soon and in which way signed contracts are changed."""

    per_contract_year_ppm: Annotated[int, Scaled(MILLION, 0, 50, "write 0.6 for six in ten contracts a year")] = Field(
        600_000, alias="per_contract_year", description="Amendments a contract and year."
    )
    decrease_share_ppm: Share = Field(
        200_000, alias="decrease_share", description="Share of amendments that lower the quantity."
    )
    cancel_share_ppm: Share = Field(100_000, alias="cancel_share", description="Share of amendments that cancel.")
    burst_share_ppm: Share = Field(
        150_000, alias="burst_share", description="Share of amendments that correct the one before, soon after it."
    )
    burst_gap_us: Span = Field(10 * MINUTE, alias="burst_gap", description="Mean time to such a correction.")
    gap_min_us: Span = Field(10 * MINUTE, alias="gap_min", description="Least time between other changes.")

    @model_validator(mode="after")
    def _shares_fit(self) -> "Amendments":
        if self.decrease_share_ppm + self.cancel_share_ppm > MILLION:
            raise refusal("at most 1 together with decrease_share", "lower one of the two", "cancel_share")
        return self


class Exceptions(Model):
    """What of the run's business a system refuses until a person has put its master data or rules right."""

    missing_tax_code_ppm: Share = Field(
        0, alias="missing_tax_code", description="Share of new accounts whose ERP record lacks a tax code: no invoice."
    )
    invalid_legal_entity_ppm: Share = Field(
        0, alias="invalid_legal_entity", description="Share of new accounts of no legal entity known to ERP: no order."
    )
    unmapped_product_ppm: Share = Field(
        0, alias="unmapped_product", description="Share of contracts with a product unknown to ERP: no revenue entry."
    )
    unsupported_amendment_ppm: Share = Field(
        0, alias="unsupported_amendment", description="Share of amendments that the revenue system has no rule for."
    )

    @property
    def any(self) -> bool:
        """Whether there are any."""
        shares = (self.missing_tax_code_ppm, self.invalid_legal_entity_ppm, self.unmapped_product_ppm)
        return any(shares) or self.unsupported_amendment_ppm > 0


class Business(Model):
    """Who signs what, how much of it, and how it changes."""

    contracts: Annotated[int, Whole(1, MILLION)] = Field(2000, description="Contracts signed within the quarter.")
    active_share_ppm: Annotated[int, Scaled(MILLION, 0, 20, "write 0.5 for one to every two new contracts")] = Field(
        500_000, alias="active_share", description="Contracts active before the run, per contract of the quarter."
    )
    profile: Profile = Field("moderate", description="How steeply signings rise towards the quarter's end.")
    contracts_per_account_ppm: Annotated[int, Scaled(MILLION, 1, 1000, "write 1 or more, such as 1.3")] = Field(
        1_300_000, alias="contracts_per_account", description="Mean contracts of one customer."
    )
    acv_median_minor: Annotated[int, Scaled(100, 1, 1_000_000_000, "write currency units, such as 26000")] = Field(
        2_600_000, alias="acv_median", description="Median annual contract value, in currency units."
    )
    acv_sigma_milli: Sigma = Field(1_200, alias="acv_sigma", description="Sigma of its lognormal distribution.")
    billing: Weights[BillingWord] = Field(
        {"monthly": 30, "quarterly": 20, "annually": 50}, description="How often contracts are billed, by weight."
    )
    terms: Weights[Term] = Field({12: 70, 24: 20, 36: 10}, description="Contract terms in months, by weight.")
    first_of_month_share_ppm: Share = Field(
        500_000, alias="first_of_month_share", description="Share of contracts that start on the next first of a month."
    )
    amendments: Amendments = Field(Amendments(), description="How contracts change.")
    waves: tuple[Wave, ...] = Field((), description="Many changes within hours, on top of the rest.")
    ramp: Ramp | None = Field(None, description="Prices that rise year by year; by default none do.")
    setup: SetUp | None = Field(None, description="Set-up sold with subscriptions; by default none is.")
    usage: Usage | None = Field(None, description="Usage beyond what is included; by default there is none.")
    renewals: Renewals | None = Field(
        None, description="How contracts that end are renewed; by default each goes on by itself."
    )
    services: Services | None = Field(None, description="Projects, in a project system; by default there are none.")
    entities: tuple[Entity, ...] = Field(
        (), description="Legal entities beside the first, each with an ERP of its own; by default none."
    )
    customer_data: CustomerData | None = Field(
        None, description="Second accounts, families of companies and changes; by default there are none."
    )
    acquisition: Acquisition | None = Field(None, description="A company that is bought during the run.")
    rates_ppm: RatesPpm = Field(
        {}, alias="rates",
        description="What a unit of a currency is worth in the first entity's, by month; each holds until the next.",
    )  # fmt: skip
    prices: tuple[PriceChange, ...] = Field((), description="New price books, by the day from which they hold.")
    revenue_policies: tuple[PolicyChange, ...] = Field(
        (), description="Rules of revenue recognition, by the day from which they hold."
    )
    payments: Payments | None = Field(None, description="How customers pay; by default nobody does.")
    exceptions: Exceptions = Field(Exceptions(), description="What people have to put right before it can be carried.")
    only: tuple[Line, ...] | None = Field(
        None, description="Of all that is drawn, these contracts alone, with their customers.",
        examples=[["C-000001", "C-000007"]],
    )  # fmt: skip

    @field_validator("prices", "revenue_policies")
    @classmethod
    def _in_order(cls, changes: tuple[Any, ...]) -> tuple[Any, ...]:
        refused = disordered(changes)
        if refused:
            raise refused
        return changes

    @field_validator("rates_ppm")
    @classmethod
    def _rates_translate(cls, rates: RatesPpm) -> RatesPpm:
        refused = bad_rates(rates)
        if refused:
            raise refused
        return rates

    @model_validator(mode="after")
    def _terms_are_billed_whole(self) -> "Business":
        for term, term_weight in self.terms.items():
            for word, weight in self.billing.items():
                if term_weight and weight and term % BILLING_MONTHS[word]:
                    expected = f"terms of whole billing periods, and {word} is among them"
                    raise refusal(expected, f"drop this term, or {word} from billing", "terms", str(term), KEY)
        return self

    @model_validator(mode="after")
    def _waves_find_their_contracts(self) -> "Business":
        for position, wave in enumerate(self.waves):
            if wave.contracts > self.opening_contracts:
                expected = f"at most {self.opening_contracts}, as many as are active before the run"
                raise refusal(expected, "lower it, or raise active_share", "waves", position, "contracts")
        return self

    @model_validator(mode="after")
    def _entities_fit(self) -> "Business":
        names = [entity.name for entity in self.entities]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise refusal("a name that no other entity has", "choose another", "entities", position, "name")
        if sum(entity.share_ppm for entity in self.entities) > MILLION:
            raise refusal("shares that sum to at most 1", "lower one of them", "entities", len(names) - 1, "share")
        if self.acquisition and self.acquisition.entity not in names:
            expected = f"one of the entities: {', '.join(names) or 'there are none yet'}"
            raise refusal(expected, "add it to entities, with share: 0 for customers of its own alone", "acquisition",
                          "entity")  # fmt: skip
        for position, entity in enumerate(self.entities):
            if entity.currency != CURRENCY and entity.currency not in self.rates_ppm:
                expected = f"a currency with rates: {CURRENCY} or one of `rates`"
                raise refusal(expected, f"add rates for {entity.currency}", "entities", position, "currency")
        return self

    @property
    def opening_contracts(self) -> int:
        """How many contracts are active before the run."""
        return round_half_away(self.contracts * self.active_share_ppm, MILLION)

    @property
    def billing_weights(self) -> tuple[tuple[int, int], ...]:
        """(months between bills, weight) pairs."""
        return tuple((BILLING_MONTHS[word], weight) for word, weight in self.billing.items())

    @property
    def term_weights(self) -> tuple[tuple[int, int], ...]:
        """(months, weight) pairs."""
        return tuple(self.terms.items())
