"""The fiscal calendar: which day, month and quarter an instant falls in, and when the books close.

Instants are elapsed microseconds since instant 0, the local midnight `lead_in_days` before the quarter.
Days are proleptic ordinals (`date.toordinal()`), months numbers (12 x year + month - 1). Local time
honours daylight saving: a day is 23 or 25 hours long where the clocks change.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sim.durations import DAY, MICROSECOND, MINUTE

REVENUE_RUN_MINUTE = 8 * 60
LOCK_MINUTE = 18 * 60

_MICROSECOND = timedelta(microseconds=MICROSECOND)
_SATURDAY = 5


@dataclass(frozen=True)
class FiscalCalendar:
    """One quarter of `months` months from `quarter_start`, the lead-in before it and the close after it.

    Business days are Monday to Friday less `holidays`; business hours run from minute `opens_minute` of
    the day up to `closes_minute`. A month is locked on business day `close_business_days` after its end;
    the revenue engine runs on the business days `revenue_runs` after it.
    """

    quarter_start: date
    months: int
    timezone: str
    holidays: tuple[date, ...]
    opens_minute: int
    closes_minute: int
    lead_in_days: int
    close_business_days: int
    revenue_runs: tuple[int, ...]

    def __post_init__(self) -> None:
        assert self.quarter_start.day == 1, f"a quarter starts on the first of a month, not on {self.quarter_start}"
        assert 0 <= self.opens_minute < self.closes_minute <= 24 * 60, "business hours must end after they begin"
        assert self.months >= 1 and self.lead_in_days >= 0 and self.close_business_days >= 1

    # --- instants and days ---------------------------------------------------------------------------

    def instant_us(self, day: int, minute: int = 0) -> int:
        """The instant at which local clocks show `minute` minutes after midnight of `day`.

        Shown twice, it is the first time; skipped by the clocks, the time they would have shown it.
        """
        position = day - self._first_day
        midnights = self._midnights
        if 0 <= position < len(midnights) - 1:
            midnight = midnights[position]
            if not minute or midnights[position + 1] - midnight == DAY:
                return midnight + minute * MINUTE
        return self._elapsed_us(day, minute)

    def day_of(self, us: int) -> int:
        """The local day an instant falls on."""
        midnights = self._midnights
        if 0 <= us < midnights[-1]:
            return self._first_day + bisect_right(midnights, us) - 1
        return self.local(us).toordinal()

    def local(self, us: int) -> datetime:
        """The instant as people read it: an aware local date and time."""
        return (self._origin + timedelta(microseconds=us)).astimezone(_zone(self.timezone))

    # --- months --------------------------------------------------------------------------------------

    @staticmethod
    @lru_cache(maxsize=1 << 14)
    def month_of_day(day: int) -> int:
        """The month a day falls in."""
        at = date.fromordinal(day)
        return 12 * at.year + at.month - 1

    @staticmethod
    @lru_cache(maxsize=1 << 10)
    def first_day(month: int) -> int:
        """The first day of a month."""
        return date(month // 12, month % 12 + 1, 1).toordinal()

    @staticmethod
    def end_day(month: int) -> int:
        """The first day after a month."""
        return FiscalCalendar.first_day(month + 1)

    # --- business days -------------------------------------------------------------------------------

    def is_business_day(self, day: int) -> bool:
        """Whether people work on this day."""
        return (day - 1) % 7 < _SATURDAY and day not in self._holidays

    def business_days(self, from_day: int, to_day: int) -> tuple[int, ...]:
        """The business days from `from_day` up to, not including, `to_day`."""
        return tuple(filter(self.is_business_day, range(from_day, to_day)))

    def business_day_after(self, day: int, n: int) -> int:
        """The n-th business day after `day`, which itself does not count."""
        for _ in range(n):
            day += 1
            while not self.is_business_day(day):
                day += 1
        return day

    # --- the quarter and the close -------------------------------------------------------------------

    @property
    def last_month(self) -> int:
        """The quarter's last month."""
        return self.month_of_day(self.quarter_start.toordinal()) + self.months - 1

    @property
    def quarter_start_us(self) -> int:
        """The first instant of the quarter."""
        return self.instant_us(self.quarter_start.toordinal())

    @property
    def quarter_end_us(self) -> int:
        """The first instant after the quarter."""
        return self.instant_us(self.end_day(self.last_month))

    @property
    def end_us(self) -> int:
        """The end of the run: the lock of the quarter's last month."""
        return self.lock_us(self.last_month)

    @property
    def months_run(self) -> tuple[int, ...]:
        """Every month the run touches, from that of instant 0 to that of the last lock."""
        return tuple(range(self.month_of_day(self._first_day), self.month_of_day(self.day_of(self.end_us)) + 1))

    def lock_us(self, month: int) -> int:
        """The instant at which a month's books are closed for good: 18:00 local."""
        return self._business_instant_us(month, self.close_business_days, LOCK_MINUTE)

    def revenue_run_us(self, month: int) -> tuple[int, ...]:
        """The instants of the revenue engine's runs for a month: 08:00 local. May lie before instant 0."""
        return tuple(self._business_instant_us(month, n, REVENUE_RUN_MINUTE) for n in self.revenue_runs)

    def _business_instant_us(self, month: int, n: int, minute: int) -> int:
        return self.instant_us(self.business_day_after(self.end_day(month) - 1, n), minute)

    # --- local midnights, cached ---------------------------------------------------------------------

    @cached_property
    def _first_day(self) -> int:
        return self.quarter_start.toordinal() - self.lead_in_days

    @cached_property
    def _origin(self) -> datetime:
        return _utc(self._first_day, 0, self.timezone)

    @cached_property
    def _holidays(self) -> frozenset[int]:
        return frozenset(day.toordinal() for day in self.holidays)

    @cached_property
    def _midnights(self) -> tuple[int, ...]:
        """The midnights of the run's days, and of two months beyond for what falls due after it."""
        until = self.end_day(self.last_month + 2)
        return tuple(self._elapsed_us(day, 0) for day in range(self._first_day, until + 1))

    def _elapsed_us(self, day: int, minute: int) -> int:
        return (_utc(day, minute, self.timezone) - self._origin) // _MICROSECOND


def month_name(month: int) -> str:
    """A month, numbered 12 x year + month - 1, as people write it: `2026-03`."""
    return f"{month // 12}-{month % 12 + 1:02}"


@lru_cache(maxsize=1 << 16)
def add_months(day: int, months: int) -> int:
    """The same day of the month `months` months on, or that month's last day if it is shorter.

    Count from the first day, not step by step, to keep the anchor: Jan 31, Feb 28, Mar 31.
    """
    at = date.fromordinal(day)
    month = 12 * at.year + at.month - 1 + months
    first = FiscalCalendar.first_day(month)
    return min(first + at.day, FiscalCalendar.end_day(month)) - 1


@lru_cache(maxsize=1 << 12)
def _utc(day: int, minute: int, timezone: str) -> datetime:
    wall = datetime.fromordinal(day) + timedelta(minutes=minute)
    return wall.replace(tzinfo=_zone(timezone)).astimezone(UTC)


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    """The zone's rules from the pinned `tzdata`, never the machine's own, which may be of another year."""
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (OSError, ValueError) as error:
        raise ZoneInfoNotFoundError(f"no time zone named {name!r}: use an IANA name, such as Europe/Berlin") from error
