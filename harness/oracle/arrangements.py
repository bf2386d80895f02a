"""Revenue of an arrangement by the standard, from the list of what was agreed: the rules of `fakes.arrangements`.

Each change is one statement about a contract: what is left to be served of which promise, and what joins the price.
It begins a new epoch for every promise that it concerns, and what was recognised by a day is read from the epochs
that began before it. A promise at a point is served in one day: nothing else tells it from one by day.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from fakes.arrangements import Added, Cancelled, Change, Extended, Promise, Reduced, Renewed, Repriced, Signed
from harness.oracle.epochs import Epoch, Life, Service, rounded, split

Lives: TypeAlias = dict[str, Life]

Statement: TypeAlias = tuple[int, dict[str, Service], int]
"""The number of a contract, the service of its promises where that is new, and what joins its price."""

SIGNED = 0
"""The number of the contract that was signed; any other has the number of the change that made it."""


def revenue(signed: Signed, changes: tuple[Change, ...], days: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """What is recognised of each promise, in joining order, before each of `days` begins: cumulative minor units.

    Raises ValueError for a history that contradicts itself, even if only after the last of `days`.
    """
    return {
        key: tuple(life.recognised_before_changes_of(day) for day in days)
        for key, life in lives(signed, changes).items()
    }


def price_minor(signed: Signed, changes: tuple[Change, ...]) -> int:
    """The transaction price after all changes, in minor units; of a cancelled arrangement, its revenue in the end.

    Raises ValueError as `revenue` does.
    """
    return sum(life.agreed_minor for life in lives(signed, changes).values())


def lives(signed: Signed, changes: tuple[Change, ...]) -> Lives:
    """What became of each promise, in joining order, after all changes. Raises ValueError as `revenue` does."""
    for earlier, later in pairwise((signed, *changes)):
        if later.day < earlier.day:
            raise ValueError(f"a change on day {later.day} comes after one on day {earlier.day}: put them in order")
        if isinstance(earlier, Cancelled):
            raise ValueError(f"the arrangement was cancelled on day {earlier.day}: no change can come after that")
    known: Lives = {}
    for number, change in enumerate((signed, *changes)):
        known |= _begun_by(known, number, change)
    return known


def _begun_by(known: Lives, number: int, change: Signed | Change) -> Lives:
    """The promises that a change concerns, each with the epoch that it begins."""
    match change:
        case Cancelled():
            return _ended(known, change)
        case Repriced(distinct=False):
            return _caught_up(known, change)
        case _:
            return _carried(known, change.day, _stated(known, number, change))


def _stated(known: Lives, number: int, change: Signed | Added | Extended | Reduced | Repriced | Renewed) -> Statement:
    match change:
        case Signed() | Renewed():
            return number, _joining(known, change), change.price_minor
        case Added():
            alone_minor = sum(promise.ssp_minor for promise in change.promises)
            contract = number if change.price_minor == alone_minor else SIGNED
            return contract, _joining(known, change), change.price_minor
        case Extended():
            longer = _longer(known, change)
            return known[change.key].contract, {change.key: longer}, change.price_minor
        case Reduced():
            fewer = _fewer(known, change)
            return known[change.key].contract, {change.key: fewer}, change.price_change_minor
        case Repriced():
            return SIGNED, {}, change.price_change_minor


def _carried(known: Lives, day: int, statement: Statement) -> Lives:
    """What is left in the contract, as now stated, carries the price and what was not recognised: 606-10-25-13(a).

    In a contract that begins there is nothing but what is stated, and it carries the price: 606-10-25-12.
    """
    contract, stated, change_minor = statement
    left = {key: life.service_on(day) for key, life in _open(known, day).items() if life.contract == contract}
    waiting_minor = sum(known[key].waiting_minor(day) for key in left)
    services = left | stated
    shares = split(waiting_minor + change_minor, [service.left for service in services.values()])
    return {
        key: known.get(key, Life(contract, ())).begin(Epoch(day, service, 0, share_minor))
        for (key, service), share_minor in zip(services.items(), shares, strict=True)
    }


def _open(known: Lives, day: int) -> Lives:
    """The promises not yet satisfied on a day."""
    return {key: life for key, life in known.items() if life.open_on(day)}


def _caught_up(known: Lives, change: Repriced) -> Lives:
    """As if the new price had been agreed from the beginning, with the difference on this day: 606-10-25-13(b)."""
    concerned = {key: life for key, life in _open(known, change.day).items() if life.contract == SIGNED}
    shares = split(change.price_change_minor, [life.whole(change.day) for life in concerned.values()])
    return {
        key: life.begin(_catching_up(life, change.day, share_minor))
        for (key, life), share_minor in zip(concerned.items(), shares, strict=True)
    }


def _catching_up(life: Life, day: int, share_minor: int) -> Epoch:
    agreed_minor, whole = life.agreed_minor + share_minor, life.whole(day)
    earned_minor = rounded(agreed_minor * life.rendered(day) / whole) if whole else 0
    at_once_minor = earned_minor - life.recognised_minor(day)
    return Epoch(day, life.service_on(day), at_once_minor, agreed_minor - earned_minor)


def _ended(known: Lives, change: Cancelled) -> Lives:
    """All that is open ends, with its part of what is kept."""
    concerned = _open(known, change.day)
    waiting = [max(0, life.waiting_minor(change.day)) for life in concerned.values()]
    if not 0 <= change.kept_minor <= sum(waiting):
        raise ValueError(
            f"kept are {change.kept_minor} of {sum(waiting)} not recognised: keep no more, and not below 0"
        )
    shares = split(change.kept_minor, [Fraction(minor) for minor in waiting])
    nothing = Service(change.day, change.day + 1, Fraction(0))  # an epoch has a day, and nothing comes after this one
    return {
        key: life.begin(Epoch(change.day, nothing, share_minor, 0))
        for (key, life), share_minor in zip(concerned.items(), shares, strict=True)
    }


def _joining(known: Lives, change: Signed | Added | Renewed) -> dict[str, Service]:
    """The service of new promises."""
    services: dict[str, Service] = {}
    for promise in change.promises:
        if promise.key in known or promise.key in services:
            raise ValueError(f"there is already a promise {promise.key!r}: give each a key of its own")
        services[promise.key] = _promised(promise, change.day)
    return services


def _promised(promise: Promise, day: int) -> Service:
    if promise.ssp_minor <= 0:
        raise ValueError(f"{promise.key!r} would cost {promise.ssp_minor} alone: it must be more than 0")
    if not day <= promise.start_day <= promise.end_day:
        span = f"[{promise.start_day}, {promise.end_day})"
        raise ValueError(
            f"{promise.key!r} joins on day {day} for {span}: it must not start earlier, nor end before that"
        )
    end_day = promise.end_day + promise.at_a_point
    return Service(promise.start_day, end_day, Fraction(promise.ssp_minor), promise.at_a_point)


def _longer(known: Lives, change: Extended) -> Service:
    now = _served_by_day(known, change)
    if change.end_day <= now.end_day:
        raise ValueError(f"{change.key!r} ends on day {now.end_day}: day {change.end_day} is not later")
    if change.ssp_minor < 0:
        raise ValueError(f"the added days of {change.key!r} would cost {change.ssp_minor} alone: it must be 0 or more")
    return Service(now.first_day, change.end_day, now.left + change.ssp_minor)


def _fewer(known: Lives, change: Reduced) -> Service:
    now = _served_by_day(known, change)
    if not 0 <= change.left_ssp_minor <= now.left or change.price_change_minor > 0:
        raise ValueError(
            f"{change.key!r} is reduced from {now.left} to {change.left_ssp_minor} for {change.price_change_minor}:"
            " what is left must be 0 or more, and no more than before, the change of price 0 or less"
        )
    return Service(now.first_day, now.end_day, Fraction(change.left_ssp_minor))


def _served_by_day(known: Lives, change: Extended | Reduced) -> Service:
    """What is left of the promise by day that a change names."""
    if change.key not in known:
        raise ValueError(f"there is no promise {change.key!r} on day {change.day}, only {', '.join(known)}")
    life = known[change.key]
    if not life.open_on(change.day):
        raise ValueError(f"{change.key!r} was satisfied before day {change.day}: it can no longer change")
    service = life.service_on(change.day)
    if service.at_a_point:
        raise ValueError(f"{change.key!r} is satisfied at a point: it has no days to extend or reduce")
    return service
