"""Numbers as people read them: money, spans of time, counts, shares, and means with their interval."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from reports.result import Calendar, Interval

CURRENCY = "USD"
_SPAN_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: object) -> str:
    """The text without control characters: none of a terminal's escapes, nothing that XML forbids."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(text))


def spoken(name: str) -> str:
    """A name of the program as words: `late_delivery` is "late delivery"."""
    return plain(name).replace("_", " ")


def count(number: float) -> str:
    """A count, or a mean of counts: `0`, `0.04`, `41.2`, `1,234`."""
    if number == int(number) or abs(number) >= 1000:
        return f"{round(number):,}"
    return f"{number:,.1f}" if abs(number) >= 10 else _short(number, 2)


def ratio(number: float) -> str:
    """A ratio, with two decimals."""
    return f"{number:,.2f}"


def share(number: float) -> str:
    """A share of 1 in per cent, to two significant digits: `0.31 %`."""
    percent = number * 100
    if percent == int(percent):
        return f"{percent:.0f} %"
    return f"{percent:.1f} %" if percent >= 10 else f"{_short(percent, 2)} %"


def money(minor: float, currency: str = CURRENCY) -> str:
    """An amount of minor units: `USD 12,345.67`."""
    return f"{currency} {decimal(minor)}"


def decimal(minor: float) -> str:
    """An amount of minor units without its currency: `12,345.67`."""
    cents = round(minor)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def whole_units(minor: float) -> str:
    """The same in whole units of the currency: `12,346`."""
    return f"{round(minor / 100):,}"


def span(seconds: float) -> str:
    """A span of seconds in the unit that suits it: `1.5 s`, `13.2 min`, `2.04 d`."""
    width, unit = _span_unit(seconds)
    return f"{_short(seconds / width, 3)} {unit}"


SHOWN: dict[str, Callable[[float], str]] = {
    "count": count,
    "ratio": ratio,
    "share": share,
    "money": money,
    "span": span,
}


def shown(value: float | None, unit: str, currency: str = CURRENCY) -> str:
    """A value of the given unit, money in that currency; None is what never happened, or is not known."""
    if value is None:
        return "never" if unit == "span" else "n/a"
    return money(value, currency) if unit == "money" else SHOWN[unit](value)


def signed(value: float | None, unit: str) -> str:
    """A difference with its sign, `+12.4`; money in whole units of its currency, without its name.

    One that rounds to nothing has no sign: `0.00`.
    """
    if value is None or not value:
        return "n/a" if value is None else "0"
    size = whole_units(abs(value)) if unit == "money" and abs(value) >= 100 else shown(abs(value), unit)
    sign = ("+" if value > 0 else "-") if re.search("[1-9]", size) else ""
    return f"{sign}{size.removeprefix(f'{CURRENCY} ')}"


def bounds(interval: Interval, unit: str) -> str:
    """The interval's `[low, high]` in the unit its mean is shown in, or nothing where there is none.

    Money of 100.00 and more is rounded to whole currency units here, and only here.
    """
    low, high, mean = interval["low"], interval["high"], interval["mean"]
    if low is None or high is None:
        return ""
    if unit == "money":
        whole = max(abs(low), abs(high)) >= 100_00  # cents say nothing in an interval that wide
        show = whole_units if whole else decimal
        return f"[{show(low)}, {show(high)}]"
    if unit == "span":
        width, _ = _span_unit(mean or max(abs(low), abs(high)))
        return f"[{_short(low / width, 3)}, {_short(high / width, 3)}]"
    return f"[{SHOWN[unit](low).removesuffix(' %')}, {SHOWN[unit](high).removesuffix(' %')}]"


def with_bounds(interval: Interval, unit: str, currency: str = CURRENCY) -> str:
    """`12.3 min [11.9, 12.8]`."""
    return f"{shown(interval['mean'], unit, currency)} {bounds(interval, unit)}".rstrip()


def listing(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def several(number: int, one: str) -> str:
    """`1 seed`, `5 seeds`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def month(period: int | str | None) -> str:
    """A period for people: months numbered 12 x year + month - 1 as `2026-03`, anything else as it is."""
    if isinstance(period, int) and period >= 12 * 1900:
        return f"{period // 12}-{period % 12 + 1:02}"
    return "" if period is None else plain(period)


def local(calendar: Calendar, seconds: float) -> datetime:
    """The local date-time that many seconds after the calendar's first instant."""
    zone = ZoneInfo(calendar["timezone"])
    start = datetime.fromisoformat(calendar["start"])
    instant = start if start.tzinfo else start.replace(tzinfo=zone)
    return (instant.astimezone(ZoneInfo("UTC")) + timedelta(seconds=seconds)).astimezone(zone)


def date_time(calendar: Calendar | None, seconds: float) -> str:
    """A local date-time for people: `2026-03-31 13:00`; without a calendar, the span since the first instant."""
    return f"{local(calendar, seconds):%Y-%m-%d %H:%M}" if calendar else span(seconds)


def _span_unit(seconds: float) -> tuple[float, str]:
    size = abs(seconds)
    return next((each for each in _SPAN_UNITS if size >= each[0]), (1.0, "s"))


def _short(number: float, digits: int) -> str:
    """To so many significant digits, never in powers of ten."""
    return f"{Decimal(f'{number:.{digits}g}'):,f}"


def flow_words(flow: str) -> str:
    """A flow for people: `statement of work → erp`."""
    return flow.replace("->", " → ").replace("_", " ")
