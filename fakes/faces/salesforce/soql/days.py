"""The days that a date literal is about: `TODAY`, `LAST_N_DAYS:30`, `THIS_QUARTER`. Weeks begin on Sunday."""

from sim.calendar import FiscalCalendar

_LENGTHS = {"MONTH": 1, "QUARTER": 3, "FISCAL_QUARTER": 3, "YEAR": 12, "FISCAL_YEAR": 12}
_SINGLE = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def days_of(word: str, count: int, today: int) -> tuple[int, int] | None:
    """The first day of a range and the first day after it; None if no range is called that."""
    if word in _SINGLE:
        day = today + _SINGLE[word]
        return day, day + 1
    for unit in ("DAY", "WEEK", *_LENGTHS):
        if word in {f"LAST_N_{unit}S", f"NEXT_N_{unit}S", f"N_{unit}S_AGO"}:
            return _several(unit, word, count, today)
        if word in {f"LAST_{unit}", f"THIS_{unit}", f"NEXT_{unit}"}:
            return _one(unit, {"LAST": -1, "THIS": 0, "NEXT": 1}[word[:4]], today)
    if word in {"LAST_90_DAYS", "NEXT_90_DAYS"}:
        return _several("DAY", word.replace("90", "N"), 90, today)
    return None


def _several(unit: str, word: str, count: int, today: int) -> tuple[int, int]:
    if word.endswith("AGO"):
        return (today - count, today - count + 1) if unit == "DAY" else _one(unit, -count, today)
    if unit == "DAY":
        return (today - count, today + 1) if word.startswith("LAST") else (today + 1, today + count + 1)
    if word.startswith("LAST"):
        return _one(unit, -count, today)[0], _one(unit, 0, today)[0]
    return _one(unit, 1, today)[0], _one(unit, count, today)[1]


def _one(unit: str, away: int, today: int) -> tuple[int, int]:
    """The unit of time that is so many away from today's."""
    if unit == "DAY":
        return today + away, today + away + 1
    if unit == "WEEK":
        sunday = today - today % 7 + 7 * away
        return sunday, sunday + 7
    length, month = _LENGTHS[unit], FiscalCalendar.month_of_day(today)
    first = month - month % length + away * length
    return FiscalCalendar.first_day(first), FiscalCalendar.first_day(first + length)
