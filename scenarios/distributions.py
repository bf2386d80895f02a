"""How a drawn span of time is written in a scenario: one of four distributions, told apart by their fields."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from scenarios.model import Model
from scenarios.values import Scaled, Span, SpanOrZero, refusal, show_span
from sim import chance
from sim.durations import DAY

SHAPES = {"lognormal": ("median", "sigma"), "exponential": ("mean",), "uniform": ("low", "high"), "fixed": ("fixed",)}

Sigma = Annotated[int, Scaled(1000, 0, 4, "write the standard deviation of the logarithm, such as 0.6")]
"""A lognormal's sigma; held in thousandths."""

LONGEST_US = 100_000 * 365 * DAY
"""The longest span that is drawn: an instant that is so far away still fits the 64 bits that instants are held in."""


class Lognormal(Model):
    """Right-skewed, as service times and outages are: `median`, and `sigma` of the logarithm."""

    median_us: Span = Field(alias="median", description="Half of all draws are below it.")
    sigma_milli: Sigma = Field(alias="sigma", description="Standard deviation of the logarithm.")

    @model_validator(mode="after")
    def _has_an_end(self) -> "Lognormal":
        if chance.lognormal_largest(self.median_us, self.sigma_milli) > LONGEST_US:
            expected = "draws of at most a hundred thousand years, and with this median the longest is longer"
            raise refusal(expected, "lower it, or the median", "sigma")
        return self

    def table(self) -> chance.Distribution:
        """The distribution to draw from."""
        return chance.lognormal(self.median_us, self.sigma_milli)


class Exponential(Model):
    """Memoryless, with the given `mean`."""

    mean_us: Span = Field(alias="mean", description="The mean.")

    def table(self) -> chance.Distribution:
        """The distribution to draw from."""
        return chance.exponential(self.mean_us)


class Uniform(Model):
    """Any span from `low` to `high`, each as likely."""

    low_us: SpanOrZero = Field(alias="low", description="The shortest.")
    high_us: Span = Field(alias="high", description="The longest.")

    @model_validator(mode="after")
    def _low_below_high(self) -> "Uniform":
        if self.low_us > self.high_us:
            raise refusal(f"at least low, {show_span(self.low_us)}", "swap low and high", "high")
        return self

    def table(self) -> chance.Distribution:
        """The distribution to draw from."""
        return chance.uniform(self.low_us, self.high_us)


class Fixed(Model):
    """Always the same span."""

    fixed_us: SpanOrZero = Field(alias="fixed", description="The span.")

    def table(self) -> chance.Distribution:
        """The distribution to draw from."""
        return chance.constant(self.fixed_us)


def _shape(written: Any) -> str | None:
    """Which distribution is meant by these fields, if they all belong to one."""
    if isinstance(written, Model):
        return type(written).__name__.lower()
    if not isinstance(written, Mapping):
        return None
    meant = {shape for shape, fields in SHAPES.items() if any(field in written for field in fields)}
    return meant.pop() if len(meant) == 1 else None


Distribution: TypeAlias = Annotated[
    Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Fixed, Tag("fixed")],
    Discriminator(
        _shape,
        custom_error_type="refused",
        custom_error_message="no distribution",
        custom_error_context={
            "expected": "one of {median, sigma}, {mean}, {low, high} or {fixed}",
            "remedy": "write for example {median: 1.5 s, sigma: 0.6}",
            "at": (),
        },
    ),
]
"""A distribution of spans of time."""
