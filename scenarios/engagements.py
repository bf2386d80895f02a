"""The projects of a services company: what is agreed, worked, accepted and changed, week by week.

All that happens to a project follows from its key and the day on which it was signed. A project that was under way
when the run begins has its history behind it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fakes.agreements import Contract, Deliverable, Fulfilment, Version
from fakes.books.rounding import round_half_away
from scenarios import profiles
from scenarios.mix import Mix
from scenarios.offerings import Services
from scenarios.parties import Parties
from scenarios.schema import Business
from scenarios.signing import Signing
from scenarios.truth import Act
from sim.calendar import FiscalCalendar, add_months
from sim.chance import BITS, Stream, happens, lognormal

STARTED_DAYS = 120
"""Projects that are under way when the run starts were signed within so many days before it."""

MONTHS = range(2, 7)
"""How many months a project is planned to take."""

MILESTONES = range(2, 6)
WEEK_DAYS = 7
FRIDAY = 4
HOURS_A_WEEK = range(20, 121)

APPROVED_MINUTES = (15 * 60, 18 * 60)
"""Between which minutes after midnight a week's time is approved, on its last business day."""

ACCEPTED_MINUTES = (9 * 60, 18 * 60)
"""The same of what customers accept, and of change orders."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """One project: its contract at version 1, and what happened, each with its day and the instant on that day."""

    contract: Contract
    signed_us: int
    happened: Sequence[tuple[int, int, Fulfilment | Contract]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is agreed at first, what a change order adds, and when what is delivered, by day."""

    agreed: tuple[Deliverable, ...]
    delivered: tuple[tuple[int, str, int, bool], ...]
    more: tuple[Deliverable, ...] = ()


def signings(business: Business, services: Services, calendar: FiscalCalendar, seed: int) -> list[Signing]:
    """Statements of work P-000001 and on from before the run, S-000001 and on in the lead-in and the quarter."""
    chance = Stream(seed, "statement of work")
    first_day, quarter_day = calendar.day_of(0), calendar.quarter_start.toordinal()
    days = calendar.business_days(first_day - STARTED_DAYS, first_day)
    before = [f"P-{number:06}" for number in range(1, services.active + 1)]
    found = [Signing(key, f"A-{key.replace('-', '')}", chance.pick(days, key), 0) for key in before]
    quarter = profiles.quarter(profiles.PROFILES[business.profile], calendar)
    lead_in = profiles.even(calendar, first_day, quarter_day)
    in_lead_in = len(calendar.business_days(first_day, quarter_day))
    in_quarter = len(calendar.business_days(quarter_day, calendar.day_of(calendar.quarter_end_us)))
    early = round_half_away(services.projects * in_lead_in, in_quarter)
    for number in range(1, early + services.projects + 1):
        key = f"S-{number:06}"
        at_us = (lead_in if number <= early else quarter).draw_us(chance.word(key))
        found.append(Signing(key, f"A-{key.replace('-', '')}", calendar.day_of(at_us), at_us))
    return found


def engagements(
    business: Business, services: Services, signed: Sequence[Signing], calendar: FiscalCalendar, seed: int
) -> Iterator[Engagement]:
    """Every project of these signings, with all that happens to it up to the quarter's end."""
    drafts = _Drafts(services, Parties(business, seed), calendar, seed)
    return (drafts.engagement(one) for one in signed)


def acts(engagement: Engagement, calendar: FiscalCalendar) -> tuple[Contract | None, list[Fulfilment], list[Act]]:
    """A project's contract and what was delivered of it before the run, if it was signed then; and its acts in it."""
    opening, done, found = None, list[Fulfilment](), list[Act]()
    if engagement.signed_us:
        found.append(Act(engagement.signed_us, contract=engagement.contract))
    else:
        opening = engagement.contract
    first_day = calendar.day_of(0)
    for day, minute, what in engagement.happened:
        if day < first_day:
            if isinstance(what, Contract):
                opening = what
            else:
                done.append(what)
            continue
        at_us = calendar.instant_us(day, minute)
        found.append(Act(at_us, contract=what) if isinstance(what, Contract) else Act(at_us, fulfilment=what))
    return opening, done, found


