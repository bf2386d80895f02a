"""The engine that keeps a plan, and the oracle that works it out from the whole history, written apart: they agree."""

from hypothesis import given, settings

from fakes.books.arrangement import Arrangement
from harness.oracle.arrangements import lives, price_minor, revenue
from tests.harness.oracle.histories import days_around, histories


def engine(signed, changes, days):
    """What the engine has recognised of each promise before each of `days`, asked day by day as time passes."""
    made, coming = Arrangement(signed), list(changes)
    found = []
    for day in days:
        while coming and coming[0].day < day:
            made.apply(coming.pop(0))
        found.append(made.recognised_before(day) if day > signed.day else {})
    for change in coming:
        made.apply(change)
    return made, {key: tuple(at.get(key, 0) for at in found) for key in made.lines}


@settings(max_examples=400)
@given(histories())
def test_engine_and_oracle_recognise_the_same_of_every_promise_on_every_day(history):
    signed, changes = history
    days = days_around(history)
    made, recognised = engine(signed, changes, days)

    assert recognised == revenue(signed, changes, days)
    assert made.price_minor == price_minor(signed, changes)


@given(histories())
def test_they_see_the_same_contracts(history):
    signed, changes = history
    made, _ = engine(signed, changes, ())
    ours = {key: line.contract for key, line in made.lines.items()}
    theirs = {key: life.contract for key, life in lives(signed, changes).items()}

    def grouped(contracts):
        return sorted(sorted(key for key in contracts if contracts[key] == one) for one in set(contracts.values()))

    assert grouped(ours) == grouped(theirs)
