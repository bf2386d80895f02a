"""What a scenario and a seed come to before any layer has a part in it: the same for every layer that is compared."""

from dataclasses import dataclass, field, replace

from harness.oracle import Expected, expect
from harness.oracle.months import month_of
from harness.oracle.rates import Rates
from harness.oracle.statements import Due, due
from scenarios.compile import calendar_of
from scenarios.schema import Scenario
from scenarios.truth import Truth
from scenarios.workload import generate
from sim.calendar import FiscalCalendar


@dataclass(frozen=True, slots=True)
class Agreed:
    """What customers and sales agree with one seed, the books and the statements that follow. No run changes it."""

    scenario: Scenario
    seed: int
    calendar: FiscalCalendar
    truth: Truth
    expected: Expected
    digest: str
    due: Due = field(compare=False)


def agree(scenario: Scenario, seed: int) -> Agreed:
    """Draw up the business of a scenario with a seed, and what must be in the books of it."""
    calendar = calendar_of(scenario)
    truth = generate(scenario, calendar, seed)
    expected = expect(truth, calendar, _rules(scenario), _rates(scenario))
    return Agreed(scenario, seed, calendar, truth, expected, truth.digest(), due(expected))


def as_of(agreed: Agreed, calendar: FiscalCalendar) -> Agreed:
    """The same business on a calendar that ends earlier: what must be in the books by then."""
    scenario = agreed.scenario
    expected = expect(agreed.truth, calendar, _rules(scenario), _rates(scenario))
    return replace(agreed, calendar=calendar, expected=expected, due=due(expected))


def _rates(scenario: Scenario) -> Rates:
    """The rates of currencies, by month."""
    said = scenario.business.rates_ppm
    return Rates({
        currency: sorted((month_of(first.toordinal()), ppm) for first, ppm in of_currency.items())
        for currency, of_currency in said.items()
        if of_currency
    })  # fmt: skip


def _rules(scenario: Scenario) -> list[tuple[int, bool]]:
    """The rules of revenue recognition, as the oracle takes them: by day, the earliest first."""
    said = ((rule.from_date.toordinal(), rule.setup_distinct) for rule in scenario.business.revenue_policies)
    return sorted(said, key=lambda rule: rule[0])
