"""What holds of the revenue of any arrangement, whatever was agreed and however often it was changed."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.arrangements import Added, Cancelled, Promise, Repriced, Signed
from harness.oracle.arrangements import price_minor, revenue
from tests.harness.oracle.histories import FIRST_DAY, days_around, histories

FAR_DAY = FIRST_DAY + 100 * 366


def prices_agreed(history):
    signed, changes = history
    return signed.price_minor + sum(getattr(c, "price_minor", getattr(c, "price_change_minor", 0)) for c in changes)


def shifted(value, days):
    """The same, some days later."""
    moved = {name: getattr(value, name) + days for name in ("day", "start_day", "end_day") if hasattr(value, name)}
    if hasattr(value, "promises"):
        moved["promises"] = tuple(shifted(promise, days) for promise in value.promises)
    return replace(value, **moved)


def scaled(value, by):
    """The same with all money multiplied."""
    names = ("ssp_minor", "price_minor", "left_ssp_minor", "price_change_minor", "kept_minor")
    more = {name: getattr(value, name) * by for name in names if hasattr(value, name)}
    if hasattr(value, "promises"):
        more["promises"] = tuple(scaled(promise, by) for promise in value.promises)
    return replace(value, **more)


@given(histories())
def test_nothing_is_recognised_before_the_signing(history):
    signed, changes = history

    marks = revenue(signed, changes, [signed.day - 1000, signed.day - 1, signed.day])

    assert all(minor == 0 for minors in marks.values() for minor in minors)


@given(histories())
def test_in_the_end_the_price_is_recognised(history):
    signed, changes = history

    marks = revenue(signed, changes, [*days_around(history), FAR_DAY])

    assert sum(minors[-1] for minors in marks.values()) == price_minor(signed, changes)
    assert all(minors[-2] == minors[-1] for minors in marks.values())


@given(histories(cancelled=False))
def test_the_transaction_price_is_the_sum_of_what_was_agreed(history):
    assert price_minor(*history) == prices_agreed(history)


@given(histories())
def test_a_change_leaves_the_days_before_it_as_they_were(history):
    signed, changes = history
    last = (signed, *changes)[-1]
    days = [day for day in days_around(history) if day <= last.day]
    earlier = revenue(signed, changes[:-1], days)

    later = revenue(signed, changes, days)

    assert {key: later[key] for key in earlier} == earlier
    assert all(not any(later[key]) for key in later.keys() - earlier.keys())


@given(histories())
def test_promises_are_told_in_the_order_in_which_they_joined(history):
    signed, changes = history

    joined = [promise.key for change in (signed, *changes) for promise in getattr(change, "promises", ())]

    assert list(revenue(signed, changes, [])) == joined


@settings(max_examples=200)
@given(histories())
def test_after_a_cancellation_nothing_is_recognised_but_what_is_kept_on_its_day(history):
    signed, changes = history
    if not changes or not isinstance(changes[-1], Cancelled):
        changes = (*changes, Cancelled((signed, *changes)[-1].day, 0))
    day, kept_minor = changes[-1].day, changes[-1].kept_minor
    nothing_kept = revenue(signed, (*changes[:-1], Cancelled(day, 0)), [day + 1])

    marks = revenue(signed, changes, [day + 1, FAR_DAY])

    assert all(on_the_day == at_last for on_the_day, at_last in marks.values())
    kept = [marks[key][0] - nothing_kept[key][0] for key in marks]
    assert sum(kept) == kept_minor and min(kept) >= 0


@given(st.data(), histories(cancelled=False), st.integers(1, 10**9), st.integers(0, 800))
def test_an_add_on_at_its_stand_alone_price_changes_nothing_of_the_others(data, history, ssp_minor, days):
    signed, changes = history
    at = data.draw(st.integers(0, len(changes)))
    day = (signed, *changes)[at].day
    add_on = Added(day, (Promise("add-on", ssp_minor, day, day + days),), ssp_minor)
    days_asked = days_around(history)

    marks = revenue(signed, (*changes[:at], add_on, *changes[at:]), days_asked)

    del marks["add-on"]
    assert marks == revenue(signed, changes, days_asked)


@given(histories(cancelled=False))
def test_a_distinct_change_by_nothing_changes_no_total_in_the_end(history):
    signed, changes = history
    open_day = max(promise.end_day for promise in signed.promises) - 1
    before = tuple(change for change in changes if change.day <= open_day)
    after = (*before, Repriced(max(open_day, signed.day), 0, distinct=True))

    totals = [sum(minors[0] for minors in revenue(signed, some, [FAR_DAY]).values()) for some in (before, after)]

    assert totals[0] == totals[1]


@given(histories(), st.integers(-10_000, 10_000))
def test_what_is_agreed_some_days_later_is_recognised_as_many_days_later(history, days):
    signed, changes = history
    days_asked = days_around(history)

    later = revenue(
        shifted(signed, days), tuple(shifted(change, days) for change in changes), [day + days for day in days_asked]
    )

    assert later == revenue(signed, changes, days_asked)


@st.composite
def whole_units(draw):
    """A signing and distinct changes of price in which every promise earns whole units a day, and the days asked."""
    rates, terms = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=4)), st.integers(1, 400)
    promises = tuple(Promise(f"P{at}", 0, FIRST_DAY, FIRST_DAY + draw(terms)) for at in range(len(rates)))
    promises = tuple(
        replace(promise, ssp_minor=rate * (promise.end_day - FIRST_DAY))
        for promise, rate in zip(promises, rates, strict=True)
    )
    last = max(promise.end_day for promise in promises)
    changes = []
    for day in sorted(draw(st.lists(st.integers(FIRST_DAY, last - 1), max_size=4))):
        left = sum(rate * max(0, promise.end_day - day) for promise, rate in zip(promises, rates, strict=True))
        changes.append(Repriced(day, left * draw(st.integers(-5, 5)), distinct=True))
    price = sum(promise.ssp_minor for promise in promises) * draw(st.integers(0, 5))
    return Signed(FIRST_DAY, promises, price), tuple(changes)


@given(whole_units(), st.integers(2, 1000))
def test_where_nothing_rounds_so_much_more_money_is_so_much_more_revenue(history, by):
    signed, changes = history
    days = days_around(history)

    more = revenue(scaled(signed, by), tuple(scaled(change, by) for change in changes), days)

    assert more == {key: tuple(by * minor for minor in minors) for key, minors in revenue(*history, days).items()}


@settings(max_examples=150)
@given(histories(cancelled=False, emptied=False))
def test_what_rounding_does_stays_within_units(history):
    """Against the same in millionths of a minor unit: at most 3 units for each promise, for signing and each change.

    A change rounds what was recognised, by half a unit, and its split, by one; both can be off again in what is left.
    """
    signed, changes = history
    days, fine = days_around(history), 10**6

    finely = revenue(scaled(signed, fine), tuple(scaled(change, fine) for change in changes), days)

    marks = revenue(signed, changes, days)
    bound = 3 * len(marks) * (1 + len(changes)) * fine
    assert all(
        abs(whole * fine - exact) <= bound
        for key, minors in marks.items()
        for whole, exact in zip(minors, finely[key], strict=True)
    )


@given(histories(changes_max=0), st.data())
def test_a_change_that_is_not_distinct_is_as_if_agreed_from_the_beginning(history, data):
    """But for three splits, each off by less than 1, and three halves of rounding: by less than 4.5 in all."""
    signed, _ = history
    first_end = min(promise.end_day for promise in signed.promises)
    day = data.draw(st.integers(signed.day, max(signed.day, first_end - 1)))
    change = Repriced(day, data.draw(st.integers(-signed.price_minor, 10**9)), distinct=False)
    days = [asked for asked in days_around((signed, (change,))) if asked > day]

    marks = revenue(signed, (change,), days)

    from_the_beginning = revenue(replace(signed, price_minor=signed.price_minor + change.price_change_minor), (), days)
    assert all(
        abs(minor - expected) <= 4
        for key, minors in marks.items()
        for minor, expected in zip(minors, from_the_beginning[key], strict=True)
    )


@given(histories())
def test_between_changes_revenue_runs_one_way_only(history):
    """Up for what has an amount of 0 or more, else down: so that a month never takes back what another one gave."""
    signed, changes = history
    days = days_around(history)
    changed = {change.day for change in (signed, *changes)}

    for minors in revenue(signed, changes, days).values():
        steps = [(day, after - now) for (day, now), (_, after) in pairwise(zip(days, minors, strict=True))]
        for (from_day, step), (day, following) in pairwise(steps):
            assert step * following >= 0 or any(from_day <= at <= day for at in changed)
