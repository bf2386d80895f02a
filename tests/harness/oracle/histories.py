"""Any legal history of an arrangement, for Hypothesis: what may be agreed next follows from what was agreed before.

Nothing is drawn to be thrown away: a change is chosen among those that are possible, a day among those from the last
one on, what is kept within what was not recognised. Where nothing is left to carry a price, its change is what takes
back all that was not recognised, or 0.
"""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from fakes.arrangements import Added, Cancelled, Extended, Promise, Reduced, Renewed, Repriced, Signed
from harness.oracle.arrangements import SIGNED, lives
from harness.oracle.epochs import Life

PROMISES_MAX = 4
CHANGES_MAX = 6
TERM_MAX_DAYS = 3 * 366
MINOR_MAX = 10**9
FIRST_DAY = 738_900  # 2024-01-09: a leap day lies in some of the terms

MONEY = st.one_of(st.integers(1, 100_000), st.integers(1, 3), st.integers(1, MINOR_MAX))
PRICES = st.one_of(st.integers(0, 3), MONEY)
CHANGES = st.one_of(st.integers(-3, 3), st.integers(-MINOR_MAX, MINOR_MAX))
CHANGES_PERCENT = st.sampled_from([0, 1, -1, 10, -10, 50, -50, -99, -100, 100])
PERCENT = st.sampled_from([100, 0, 1, 30, 50, 90, 99, 101, 150])
TERMS = st.one_of(st.integers(1, TERM_MAX_DAYS), st.sampled_from([1, 2, 30, 365, 366, 730, TERM_MAX_DAYS]))
TERMS_IF_ANY = st.one_of(TERMS, TERMS, st.just(0))
WAITS = st.one_of(st.just(0), st.integers(0, 90))
GAPS = st.one_of(st.integers(0, 3), st.integers(0, 400))


@dataclass(frozen=True)
class Standing:
    """What a change on `day` can build on: the promises not yet satisfied, how many joined and how many still may.

    `emptied` as for `histories`.
    """

    day: int
    open: dict[str, Life]
    joined: int
    room: int
    emptied: bool

    @property
    def signed(self):
        return [life for life in self.open.values() if life.contract == SIGNED]

    @property
    def by_day(self):
        return [key for key, life in self.open.items() if not life.service_on(self.day).at_a_point]

    @property
    def reducible(self):
        """Those after whose reduction something can be left in the contract, or all that waits be taken back."""
        return [key for key in self.by_day if int(self.left(key)) or self.left_beside(key) or self.may_be_last(key)]

    def may_be_last(self, key):
        """Whether all that waits can be taken back, for a promise that is the only one left."""
        return self.emptied and self.waits(key) >= 0

    def waits(self, key):
        """What was not recognised of its contract, in minor units."""
        contract = self.open[key].contract
        return sum(life.waiting_minor(self.day) for life in self.open.values() if life.contract == contract)

    def left(self, key):
        return self.open[key].service_on(self.day).left

    def left_beside(self, key):
        """What is left of the other promises of its contract."""
        contract = self.open[key].contract
        return sum(self.left(name) for name, life in self.open.items() if name != key and life.contract == contract)

    def end_day(self, key):
        return self.open[key].service_on(self.day).end_day


@st.composite
def histories(draw, *, cancelled=True, emptied=True, promises_max=PROMISES_MAX, changes_max=CHANGES_MAX):
    """A signing and up to `changes_max` changes, a cancellation among them only if it may be `cancelled`.

    Only if it may be `emptied` is the last promise of a contract reduced to nothing, for what was not recognised.
    """
    day = FIRST_DAY + draw(st.integers(0, 400))
    count = draw(st.integers(1, promises_max) | st.integers(1, min(2, promises_max)))
    promises = tuple([promised(draw, day, f"P{number}") for number in range(1, count + 1)])
    signed, changes = Signed(day, promises, prices(draw, promises)), ()
    for _ in range(draw(st.integers(0, changes_max) | st.integers(min(3, changes_max), changes_max))):
        now = standings(draw, lives(signed, changes), (signed, *changes)[-1].day, promises_max, emptied)
        kinds = [kind for kind, may in POSSIBLE.items() if may(now) and (cancelled or kind is not cancellations)]
        if not kinds:
            break
        changes = (*changes, draw(draw(st.sampled_from(kinds))(now)))
        if isinstance(changes[-1], Cancelled):
            break
    return signed, changes


def days_around(history):
    """Each day on which something begins or ends with those beside it, and every fourth week in between."""
    signed, changes = history
    marks = []
    for change in (signed, *changes):
        marks += [change.day, getattr(change, "end_day", change.day)]
        marks += [day for promise in getattr(change, "promises", ()) for day in (promise.start_day, promise.end_day)]
    beside = {mark + off for mark in marks for off in (-1, 0, 1, 2)}
    return sorted(beside | set(range(min(marks), max(marks), 28)))


def promised(draw, day, key, starts=()):
    """A promise that joins on `day`, by day or at a point; it starts on one of `starts` if there are any."""
    start_day = draw(st.sampled_from(starts)) if starts else day + draw(WAITS)
    end_day = start_day + draw(TERMS_IF_ANY)
    return Promise(key, draw(MONEY), start_day, end_day)


