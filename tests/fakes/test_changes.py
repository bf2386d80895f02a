"""What can be read of a source: by stamp, where late commits hide; and by position, where nothing does for 72 hours."""

from types import SimpleNamespace

import pytest

from fakes.changes import BEGINNING, EARLIEST, LATEST, PAGE_MAX, RETENTION_US, ChangeLog, ListChanges, ReadStream
from fakes.service import Refused
from sim.chance import Stream, constant, exponential
from sim.delivery import Event
from sim.durations import HOUR, MINUTE, SECOND

FOREVER = 1 << 60


def change(number, at_us, key=None, version=1):
    return Event(number, "crm", "contract_signed", key or f"C-{number}", version, at_us, f"body {number}")


AT_ONCE = constant(0)


def log(*changes, lag=AT_ONCE):
    return reading(list(changes), lag)


def reading(published, lag=AT_ONCE, records=None):
    source = SimpleNamespace(published=published, records=records or {})
    return ChangeLog(source, lag, Stream(1, "changes"))


def listed(source, now_us=FOREVER, since_us=-1, until_us=FOREVER, **more):
    return source.list_changes(ListChanges(since_us, until_us, **more), now_us)


def numbers(page):
    return [row.id for row in page.changes]


def refused(ask, request, now_us=0):
    with pytest.raises(Refused) as caught:
        ask(request, now_us)
    return caught.value.status, caught.value.code


# --- by stamp ----------------------------------------------------------------------------------------


def test_a_query_gives_what_was_stamped_after_one_instant_and_up_to_another():
    source = log(change(1, 10), change(2, 20), change(3, 30), change(4, 40))

    assert numbers(listed(source, since_us=10, until_us=30)) == [2, 3]


def test_of_a_record_changed_twice_a_query_gives_the_newest_state_once():
    source = log(change(1, 10, "C-1"), change(2, 20, "C-2"), change(3, 30, "C-1", version=2))

    assert numbers(listed(source)) == [2, 3]
    assert numbers(listed(source, until_us=25)) == [2]  # the record is stamped later now


def test_pages_end_within_a_stamp_and_go_on_behind_the_row():
    source = log(*(change(number, 7) for number in range(1, 6)))
    first = listed(source, limit=2)
    second = listed(source, limit=2, after=first.next)
    third = listed(source, limit=2, after=second.next)

    assert [numbers(page) for page in (first, second, third)] == [[1, 2], [3, 4], [5]]
    assert [page.more for page in (first, second, third)] == [True, True, False]


def test_a_change_is_not_seen_before_it_is_committed_though_its_stamp_is_older():
    source = log(change(1, 10), change(2, 20), lag=constant(5))

    assert numbers(listed(source, now_us=24)) == [1]
    assert numbers(listed(source, now_us=25)) == [1, 2]


def test_until_a_late_commit_comes_the_record_is_seen_as_it_was():
    first, second = change(1, 10, "C-1"), change(2, 20, "C-1", version=2)
    source = log(first, second, lag=constant(15))

    assert numbers(listed(source, now_us=30)) == [1]
    assert numbers(listed(source, now_us=35)) == [2]


def test_a_query_goes_by_the_sources_own_clock():
    early, late = change(1, 100), change(2, 50)
    early.skew_us = -60
    source = log(late, early)

    assert numbers(listed(source, until_us=45)) == [1]
    assert numbers(listed(source, since_us=40)) == [2]  # who has read up to 40 never sees what came at 100


def test_a_query_has_the_record_and_the_stream_the_event_with_all_that_is_wrong_with_it():
    bad = change(1, 10)
    bad.schema, bad.body = 0, None
    source = reading([bad], records={1: "the record"})

    assert [(row.id, row.body, row.schema) for row in listed(source).changes] == [(1, "the record", 1)]
    assert [row.body for row in streamed(source).changes] == [None]


@pytest.mark.parametrize("limit", [0, PAGE_MAX + 1])
def test_a_page_has_from_one_row_to_two_thousand(limit):
    source = log()

    assert refused(source.list_changes, ListChanges(0, 1, limit=limit)) == (400, "bad_limit")
    assert refused(source.read_stream, ReadStream(limit=limit)) == (400, "bad_limit")


# --- by position -------------------------------------------------------------------------------------


def streamed(source, after=EARLIEST, now_us=HOUR, limit=PAGE_MAX):
    return source.read_stream(ReadStream(after, limit), now_us)


def test_a_stream_gives_every_change_once_in_the_order_of_commit():
    changes = [change(number, number * SECOND, "C-1", number) for number in range(1, 60)]
    source = log(*changes, lag=exponential(MINUTE))
    order, after = [], EARLIEST
    for now_us in range(0, 30 * MINUTE, 7 * SECOND):
        page = streamed(source, after, now_us, limit=2)
        order += page.changes
        after = page.next

    assert sorted(event.id for event in order) == list(range(1, 60))
    visible = [source.visible_us(event) for event in order]
    assert visible == sorted(visible)
    assert [event.id for event in order] != list(range(1, 60))  # some committed after others that are stamped later


def test_a_stream_says_whether_there_is_more_and_an_empty_page_keeps_the_place():
    source = log(change(1, 1), change(2, 2))
    first = streamed(source, limit=1)
    second = streamed(source, first.next, limit=1)
    empty = streamed(source, second.next)

    assert (numbers(first), first.more) == ([1], True)
    assert (numbers(second), second.more) == ([2], False)
    assert (numbers(empty), empty.next) == ([], second.next)


def test_from_the_end_on_only_what_is_new_is_read():
    published = [change(1, 1)]
    source = reading(published)
    end = streamed(source, LATEST, now_us=5).next
    published.append(change(2, 6))

    assert numbers(streamed(source, end, now_us=10)) == [2]
    assert streamed(log(), LATEST, now_us=7).next == (7, 0)


def test_a_commit_is_stored_for_72_hours_and_who_comes_later_is_told_so():
    source = log(change(1, 0), change(2, 1), change(3, HOUR))
    place = streamed(source, limit=1, now_us=HOUR).next

    assert numbers(streamed(source, place, now_us=RETENTION_US + 1)) == [2, 3]
    assert refused(source.read_stream, ReadStream(place), RETENTION_US + 2) == (410, "position_expired")
    assert refused(source.read_stream, ReadStream(BEGINNING), RETENTION_US + 2) == (410, "position_expired")
    assert numbers(streamed(source, EARLIEST, now_us=RETENTION_US + 2)) == [3]
