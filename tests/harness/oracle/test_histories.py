"""That histories of any kind are drawn, so that what is compared over them is compared over all that can be agreed."""

from itertools import pairwise

from hypothesis import Phase, given, settings

from fakes.arrangements import Added, Cancelled, Reduced, Repriced
from harness.oracle.arrangements import SIGNED, lives
from tests.harness.oracle.histories import CHANGES_MAX, MINOR_MAX, PROMISES_MAX, histories

HAPPENINGS = {
    "nothing after the signing",
    "changes on one day",
    "a change on the day of the signing",
    "a change on the last day of a promise",
    "a change on the day on which a promise at a point is satisfied",
    "an end shared with an added promise",
    "a price of one minor unit",
    "a large discount",
    "as many promises as may be",
    "as many changes as may be",
    "Added at stand-alone price",
    "Added at another price",
    "Extended",
    "Extended by days that are worth nothing",
    "Reduced",
    "Reduced to nothing",
    "the last of all reduced to nothing",
    "a price changed by nothing where nothing is left",
    "Renewed",
    "Repriced up, distinct",
    "Repriced up, not distinct",
    "Repriced down, distinct",
    "Repriced down, not distinct",
    "Cancelled with something kept",
    "Cancelled with nothing kept",
}


def kind_of(change):
    """What a change is, with what tells two of a kind apart."""
    name = type(change).__name__
    if isinstance(change, Added):
        alone = change.price_minor == sum(promise.ssp_minor for promise in change.promises)
        return f"{name} at {'stand-alone' if alone else 'another'} price"
    if isinstance(change, Repriced):
        way = "up" if change.price_change_minor > 0 else "down"
        return f"{name} {way}, {'distinct' if change.distinct else 'not distinct'}"
    if isinstance(change, Cancelled):
        return f"{name} with {'something' if change.kept_minor else 'nothing'} kept"
    return name


def happenings(signed, changes):
    """Everything named above that is the case in one history."""
    joined = [promise for change in (signed, *changes) for promise in getattr(change, "promises", ())]
    by_day = [promise for promise in joined if not promise.at_a_point]
    added = [promise for change in changes if isinstance(change, Added) for promise in change.promises]
    days, alone_minor = {change.day for change in changes}, sum(promise.ssp_minor for promise in signed.promises)
    yield from map(kind_of, changes)
    seen = {
        "nothing after the signing": not changes,
        "changes on one day": any(one.day == other.day for one, other in pairwise(changes)),
        "a change on the day of the signing": signed.day in days,
        "a change on the last day of a promise": any(promise.end_day - 1 in days for promise in by_day),
        "a change on the day on which a promise at a point is satisfied": any(
            promise.start_day in days for promise in joined if promise.at_a_point
        ),
        "an end shared with an added promise": any(
            one.end_day == other.end_day for one in added for other in joined if one.key != other.key
        ),
        "a price of one minor unit": signed.price_minor == 1,
        "a large discount": signed.price_minor * 10 <= alone_minor and alone_minor > MINOR_MAX // 1000,
        "as many promises as may be": len(joined) == PROMISES_MAX,
        "as many changes as may be": len(changes) == CHANGES_MAX,
        "Reduced to nothing": any(getattr(change, "left_ssp_minor", 1) == 0 for change in changes),
        "Extended by days that are worth nothing": any(getattr(change, "ssp_minor", 1) == 0 for change in changes),
    }
    yield from (name for name, happened in seen.items() if happened)
    for at, change in enumerate(changes):
        yield from at_the_edge(change, lives(signed, changes[:at]), lives(signed, changes[: at + 1]))


def at_the_edge(change, before, after):
    """What is named above of a change that leaves nothing, or comes when nothing is left."""

    def left(known, contract):
        mine = [life for life in known.values() if life.contract == contract and life.open_on(change.day)]
        return sum(life.service_on(change.day).left for life in mine)

    match change:
        case Reduced(key=key) if not left(after, after[key].contract):
            yield "the last of all reduced to nothing"
        case Repriced(price_change_minor=0) if not left(before, SIGNED):
            yield "a price changed by nothing where nothing is left"


def test_whatever_can_be_agreed_is_drawn_within_a_few_hundred_histories():
    drawn = set()

    @settings(max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(histories())
    def collect(history):
        drawn.update(happenings(*history))

    collect()

    assert sorted(HAPPENINGS - drawn) == []