def prices(draw, promises):
    """A price for promises: what they would cost alone, a part of it, next to nothing, or anything."""
    alone_minor = sum(promise.ssp_minor for promise in promises)
    return draw(PRICES) if draw(st.booleans()) else alone_minor * draw(PERCENT) // 100


def price_changes(draw, agreed_minor):
    """A change of price, up or down: in proportion to what was agreed, next to nothing, or anything."""
    return draw(CHANGES) if draw(st.booleans()) else agreed_minor * draw(CHANGES_PERCENT) // 100


def standings(draw, known, from_day, promises_max, emptied):
    """What there is on the same day, on one at the edge of some service, or on any later one."""
    edges = sorted(day for life in known.values() for day in _edges(life) if day >= from_day)
    day = draw(st.sampled_from(edges)) if edges and draw(st.booleans()) else from_day + draw(GAPS)
    unsatisfied = {key: life for key, life in known.items() if life.open_on(day)}
    return Standing(day, unsatisfied, len(known), promises_max - len(known), emptied)


def _edges(life):
    service = life.epochs[-1].service
    return [day + off for day in (service.first_day, service.end_day) for off in (-1, 0, 1)]


@st.composite
def repricings(draw, now):
    """The price changes for what is left."""
    return Repriced(now.day, price_changes(draw, sum(life.agreed_minor for life in now.signed)), distinct=True)


@st.composite
def catch_ups(draw, now):
    """The price changes as if it had been so from the beginning."""
    return replace(draw(repricings(now)), distinct=False)


@st.composite
def repricings_of_nothing(draw, now):
    """Where nothing is left, the price changes by nothing."""
    return Repriced(now.day, 0, distinct=draw(st.booleans()))


@st.composite
def extensions(draw, now):
    """More days of a promise, or as much over more days."""
    key, ssp_minor = draw(st.sampled_from(now.by_day)), draw(MONEY | st.just(0))
    bears = ssp_minor or now.left(key) or now.left_beside(key)
    price_minor = price_changes(draw, ssp_minor) if bears else -now.waits(key)
    return Extended(now.day, key, now.end_day(key) + draw(TERMS), ssp_minor, price_minor)


@st.composite
def reductions(draw, now):
    """Fewer units of a promise, or none at all: of the last of its contract for all that was not recognised."""
    key = draw(st.sampled_from(now.reducible))
    beside, most = now.left_beside(key), int(now.left(key))
    if not beside and now.may_be_last(key) and (not most or draw(st.booleans())):
        return Reduced(now.day, key, 0, -now.waits(key))
    least = 0 if beside else 1
    left_ssp_minor = draw(st.one_of(st.just(max(least, most // 2)), st.just(least), st.integers(least, most)))
    waiting_minor = max(0, now.open[key].waiting_minor(now.day))
    back_minor = draw(PRICES) if draw(st.booleans()) else waiting_minor * draw(PERCENT) // 100
    return Reduced(now.day, key, left_ssp_minor, -back_minor)


@st.composite
def add_ons(draw, now):
    """A promise or two more, from the day on or later, for what they would cost alone."""
    count = draw(st.integers(1, min(2, now.room)))
    promises = tuple([promised(draw, now.day, f"P{now.joined + number}") for number in range(1, count + 1)])
    return Added(now.day, promises, sum(promise.ssp_minor for promise in promises))


@st.composite
def co_terms(draw, now):
    """Promises more for any price, perhaps to the end of another one."""
    promises = draw(add_ons(now)).promises
    if now.by_day and draw(st.booleans()):
        end_day = now.end_day(draw(st.sampled_from(now.by_day)))
        promises = tuple([replace(promise, end_day=max(promise.start_day, end_day)) for promise in promises])
    return Added(now.day, promises, prices(draw, promises))


@st.composite
def renewals(draw, now):
    """A further term, from the end of what there is or at another time."""
    ends = [now.end_day(key) for key in now.open]
    promise = promised(draw, now.day, f"P{now.joined + 1}", ends if draw(st.booleans()) else ())
    return Renewed(now.day, (promise,), prices(draw, (promise,)))


@st.composite
def cancellations(draw, now):
    """The end, with nothing kept, all that was not recognised, or a part of it."""
    waiting_minor = sum(max(0, life.waiting_minor(now.day)) for life in now.open.values())
    return Cancelled(now.day, draw(st.one_of(st.just(0), st.just(waiting_minor), st.integers(0, waiting_minor))))


POSSIBLE = {
    repricings: lambda now: any(life.service_on(now.day).left for life in now.signed),
    catch_ups: lambda now: any(life.whole(now.day) for life in now.signed),
    repricings_of_nothing: lambda now: not any(life.service_on(now.day).left for life in now.signed),
    extensions: lambda now: now.by_day,
    reductions: lambda now: now.reducible,
    add_ons: lambda now: now.room > 0,
    co_terms: lambda now: now.room > 0,
    renewals: lambda now: now.room > 0,
    cancellations: lambda now: now.open,
}
"""Each change and when it can come next, those first that alter least."""
