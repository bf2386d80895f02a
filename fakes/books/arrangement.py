"""An arrangement as a revenue engine keeps it: what was recognised, what is to come, and how each change re-plans it.

The rules are those of `fakes.arrangements`. A line is the plan of one promise; each change closes the plans that it
touches as of its day and opens new ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import singledispatchmethod

from fakes.arrangements import Added, Cancelled, Change, Extended, Promise, Reduced, Renewed, Repriced, Signed
from fakes.books.allocation import allocate
from fakes.books.recognition import recognised_minor
from fakes.books.rounding import rounded_minor


@dataclass(slots=True)
class Line:
    """The plan of one promise of contract number `contract`.

    `recognised_minor` was recognised before `since_day`; `planned_minor` is recognised from then on. `rendered` and
    `left` are the promise's stand-alone selling price up to `since_day` and from it on, in exact minor units.
    """

    promise: Promise
    contract: int
    end_day: int
    since_day: int
    left: Fraction
    rendered: Fraction = Fraction(0)
    recognised_minor: int = 0
    planned_minor: int = 0

    def satisfied(self, day: int) -> bool:
        """Whether all of it was rendered before `day` begins."""
        return self.promise.start_day < day if self.promise.at_a_point else self.end_day <= day

    def recognised_before(self, day: int) -> int:
        """What is recognised of it before `day` begins, in minor units; `day` is after `since_day`, or that day."""
        return self.recognised_minor + self._earned_minor(day)

    def replan(self, day: int) -> int:
        """Close the plan as of `day`; what it would have recognised from then on."""
        rest_minor = self.planned_minor - self._earned_minor(day)
        left = self.left * self._share_left(day)
        self.recognised_minor += self.planned_minor - rest_minor
        self.rendered += self.left - left
        self.left, self.since_day, self.planned_minor = left, day, 0
        return rest_minor

    @property
    def _from_day(self) -> int:
        return max(self.since_day, self.promise.start_day)

    def _share_left(self, day: int) -> Fraction:
        if self.satisfied(day):
            return Fraction(0)
        if day <= self._from_day:
            return Fraction(1)
        return Fraction(self.end_day - day, self.end_day - self._from_day)

    def _earned_minor(self, day: int) -> int:
        until_day = self.end_day + self.promise.at_a_point  # at a point is within that day
        return recognised_minor(self.planned_minor, self._from_day, until_day, day)


class Arrangement:
    """One arrangement, from its signing on. `apply` its changes in their order; ask only for days after the last.

    Raises ValueError for what contradicts the history so far, and is then as it was.
    """

    def __init__(self, signed: Signed) -> None:
        self.lines: dict[str, Line] = {}
        self._day = signed.day
        self._contracts = 0
        self._ended = False
        self._sign(signed.day, signed.promises, signed.price_minor)

    @property
    def price_minor(self) -> int:
        """The transaction price: what was recognised, and what is planned."""
        return sum(line.recognised_minor + line.planned_minor for line in self.lines.values())

    def recognised_before(self, day: int) -> dict[str, int]:
        """What is recognised of each promise before `day` begins, by key, in minor units."""
        if day < self._day:
            raise ValueError(f"day {day} lies before the last change, of day {self._day}")
        return {key: line.recognised_before(day) for key, line in self.lines.items()}

    def apply(self, change: Change) -> None:
        """Re-plan for one change."""
        if self._ended:
            raise ValueError("nothing comes after a cancellation")
        if change.day < self._day:
            raise ValueError(f"a change of day {change.day} comes after one of day {self._day}")
        before = {key: replace(line) for key, line in self.lines.items()}, self._contracts
        try:
            self._apply(change)
        except ValueError:
            self.lines, self._contracts = before
            raise
        self._day = change.day

    # --- changes -------------------------------------------------------------------------------------

    @singledispatchmethod
    def _apply(self, change: object) -> None:
        raise TypeError(f"no rule for a change of type {type(change).__name__}")

    @_apply.register
    def _added(self, change: Added) -> None:
        if change.price_minor == sum(promise.ssp_minor for promise in change.promises):
            self._sign(change.day, change.promises, change.price_minor)
            return
        open_lines, rest_minor = self._reopened(change.day, contract=1)
        added = self._enter(change.day, change.promises, contract=1)
        _plan(rest_minor + change.price_minor, [*open_lines, *added])

    @_apply.register
    def _renewed(self, change: Renewed) -> None:
        self._sign(change.day, change.promises, change.price_minor)

    @_apply.register
    def _extended(self, change: Extended) -> None:
        line = self._changeable(change.key, change.day)
        if change.end_day <= line.end_day or change.ssp_minor < 0:
            raise ValueError(f"{change.key} is to end later than day {line.end_day}, and be worth no less for it")
        lines, rest_minor = self._reopened(change.day, line.contract)
        line.left += change.ssp_minor
        line.end_day = change.end_day
        _plan(rest_minor + change.price_minor, lines)

    @_apply.register
    def _reduced(self, change: Reduced) -> None:
        line = self._changeable(change.key, change.day)
        lines, rest_minor = self._reopened(change.day, line.contract)
        if not 0 <= change.left_ssp_minor <= line.left or change.price_change_minor > 0:
            raise ValueError(f"{change.key} is to be worth less, from 0 to {line.left}, and not to cost more")
        line.left = Fraction(change.left_ssp_minor)
        _plan(rest_minor + change.price_change_minor, lines)

    @_apply.register
    def _repriced(self, change: Repriced) -> None:
        if change.distinct:
            lines, rest_minor = self._reopened(change.day, contract=1)
            _plan(rest_minor + change.price_change_minor, lines)
            return
        lines = self._open(change.day, contract=1)
        rests_minor = [line.replan(change.day) for line in lines]
        shares = _split(change.price_change_minor, {line.promise.key: line.rendered + line.left for line in lines})
        for line, rest_minor in zip(lines, rests_minor, strict=True):
            amount_minor = line.recognised_minor + rest_minor + shares[line.promise.key]
            whole = line.rendered + line.left
            earned = amount_minor * line.rendered / whole if whole else Fraction(amount_minor)
            line.recognised_minor = rounded_minor(earned)
            line.planned_minor = amount_minor - line.recognised_minor

    @_apply.register
    def _cancelled(self, change: Cancelled) -> None:
        lines = [line for line in self.lines.values() if not line.satisfied(change.day)]
        rests_minor = {line.promise.key: max(0, line.replan(change.day)) for line in lines}
        if not 0 <= change.kept_minor <= sum(rests_minor.values()):
            raise ValueError(f"{change.kept_minor} cannot be kept: {sum(rests_minor.values())} are not recognised")
        kept = allocate(change.kept_minor, rests_minor) if change.kept_minor else {}
        for line in lines:
            line.recognised_minor += kept.get(line.promise.key, 0)
        self._ended = True

    # --- plans ---------------------------------------------------------------------------------------

    def _sign(self, day: int, promises: Iterable[Promise], price_minor: int) -> None:
        self._contracts += 1
        _plan(price_minor, self._enter(day, promises, self._contracts))

    def _enter(self, day: int, promises: Iterable[Promise], contract: int) -> list[Line]:
        entered = []
        for promise in promises:
            if promise.key in self.lines:
                raise ValueError(f"{promise.key} is there already")
            if promise.ssp_minor <= 0 or not day <= promise.start_day <= promise.end_day:
                raise ValueError(
                    f"{promise.key} begins before it is agreed, ends before it begins, or is worth nothing"
                )
            line = Line(promise, contract, promise.end_day, day, Fraction(promise.ssp_minor))
            self.lines[promise.key] = line
            entered.append(line)
        return entered

    def _open(self, day: int, contract: int) -> list[Line]:
        return [line for line in self.lines.values() if line.contract == contract and not line.satisfied(day)]

    def _reopened(self, day: int, contract: int) -> tuple[list[Line], int]:
        """The unsatisfied lines of a contract, closed as of `day`, and what they would have recognised from then on."""
        lines = self._open(day, contract)
        return lines, sum(line.replan(day) for line in lines)

    def _changeable(self, key: str, day: int) -> Line:
        line = self.lines.get(key)
        if line is None:
            raise ValueError(f"there is no promise {key}")
        if line.promise.at_a_point or line.satisfied(day):
            raise ValueError(f"{key} is satisfied, or is so as a whole: no part of it is left to change")
        return line


def _plan(amount_minor: int, lines: list[Line]) -> None:
    """Split an amount over lines by what is left of each."""
    shares = _split(amount_minor, {line.promise.key: line.left for line in lines})
    for line in lines:
        line.planned_minor = shares[line.promise.key]


def _split(amount_minor: int, weights: dict[str, Fraction]) -> dict[str, int]:
    if any(weights.values()):
        return allocate(amount_minor, weights)
    if amount_minor:
        raise ValueError(f"nothing is left to carry a price of {amount_minor}")
    return dict.fromkeys(weights, 0)
