"""How contracts change after signing: amendments, their corrections, and cancellations."""

from collections.abc import Iterator
from heapq import merge
from itertools import count
from operator import itemgetter
from typing import Literal, TypeAlias

from msgspec.structs import replace

from fakes.agreements import Contract, Kind, Version
from fakes.books.charges import price_change_minor
from scenarios.intensity import Intensity
from scenarios.mix import Mix
from scenarios.profiles import even
from scenarios.schema import Business
from scenarios.truth import Act
from scenarios.values import MILLION
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Stream, exponential, happens
from sim.durations import DAY

YEAR_US = 365 * DAY + DAY // 4

GAP_UNIT = 10**9
"""Gaps are drawn in thousand-millionths of their mean: too coarse for the last digit of a logarithm to matter."""

CHANGE_PERCENT = range(10, 51)
"""By how much of the quantity a change raises or lowers it, each as likely; by one unit at least."""

Change: TypeAlias = Literal["increase", "decrease", "cancel"]
Effect: TypeAlias = Literal["same day", "next day", "next month"]

EFFECTS: Mix[Effect] = Mix((("same day", 2), ("next day", 1), ("next month", 1)))
"""When a change takes effect: the day it is signed, the day after, or the first of the next month."""


class Amending:
    """Amends contracts at a steady rate through the run's business hours, up to the quarter's end.

    A contract's candidates for an amendment have their instants and their draws from its key alone, whenever
    it is signed. One comes to nothing if the version before it is less than the least gap away, or if it would
    take effect only when the contract has ended. Some amendments are corrected: once, after the least gap
    and an exponential time, from the same effective day on.
    """

    def __init__(self, business: Business, calendar: FiscalCalendar, seed: int) -> None:
        self._terms = terms = business.amendments
        self._true_ups = [wave for wave in business.waves if wave.kind == "true_ups"]
        self._calendar = calendar
        self._end_us = calendar.quarter_end_us
        self._time = even(calendar, calendar.day_of(0), calendar.day_of(self._end_us))
        self._mean_gap = _mean_gap(terms.per_contract_year_ppm, self._time, self._end_us)
        self._delays = exponential(terms.burst_gap_us)
        self._chance = Stream(seed, "amendment")
        increase_ppm = MILLION - terms.decrease_share_ppm - terms.cancel_share_ppm
        changes: list[tuple[Change, int]] = [("increase", increase_ppm), ("decrease", terms.decrease_share_ppm)]
        self._corrections = Mix(changes)
        self._amendments = Mix([*changes, ("cancel", terms.cancel_share_ppm)])

    def acts(self, contract: Contract, signed_us: int) -> Iterator[Act]:
        """The amendments of a contract signed at `signed_us`, in the order of their instants.

        For a contract signed before the run, `signed_us` is 0. Nothing follows a cancellation.
        """
        gap_us = self._terms.gap_min_us
        free_us = signed_us + gap_us
        planned = self._candidates(contract.key)
        if self._true_ups:
            planned = merge(planned, self._waves(contract.key), key=itemgetter(1))
        for number, at_us, words in planned:
            _, change, percent, effect, burst, delay = words
            if at_us < free_us:
                continue
            changes = self._amendments if number >= 0 else self._corrections
            amended = self._changed(contract, at_us, changes.draw(change), percent, EFFECTS.draw(effect))
            if amended is None:
                continue
            contract = amended
            yield Act(at_us, contract=contract)
            if not contract.quantity:
                return
            free_us = at_us + gap_us
            if happens(burst, self._terms.burst_share_ppm):
                corrected_us = free_us + self._delays.draw(delay)
                corrected = self._corrected(contract, number, corrected_us)
                if corrected is not None:
                    contract = corrected
                    yield Act(corrected_us, contract=contract)
                    free_us = corrected_us + gap_us

    def _candidates(self, key: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """The number, the instant and six uniform words of each of a contract's candidates, in order."""
        if not self._mean_gap:
            return
        gaps = exponential(GAP_UNIT)
        position = 0
        for number in count():
            words = self._chance.six(key, number)
            position += self._mean_gap * gaps.draw(words[0]) // GAP_UNIT
            if position >= self._time.total:
                return
            yield number, self._time.instant_us(position), words

    def _waves(self, key: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """The same of the true-ups that waves bring to a contract of before the run; their numbers are negative."""
        letter, _, position = key.partition("-")
        waves = [(-n, wave) for n, wave in enumerate(self._true_ups, start=1) if letter == "O"]
        due = [
            (number, wave.draw_us(self._calendar, self._chance, f"{key}|wave {-number}"))
            for number, wave in waves
            if int(position) <= wave.contracts
        ]
        for number, at_us in sorted(due, key=itemgetter(1)):
            yield number, at_us, self._chance.six(key, number)

    def _corrected(self, contract: Contract, number: int, at_us: int) -> Contract | None:
        """The contract after candidate `number` was put right, or None if the quarter ends first."""
        if at_us >= self._end_us:
            return None
        change, percent, *_ = self._chance.six(contract.key, number, "correction")
        return self._changed(contract, at_us, self._corrections.draw(change), percent, "same day")

    def _changed(self, contract: Contract, at_us: int, change: Change, percent: int, effect: Effect) -> Contract | None:
        """The contract with one more version, or None if it would take effect only when the contract has ended."""
        signed_day = self._calendar.day_of(at_us)
        effective_day = max(self._effective_day(signed_day, effect), contract.versions[-1].effective_day)
        if effective_day >= contract.end_day:
            return None
        quantity = _quantity(contract.quantity, change, percent)
        price_change = price_change_minor(
            start_day=contract.start_day,
            end_day=contract.end_day,
            billing_months=contract.billing_months,
            unit_price_minor=contract.unit_price_minor,
            units=quantity - contract.quantity,
            effective_day=effective_day,
            ramp=contract.ramp,
        )
        kind: Kind = "amended" if quantity else "cancelled"
        version = Version(contract.version + 1, kind, signed_day, effective_day, quantity, price_change)
        return replace(contract, versions=(*contract.versions, version))

    def _effective_day(self, signed_day: int, effect: Effect) -> int:
        if effect == "next month":
            return self._calendar.end_day(self._calendar.month_of_day(signed_day))
        return signed_day + (effect == "next day")


def _mean_gap(per_contract_year_ppm: int, time: Intensity, span_us: int) -> int:
    """How far apart a contract's candidates are on average, in units of `time`, which spans `span_us`; 0 for none."""
    if not per_contract_year_ppm:
        return 0
    return time.total * YEAR_US * MILLION // (span_us * per_contract_year_ppm)


def _quantity(before: int, change: Change, word: int) -> int:
    """The quantity after a change, by as many per cent as `word` draws. A single unit is never lowered, but raised."""
    if change == "cancel":
        return 0
    percent = CHANGE_PERCENT[word * len(CHANGE_PERCENT) >> BITS]
    units = max(1, before * percent // 100)
    return before - units if change == "decrease" and units < before else before + units
