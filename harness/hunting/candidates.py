"""What a hunt tries: the scenario's own business made small and varied, and random faults, all healed in the end.

Fresh candidates are swarm profiles: a few kinds of fault, or one alone, or none, with a few features of the business.
Others are changed from one that has been where none was before: a fault more, less or moved, another business or seed,
or the faults of two. What is drawn belongs to the candidate's number alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from harness.hunting.drawing import drawn, together
from harness.hunting.faults import read
from harness.layer import TARGETS
from harness.sweeps.swarm import AT_ONCE, KINDS, Draws, healed_us, replayed
from harness.sweeps.trial import Trial
from scenarios.compile import calendar_of
from scenarios.errors import ScenarioError
from scenarios.load import load
from sim.calendar import FiscalCalendar, add_months
from sim.chance import Stream
from sim.durations import DAY, HOUR

CONTRACTS_MAX = 24
FAULTS_MAX = 8
"""Of one candidate that was changed: more of them hide each other, and take long."""

SMALLER = (
    ("calendar.months=1", "calendar.lead_in=0 d", "business.waves=[]"),
    ("calendar.months=1", "calendar.lead_in=0 d"),
    (),
)
"""How a scenario's calendar is cut down to a month, as far as its own dates let it be."""

MONTH_AFTER = "calendar.months=2"
"""A month more, in which what comes late of the first meets books that are closed."""

CLOSE_LATER_DAYS = 7
"""Business days to the close where faults go on over the month's end: a layer is to have days after them as well."""

OVER_THE_END_US = 2 * DAY
"""How long after the month's end."""

REPLAYED_US = (0, HOUR, DAY)
"""How long after everything works again somebody has carried what was set aside: what one replay lets another do."""

ALL_MONTH = (
    "business.profile=flat",
    "calendar.business_hours=08:00-20:00",
    "business.amendments={per_contract_year: 20}",
)
"""Signed and amended on any day: most faults are to meet work in hand."""

SLOW = tuple(f"systems.{name}.service={{mean: 5 s}}" for name in TARGETS)
"""Calls take so long that two of one contract often overlap."""

