"""People take up what is reported, first come first served, in office hours; what they put right is handed back."""

from collections import Counter
from datetime import date
from operator import attrgetter

import pytest

from fakes.records import Invoice, Recognition
from harness.people import PERIOD_CLOSED, REASONS, Desk, Team, Ticket
from sim.calendar import FiscalCalendar
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import Event
from sim.durations import DAY, HOUR, MINUTE
from sim.staff import OfficeHours, Staff
from tests.fakes.samples import contract

CALENDAR = FiscalCalendar(date(2026, 1, 1), 3, "Europe/Berlin", (), 8 * 60, 20 * 60, 14, 6, (3, 5))
MONDAY_US = CALENDAR.instant_us(date(2026, 1, 5).toordinal())
NINE_US = MONDAY_US + 9 * HOUR


def staff(persons=1, handling_us=HOUR):
    return Staff(persons, OfficeHours(CALENDAR, 9 * 60, 17 * 60), constant(handling_us))


def invoice(account="A-1", number=1):
    return Invoice(f"INV-{number}", "sub-1", "C-1", account, "USD", 0, 0, 0, (), 100)


def ticket(number=1, reason="missing_tax_code", body=None, tries=1, target="erp"):
    body = body or invoice(number=number)
    key = getattr(body, "id", None) or body.key
    return Ticket(Event(number, "billing", "invoice_issued", key, 1, 0, body), target, reason, tries)


class Office:
    """A desk on Monday at nine. `put_right` and `handed_back` list what was done at which instant."""

    def __init__(self, persons=1, handling_us=HOUR):
        self.clock = Clock()
        self.clock.run_until(NINE_US)
        self.put_right = []  # (instant, word, record)
        self.handed_back = []  # (instant, event id)
        self.desk = Desk(self.clock, staff(persons, handling_us), attrgetter("body"), self._put_right, 1)

    def report(self, reported, hand_back=None):
        self.desk.report(reported, hand_back or (lambda: self._handed_back(reported.event.id)))

    def run(self, span_us=DAY):
        self.clock.run_until(self.clock.now + span_us)

    def _put_right(self, word, record):
        self.put_right.append((self.clock.now - NINE_US, word, record))

    def _handed_back(self, number):
        self.handed_back.append((self.clock.now - NINE_US, number))


# --- the team ----------------------------------------------------------------------------------------


def worked(persons, works):
    """When each of some works, asked for at once on Monday at nine, was begun and done, in hours."""
    clock = Clock()
    clock.run_until(NINE_US)
    team = Team(clock, staff(persons))

    async def one(work_us):
        begun_us = await team.work(work_us)
        return (begun_us - NINE_US) / HOUR, (clock.now - NINE_US) / HOUR

    tasks = [clock.spawn(one(hours * HOUR)) for hours in works]
    clock.run_until(NINE_US + 14 * DAY)
    return [task.result for task in tasks]


def test_each_person_does_one_thing_at_a_time_and_the_first_come_is_first_served():
    assert worked(2, [3, 1, 2, 1]) == [(0, 3), (0, 1), (1, 3), (3, 4)]


def test_what_does_not_fit_into_the_day_goes_on_the_next_morning():
    assert worked(1, [7, 2, 1]) == [(0, 7), (7, 25), (25, 26)]


def test_work_that_is_taken_up_when_the_office_has_closed_begins_when_it_opens():
    assert worked(1, [8, 1]) == [(0, 8), (24, 25)]


# --- the desk ----------------------------------------------------------------------------------------


def test_what_a_person_has_put_right_is_handed_back_at_once():
    office = Office()
    office.report(ticket())
    office.run()
    assert office.put_right == [(HOUR, "missing_tax_code", invoice())]
    assert office.handed_back == [(HOUR, 1)]
    (case,) = office.desk.cases
    assert (case.reported_us, case.taken_up_us, case.done_us) == (NINE_US, NINE_US, NINE_US + HOUR)


