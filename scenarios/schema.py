"""A scenario: what happens to whom, and when. One file, one model; every field has its unit and its bounds.

>>> scenario = Scenario(name="two-months", calendar=Calendar(months=2))
>>> scenario.calendar.lead_in_days, scenario.business.active_share_ppm, scenario.systems.erp.service.median_us
(14, 500000, 1500000)

Attributes are integers with their unit in their name: µs, ppm (parts per million), minor (cents), milli
(thousandths). A file, and a call from Python, has the words without units: `lead_in: 14 d`, `active_share: 0.5`.

What is left out has its default. A key with nothing behind it is refused, whatever its field; `{}` says all defaults
of a part, and `null` says none of what there may be none of, as leaving it out does.
"""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from scenarios.business import Amendments, Business, Exceptions
from scenarios.calendar import Calendar, fiscal
from scenarios.cutover import Cutover
from scenarios.dated import bad_day, late_rates
from scenarios.faults import FaultSpec, bad_window, named, twice_named
from scenarios.finance import Close, FinanceTeam
from scenarios.magnitudes import too_large
from scenarios.model import Model
from scenarios.offerings import LATE_DAYS
from scenarios.replays import Replay, bad_instant
from scenarios.systems import Delivery, Limits, Systems, SystemSpec
from scenarios.values import Line, Name, Title, Whole, refusal

__all__ = [
    "Amendments", "Business", "Calendar", "Close", "CompareSpec", "Delivery", "Exceptions", "FaultSpec", "FinanceTeam",
    "Limits", "Scenario", "SystemSpec", "Systems",
]  # fmt: skip


class CompareSpec(Model):
    """What `tieout compare` runs unless told otherwise."""

    layers: tuple[Line, ...] = Field(
        ("point-to-point", "process-orchestration", "event-driven"), description="Integration layers to compare."
    )
    seeds: Annotated[int, Whole(1, 10_000)] = Field(5, description="Seeds each layer is run with, from 0 on.")

    @field_validator("layers")
    @classmethod
    def _each_once(cls, layers: tuple[str, ...]) -> tuple[str, ...]:
        if not layers:
            raise refusal("at least one layer", "write for example [point-to-point, event-driven]")
        for position, layer in enumerate(layers):
            if layer in layers[:position]:
                raise refusal("each layer once", "drop the repetition", position)
        return layers


class Scenario(Model):
    """One scenario: calendar, business, systems, faults, and what is expected of a run."""

    name: Name = Field(description="Also names the folder of its runs.")
    title: Title = Field("", description="What it is about, in one line.")
    calendar: Calendar = Field(Calendar(), description="The quarter, and the close after it.")
    business: Business = Field(Business(), description="What is signed and amended.")
    systems: Systems = Field(Systems(), description="The systems, as they work when nothing goes wrong.")
    finance_team: FinanceTeam = Field(FinanceTeam(), description="Who sees to exceptions, and closes the books.")
    close: Close = Field(Close(), description="How long the steps of the close take them.")
    faults: tuple[FaultSpec, ...] = Field((), description="What goes wrong.")
    cutover: Cutover | None = Field(None, description="When another layer takes over from the one that is run.")
    replays: tuple[Replay, ...] = Field((), description="When what was set aside is carried again.")
    expect: dict[Line, tuple[Line, ...]] = Field(
        {}, description="Thresholds by metric: a run fails where one does not hold.",
        examples=[{"event_lag": ["p(99) < 15min", "max < 2h"], "duplicates": ["== 0"]}],
    )  # fmt: skip
    compare: CompareSpec = Field(CompareSpec(), description="What `tieout compare` runs unless told otherwise.")
    seed: Annotated[int, Whole(0, 2**53)] = Field(0, description="The seed of a run, unless --seed says otherwise.")
    tie_seed: Annotated[int, Whole(0, 2**53)] | None = Field(
        None, description="Draws the order of what happens at the same instant; by default first come, first served."
    )

    @field_validator("faults")
    @classmethod
    def _names_differ(cls, faults: tuple[FaultSpec, ...]) -> tuple[FaultSpec, ...]:
        position = twice_named(faults)
        if position is not None:
            raise refusal("a name that no other fault has", "choose another, or leave it out", position, "name")
        return named(faults)

    @model_validator(mode="after")
    def _amounts_can_be_added_up(self) -> "Scenario":
        refused = too_large(self.business, fiscal(self.calendar))
        if refused:
            raise refused
        return self

    @model_validator(mode="after")
    def _late_usage_comes_before_the_last_revenue_run(self) -> "Scenario":
        usage, calendar = self.business.usage, fiscal(self.calendar)
        late = (
            usage
            and usage.late_share_ppm
            and any(
                calendar.revenue_run_us(month)[-1] < calendar.instant_us(calendar.end_day(month) + LATE_DAYS + 1)
                for month in calendar.months_run
            )
        )
        if late:
            raise refusal(
                "a last run after usage that is reported late, on the third of the next month at the latest",
                "add a later run, or say business.usage.late_share: 0", "calendar", "revenue_runs",
            )  # fmt: skip
        return self

    @model_validator(mode="after")
    def _faults_strike_within_the_run(self) -> "Scenario":
        entities = [entity.name for entity in self.business.entities]
        for position, fault in enumerate(self.faults):
            if getattr(fault, "entity", None) not in (None, *entities):
                expected = f"one of the business's entities: {', '.join(entities) or 'it has none'}"
                raise refusal(expected, "choose one of them, or add it", "faults", position, "entity")
            refused = bad_window(fault, fiscal(self.calendar), "faults", position)
            if refused:
                raise refused
        for position, wave in enumerate(self.business.waves):
            refused = wave.bad_instants(fiscal(self.calendar), "business", "waves", position)
            if refused:
                raise refused
        acquisition = self.business.acquisition
        refused = acquisition.bad_instants(fiscal(self.calendar), "business", "acquisition") if acquisition else None
        if refused:
            raise refused
        refused = self.cutover.bad_instants(fiscal(self.calendar), "cutover") if self.cutover else None
        if refused:
            raise refused
        for position, replay in enumerate(self.replays):
            refused = bad_instant(replay, fiscal(self.calendar), "replays", position)
            if refused:
                raise refused
        return self

    @model_validator(mode="after")
    def _changes_come_in_time(self) -> "Scenario":
        business, calendar = self.business, fiscal(self.calendar)
        refused = (
            bad_day(business.prices, calendar, "business", "prices")
            or bad_day(business.revenue_policies, calendar, "business", "revenue_policies")
            or late_rates(business.rates_ppm, calendar, "business", "rates")
        )
        if refused:
            raise refused
        return self