FEATURES: Mapping[str, tuple[str, ...]] = {
    "amended soon and often": (
        "business.amendments={per_contract_year: 40, cancel_share: 0.1, decrease_share: 0.3, burst_share: 0.5, "
        "burst_gap: 30 s, gap_min: 5 s}",
    ),
    "changed within minutes": (
        "calendar.business_hours=09:00-09:02",
        "business.amendments={per_contract_year: 50, cancel_share: 0.4, decrease_share: 0.2, burst_share: 0.3, "
        "burst_gap: 30 s, gap_min: 5 s}",
    ),
    "customers with several contracts": ("business.contracts_per_account=3",),
    "billed by the month": ("business.billing={monthly: 1}", "business.terms={12: 1}"),
    "all starting on the first": ("business.first_of_month_share=1",),
    "signed around the clock": ("calendar.business_hours=00:05-23:55",),
    "signed in the last days": ("business.profile=extreme",),
    "customers entered twice and changed": ("business.customer_data={}",),
    "usage": ("business.usage={late_share: 0}",),
    "set-up": ("business.setup={}",),
    "ramps": ("business.ramp={}",),
    "payments": ("business.payments={}",),
    "paid within days": ("business.payments={terms: {5: 1}, late_share: 0.5, late_by: {mean: 3 d}}",),
    "active before": ("business.active_share=0.5",),
    "legal entities": (
        "business.rates={EUR: {2000-01: 1.1}}",
        "business.entities=[{name: eu, share: 0.5, currency: EUR}]",
    ),
    "changes that commit late": tuple(
        f"systems.{name}.change_lag={{mean: 20 s}}" for name in ("crm", "billing", "revenue")
    ),
    "renewals": ("business.renewals={}",),
    "projects": ("business.services={}",),
    "slow systems": SLOW,
    "at once": AT_ONCE,
}
"""What the business may have more of than the scenario says, by the overrides that give it."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month to hunt in: the layer's small trial without faults, and until when faults may strike in its calendar."""

    trial: Trial
    calendar: FiscalCalendar
    until_us: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a hunt goes on: in one of several months, as no two of them end alike, with faults of these `kinds`."""

    months: tuple[Month, ...]
    seed: int
    kinds: tuple[str, ...] = tuple(KINDS)

    def fresh(self, number: int) -> Trial:
        """A candidate of its own."""
        month = self.months[Draws(Stream(self.seed, "hunt"), number).below("month", len(self.months))]
        draws = self._draws(number, month)
        features = _features(draws)
        kinds = self.kinds
        width = draws.below("width", 4)
        if number < len(kinds):  # each alone once, before they are mixed
            chosen = [kinds[number]]
        elif width == 0 or not kinds:
            chosen = []
        elif width == 1:
            chosen = [kinds[draws.below("kind", len(kinds))]]
        else:
            chosen = [kind for kind in kinds if not draws.below(f"on {kind}", 2 if width == 2 else 5)]
        faults = together([self._fault(kind, draws, number, place) for place, kind in enumerate(chosen)], draws)
        return self._made(month, features, faults, 2 + draws.below("contracts", CONTRACTS_MAX - 1), number, draws)

    def changed(self, number: int, parents: Sequence[Trial]) -> Trial:
        """A candidate made of one or two that are worth it; the later of them more likely."""
        picks = Draws(Stream(self.seed, "hunt"), number)
        parent = parents[-1 - min(picks.below("parent", len(parents)), picks.below("parent again", len(parents)))]
        month = self._month_of(parent)
        draws = self._draws(number, month)
        faults, kinds = list(parent.faults), self.kinds
        match draws.below("change", 6):
            case 0 if faults:
                faults.pop(draws.below("dropped", len(faults)))
            case 1 if faults:
                place = draws.below("moved", len(faults))
                faults[place] = self._fault(_kind(faults[place]), draws, number, place)
            case 2:
                alike = [one for one in parents if self._month_of(one) is month]  # its faults end in time here, too
                other = alike[draws.below("other", len(alike))]
                faults += [fault for fault in other.faults if not draws.below(f"taken {fault}", 2)]
            case 3:
                return replace(parent, seed=number, what=f"candidate {number}")
            case 4:
                features = _features(draws)
                contracts = 2 + draws.below("contracts", CONTRACTS_MAX - 1)
                return self._made(month, features, tuple(faults), contracts, number, draws)
            case _ if kinds:
                kind = kinds[draws.below("kind", len(kinds))]
                faults.append(self._fault(kind, draws, number, len(faults)))
        faults = _not_stacked(faults, parent.overrides)
        while len(faults) > FAULTS_MAX:
            faults.pop(draws.below(f"too many {len(faults)}", len(faults)))
        return replace(parent, faults=tuple(faults), what=f"candidate {number}")

    def _month_of(self, trial: Trial) -> Month:
        """The month that a trial was made in: its overrides come first."""
        own = (month for month in self.months if trial.overrides[: len(month.trial.overrides)] == month.trial.overrides)
        return next(own, self.months[0])

    def _draws(self, number: int, month: Month) -> Draws:
        return Draws(Stream(self.seed, "hunt"), number, calendar=month.calendar, until_us=month.until_us)

    def _fault(self, kind: str, draws: Draws, number: int, place: int) -> str:
        stream = Stream(self.seed, "hunt")
        return drawn(kind, Draws(stream, number, kind, place, calendar=draws.calendar, until_us=draws.until_us))

    @staticmethod
    def _made(
        month: Month, features: Sequence[str], faults: tuple[str, ...], contracts: int, number: int, draws: Draws
    ) -> Trial:
        said = [f"business.contracts={contracts}", *(ALL_MONTH if draws.below("all month", 4) else ())]
        said += (each for name in features for each in FEATURES[name])
        if draws.below("ties", 2):
            said.append(f"tie_seed={number}")
        trial = month.trial.with_override(*said, what=f"candidate {number}")
        return replace(trial, faults=tuple(_not_stacked(faults, trial.overrides)), seed=number)


def ground(layer: str, scenario: str, overrides: Sequence[str], seed: int, without: Sequence[str] = ()) -> Ground:
    """Where to hunt for a layer's faults in a scenario, `without` those of some kinds. Raises ScenarioError."""
    said = load(scenario, overrides).calendar
    later = [add_months(said.quarter_start.toordinal(), number) for number in (1, 2)]
    smallest = next(smaller for smaller in SMALLER if _month(layer, scenario, (*overrides, *smaller)))
    starts = (smallest, *((f"calendar.quarter_start={date.fromordinal(day)}", *SMALLER[0]) for day in later))
    closes = f"calendar.close_business_days={max(said.close_business_days, CLOSE_LATER_DAYS)}"
    months = [
        _month(layer, scenario, (*overrides, *smaller, *over_the_end))
        for smaller in starts
        for over_the_end in ((), (closes,))
    ]
    months.append(_month(layer, scenario, (*overrides, *smallest, MONTH_AFTER)))
    kinds = tuple(kind for kind in KINDS if kind not in without)
    return Ground(tuple(each for each in months if each), seed, kinds)


def _month(layer: str, scenario: str, overrides: Sequence[str]) -> Month | None:
    """The month of a scenario so overridden, if it can be."""
    said = (*overrides, "faults=[]")
    try:
        calendar = calendar_of(load(scenario, said))
        closes_later = any(each.startswith("calendar.close_business_days=") for each in overrides)
        until_us = calendar.quarter_end_us + OVER_THE_END_US if closes_later else healed_us(calendar)
        again = replayed(calendar, *(until_us + later_us for later_us in REPLAYED_US))
        load(scenario, (*said, again))
    except ScenarioError:
        return None
    return Month(Trial(layer, scenario, None, (*said, again)), calendar, until_us)


def _features(draws: Draws) -> list[str]:
    """Each of FEATURES in one candidate of four."""
    return [name for name in FEATURES if not draws.below(f"feature {name}", 4)]


def _not_stacked(faults: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """Each once, and one brownout of a system, or none where systems are slow without.

    Slowed down several times over, a system may serve a call when its key has expired.
    """
    kept: dict[str, str] = {}
    for fault in faults:
        if _kind(fault) != "brownout":
            kept.setdefault(fault, fault)
        elif SLOW[0] not in overrides:
            kept.setdefault(f"brownout of {read(fault).fields['system']}", fault)
    return list(kept.values())


def _kind(fault: str) -> str:
    return fault.removeprefix("{kind: ").partition(",")[0]