def test_items_with_one_cause_are_one_case():
    office = Office()
    for number in (1, 2, 3):
        office.report(ticket(number, body=invoice("A-1", number)))
    office.report(ticket(4, body=invoice("A-2", 4)))
    office.run()
    assert [(case.reason, case.subject, len(case.tickets)) for case in office.desk.cases] == [
        ("missing_tax_code", "A-1", 3), ("missing_tax_code", "A-2", 1),
    ]  # fmt: skip
    assert office.handed_back == [(HOUR, 1), (HOUR, 2), (HOUR, 3), (2 * HOUR, 4)]
    assert office.desk.touches(NINE_US) == len(office.put_right) == 2


def test_what_joins_a_case_while_it_is_worked_on_is_handed_back_with_it():
    office = Office()
    office.report(ticket(1))
    office.run(30 * MINUTE)
    office.report(ticket(2))
    office.run()
    assert office.handed_back == [(HOUR, 1), (HOUR, 2)]


@pytest.mark.parametrize(
    ("reason", "body", "subject"),
    [
        ("missing_tax_code", invoice("A-7"), "A-7"),
        ("invalid_legal_entity", contract(key="C-7", account="A-7"), "A-7"),
        ("unsupported_amendment", contract(key="C-7", account="A-7"), "C-7"),
        ("unmapped_product", Recognition("REC-1", "RC-1", "C-7", "USD", 0, 1, (), 0, 0), "C-7"),
        (PERIOD_CLOSED, invoice("A-7", number=7), "INV-7"),
    ],
)
def test_a_case_is_about_what_lacks_something(reason, body, subject):
    office = Office()
    office.report(ticket(1, reason, body))
    office.run()
    assert [case.subject for case in office.desk.cases] == [subject]


def test_people_take_what_they_can_do_something_about_and_nothing_else():
    desk = Office().desk
    assert all(map(desk.takes, REASONS))
    assert not any(map(desk.takes, ("not_found", "unavailable", "revision_changed", "timeout")))


def test_what_is_refused_again_is_a_new_case_that_waits_for_its_turn():
    office = Office()
    office.report(ticket(1))
    office.run(90 * MINUTE)
    office.report(ticket(1, tries=2))
    office.run()
    assert [at_us for at_us, _ in office.handed_back] == [HOUR, 150 * MINUTE]
    assert office.desk.touches(0) == 2


def test_nothing_is_put_right_for_what_came_too_late_but_it_may_be_posted():
    office = Office()
    late, other = ticket(1, PERIOD_CLOSED), ticket(2, PERIOD_CLOSED)
    office.report(late)
    assert not office.desk.lets_post_late(late.event, "erp")
    office.run()
    assert office.put_right == [] and office.handed_back == [(HOUR, 1)]
    assert office.desk.lets_post_late(late.event, "erp")
    assert not office.desk.lets_post_late(other.event, "erp")


def test_an_exception_takes_as_long_whoever_reports_it_and_whatever_else_is_reported():
    def taken(*accounts):
        office = Office(persons=9)
        office.desk._team.staff = Staff(9, office.desk._team.staff.hours, _Growing())
        for number, account in enumerate(accounts, start=1):
            office.report(ticket(number, body=invoice(account, number)))
        office.run(30 * DAY)
        return {case.subject: case.done_us for case in office.desk.cases}

    alone, among = taken("A-2"), taken("A-1", "A-2", "A-3")
    assert alone["A-2"] == among["A-2"] and len(Counter(among.values())) == 3


class _Growing:
    """Handling times that tell draws apart."""

    def draw(self, word):
        return word % HOUR


# --- over a crash ------------------------------------------------------------------------------------


def test_what_is_reported_again_after_a_crash_is_the_same_item_and_goes_to_the_new_life():
    office, lives = Office(), []
    office.report(ticket(1), lambda: lives.append("old"))
    office.run(30 * MINUTE)
    office.report(ticket(1), lambda: lives.append("new"))
    office.run()
    assert lives == ["new"]
    assert len(office.desk.cases) == len(office.put_right) == 1


def test_what_was_put_right_while_the_layer_was_down_is_handed_back_as_it_reports_it_again():
    office, lives = Office(), []
    office.report(ticket(1), lambda: lives.append("old"))
    office.run()
    office.report(ticket(1), lambda: lives.append("new"))
    assert lives == ["old", "new"]
    office.run()
    assert len(office.put_right) == 1