class _Drafts:
    def __init__(self, services: Services, parties: Parties, calendar: FiscalCalendar, seed: int) -> None:
        self._services = services
        self._parties = parties
        self._calendar = calendar
        self._last_day = calendar.day_of(calendar.quarter_end_us)
        self._value = lognormal(services.value_median_minor, services.value_sigma_milli)
        self._chance = Stream(seed, "project")
        self._kinds: Mix[Callable[[str, int, int, int], Plan]] = Mix((
            (self._milestones, services.milestones), (self._time_and_material, services.time_and_material),
            (self._fixed_price, services.fixed_price), (self._on_acceptance, services.on_acceptance),
        ))  # fmt: skip

    def engagement(self, signed: Signing) -> Engagement:
        """One project, from its signing on."""
        kind, value, months, changed, change_at, minute = self._chance.six(signed.key)
        start_day = _monday_after(signed.day)
        term = MONTHS[months * len(MONTHS) >> BITS]
        end_day = add_months(start_day, term)
        plan = self._kinds.draw(kind)(signed.key, max(100_000, self._value.draw(value)), start_day, end_day)
        price_minor = sum(one.price_minor for one in plan.agreed)
        entity = self._parties.entity(signed.account)
        contract = Contract(
            key=signed.key,
            account=signed.account,
            currency=self._parties.currency(entity),
            start_day=start_day,
            end_day=end_day,
            billing_months=1,
            unit_price_minor=0,
            obligations=(),
            versions=(Version(1, "signed", signed.day, start_day, 1, price_minor),),
            deliverables=plan.agreed,
            entity=entity,
        )
        happened: list[tuple[int, int, Fulfilment | Contract]] = []
        delivered = plan.delivered
        if plan.more and happens(changed, self._services.change_order_share_ppm):
            span = end_day - start_day
            day = self._business_day(start_day + span // 4 + (change_at * (span // 4) >> BITS))
            happened.append((day, _minute(minute, ACCEPTED_MINUTES), _changed(contract, plan.more, day)))
        else:
            added = {one.product for one in plan.more} - {one.product for one in plan.agreed}
            delivered = tuple(one for one in delivered if one[1] not in added)
        for number, (day, product, units, accepted) in enumerate(delivered, start=1):
            key = f"F-{signed.key}-{number}"
            window = ACCEPTED_MINUTES if accepted else APPROVED_MINUTES
            from_day = day if accepted else max(start_day, day - (day - 1) % WEEK_DAYS)
            done = Fulfilment(key, signed.key, product, from_day, day, units, accepted)
            happened.append((day, _minute(self._chance.six(key)[0], window), done))
        within = [one for one in happened if one[0] < self._last_day]
        return Engagement(contract, signed.at_us, sorted(within, key=lambda one: one[:2]))

    # --- kinds of projects ---------------------------------------------------------------------------

    def _milestones(self, key: str, value_minor: int, start_day: int, end_day: int) -> Plan:
        """Two to five milestones, each with its price; a change order adds one more."""
        words = [self._chance.six(key, "milestone", number) for number in range(MILESTONES[-1] + 2)]
        count = MILESTONES[words[-1][0] * len(MILESTONES) >> BITS]
        agreed, delivered = [], []
        for number in range(1, count + 2):
            share, apart, late, *_ = words[number - 1]
            price_minor = value_minor * (50 + (share * 101 >> BITS)) // (100 * count)
            version = 1 if number <= count else 2
            one = Deliverable(
                f"milestone {number}", version, "on_acceptance", "on_acceptance", price_minor,
                ssp_minor=price_minor * (95 + (apart * 21 >> BITS)) // 100,
            )  # fmt: skip
            agreed.append(one)
            planned = start_day + (end_day - start_day) * number // (count + 2)
            delivered.append((self._business_day(planned + (late * WEEK_DAYS >> BITS)), one.product, 1, True))
        return Plan(tuple(agreed[:-1]), tuple(delivered), tuple(agreed[-1:]))

    def _time_and_material(self, key: str, value_minor: int, start_day: int, end_day: int) -> Plan:
        """Hours at a rate, approved week by week and invoiced as approved."""
        hours = Deliverable("consulting", 1, "as_invoiced", "as_delivered", rate_minor=self._services.rate_minor)
        return Plan((hours,), tuple(self._weeks(key, hours.product, start_day, end_day, None)))

    def _fixed_price(self, key: str, value_minor: int, start_day: int, end_day: int) -> Plan:
        """A price for so many hours, earned as they are worked and invoiced when all is accepted."""
        planned = max(40, value_minor // self._services.rate_minor)
        work = Deliverable("delivery", 1, "by_hours", "on_acceptance", value_minor, value_minor, planned)
        more = Deliverable("delivery", 2, "by_hours", "on_acceptance", value_minor // 4, 0, planned // 3)
        weeks = tuple(self._weeks(key, work.product, start_day, end_day, planned))
        accepted = (self._business_day(end_day - WEEK_DAYS), work.product, 0, True)
        return Plan((work,), (*weeks, accepted), (more,))

    def _on_acceptance(self, key: str, value_minor: int, start_day: int, end_day: int) -> Plan:
        """A price invoiced at the start, and earned when the customer accepts the whole."""
        whole = Deliverable(
            "installation", 1, "on_acceptance", "at_start", value_minor, value_minor, from_day=start_day, to_day=end_day
        )
        late = self._chance.six(key, "acceptance")[0]
        day = self._business_day(end_day - 2 * WEEK_DAYS + (late * WEEK_DAYS >> BITS))
        return Plan((whole,), ((day, whole.product, 1, True),))

    def _weeks(
        self, key: str, product: str, start_day: int, end_day: int, planned: int | None
    ) -> Iterator[tuple[int, str, int, bool]]:
        """A week's hours at a time, up to those planned."""
        left = planned
        for monday in range(start_day, end_day - WEEK_DAYS, WEEK_DAYS):
            hours = HOURS_A_WEEK[self._chance.six(key, product, monday)[0] * len(HOURS_A_WEEK) >> BITS]
            if left is not None:
                hours = min(hours, left)
                left -= hours
            day = monday + FRIDAY
            while not self._calendar.is_business_day(day):
                day -= 1
            if hours and day >= monday:
                yield day, product, hours, False

    def _business_day(self, day: int) -> int:
        """This day, or the next on which people work."""
        while not self._calendar.is_business_day(day):
            day += 1
        return day


def _changed(contract: Contract, more: tuple[Deliverable, ...], day: int) -> Contract:
    """A contract after the change order that adds `more`."""
    price_minor = sum(one.price_minor for one in more)
    version = Version(contract.version + 1, "amended", day, day, 1, price_minor)
    return replace(
        contract, versions=(*contract.versions, version), deliverables=(*contract.deliverables, *more)
    )  # fmt: skip


def _monday_after(day: int) -> int:
    return day + WEEK_DAYS - (day - 1) % WEEK_DAYS


def _minute(word: int, window: tuple[int, int]) -> int:
    return window[0] + (word * (window[1] - window[0]) >> BITS)
