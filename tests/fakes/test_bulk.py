"""Bulk loads: rows do what single calls do, fail alone, may be left over, take time each, and are totalled by batch."""

from fakes.billing import CreateCustomer, CreateSubscription, UpdateSubscription
from fakes.bulk import ROWS_MAX, BatchTotals, BulkLoad, Row, Totals
from fakes.company import Company
from fakes.names import SYSTEMS
from fakes.revenue import RecordBilling
from fakes.system import Setup
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import MILLISECOND, SECOND
from sim.faults import PartialLoad
from sim.network import Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, as_of, contract

PATIENT = 1 << 50
ALWAYS = {"name": "stops", "target": "revenue", "start_us": 0, "end_us": PATIENT}


def company(*faults, row_us=0, seed=0):
    setup = Setup(
        station=Station(capacity=4, service=constant(SECOND), latency=constant(0), row_us=row_us),
        delivery=DeliveryPolicy(delay=constant(SECOND), retries_us=(), ack_timeout_us=SECOND),
        index_lag=constant(0),
    )
    return Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), faults, seed)


def ask(made, system, request, key="k"):
    """The response to a request."""
    task = made.wire.clock.spawn(made.systems[system].server.send(request, key, None, PATIENT))
    while not task.done:
        made.wire.clock.step()
    return task.result


def noted(number, minor=100, key=None):
    """A row that has revenue take note of a document."""
    return Row(f"INV-{number}", RecordBilling(f"INV-{number}", "C-1", minor), key)


def test_rows_are_done_as_single_calls_are_and_a_bad_one_fails_alone():
    made = company()
    customer = ask(made, "billing", CreateCustomer("A-1", "Company")).body.id
    state = contract(start="2025-12-01")
    rows = [
        Row("C-1", CreateSubscription(customer, state), None),
        Row("C-2", CreateSubscription("nobody", state), None),
        Row("C-3", CreateSubscription(customer, contract(key="C-3", start="2025-12-01")), None),
    ]
    results = ask(made, "billing", BulkLoad("b", 1, rows)).body

    assert [(result.status, result.word) for result in results] == [
        (200, "ok"), (404, "customer_not_found"), (200, "ok"),
    ]  # fmt: skip
    assert [one.contract for one in made.billing.subscriptions.values()] == ["C-1", "C-3"]
    assert {event.key for event in made.systems["billing"].publisher.published} == {"INV-C-1-1", "INV-C-3-1"}


def test_each_row_has_its_own_idempotency_key():
    made = company()
    first = ask(made, "revenue", BulkLoad("b", 1, [noted(1, key="one"), noted(2, key="two")])).body
    again = ask(made, "revenue", BulkLoad("b", 2, [noted(2, key="two"), noted(3, key="three")])).body

    assert [result.word for result in again] == ["replayed", "ok"]
    assert again[0].body == first[1].body
    assert len(made.revenue.billed) == 3


def test_what_a_row_brings_about_is_on_its_own_account():
    made = company()
    customer = ask(made, "billing", CreateCustomer("A-1", "Company")).body.id
    row = Row("C-1", CreateSubscription(customer, contract(start="2025-12-01")), None, cause=77)
    ask(made, "billing", BulkLoad("b", 1, [row]))

    assert [row[1] for row in made.wire.trace.rows("events")] == [77]


def test_a_job_takes_so_long_and_so_much_longer_for_each_row():
    made = company(row_us=10 * MILLISECOND)
    ask(made, "revenue", BulkLoad("b", 1, [noted(number) for number in range(50)]))

    assert made.wire.clock.now == SECOND + 500 * MILLISECOND


def test_a_job_with_too_many_rows_is_refused():
    made = company()
    response = ask(made, "revenue", BulkLoad("b", 1, [noted(1)] * (ROWS_MAX + 1)))

    assert (response.status, response.word) == (413, "too_many_rows")
    assert made.revenue.billed == []


# --- totals ------------------------------------------------------------------------------------------


def test_the_totals_of_a_batch_count_records_and_sum_their_amounts():
    made = company()
    ask(made, "revenue", BulkLoad("b", 1, [noted(1, 100), noted(2, -30)]))
    ask(made, "revenue", BulkLoad("b", 2, [noted(3, 7)]))
    ask(made, "revenue", BulkLoad("other", 1, [noted(4, 5000)]))

    assert ask(made, "revenue", BatchTotals("b")).body == Totals(3, 77)
    assert ask(made, "revenue", BatchTotals("nothing")).body == Totals(0, 0)


def test_a_row_done_twice_shows_in_the_totals_unless_its_key_was_known():
    made = company()
    for _ in range(2):
        ask(made, "revenue", BulkLoad("b", 1, [noted(1, 100), noted(2, 10, key="two")]))

    assert ask(made, "revenue", BatchTotals("b")).body == Totals(3, 210)


def test_a_record_belongs_to_the_batch_that_wrote_it_last_and_bears_what_it_is_now():
    made = company()
    customer = ask(made, "billing", CreateCustomer("A-1", "Company")).body.id
    state = contract(("2026-03-01", 20))
    row = Row("C-1", CreateSubscription(customer, as_of(state, 1)), None)
    (made_of,) = ask(made, "billing", BulkLoad("one", 1, [row])).body
    prices = [sum(version.price_change_minor for version in as_of(state, number).versions) for number in (1, 2)]
    assert ask(made, "billing", BatchTotals("one")).body == Totals(1, prices[0])

    ask(made, "billing", BulkLoad("two", 1, [Row("C-1", UpdateSubscription(made_of.body.id, state), None)]))
    assert ask(made, "billing", BatchTotals("one")).body == Totals(0, 0)
    assert ask(made, "billing", BatchTotals("two")).body == Totals(1, prices[1])


# --- jobs that stop ----------------------------------------------------------------------------------


def test_a_job_that_stops_ends_well_and_has_no_result_for_what_it_did_not_come_to():
    made = company(PartialLoad(**ALWAYS, share_ppm=1_000_000))
    rows = [noted(number) for number in range(100)]
    response = ask(made, "revenue", BulkLoad("b", 1, rows))
    done = [result for result in response.body if result is not None]

    assert response.status == 200 and len(response.body) == 100
    assert 0 < len(done) < 100
    assert response.body[: len(done)] == done
    assert [one.document for one in made.revenue.billed] == [row.key for row in rows[: len(done)]]
    assert [row[4] for row in made.wire.trace.rows("notes") if row[2] == "unprocessed"] == [
        row.key for row in rows[len(done) :]
    ]


def test_so_many_jobs_stop_and_every_try_has_its_own_luck():
    fault = PartialLoad(**ALWAYS, share_ppm=300_000)
    made = company(fault)
    rows = [noted(number) for number in range(10)]
    stopped = 0
    for _ in range(400):
        stopped += None in ask(made, "revenue", BulkLoad("b", 1, rows)).body

    assert abs(fault.hits - 120) < 2.58 * (400 * 0.3 * 0.7) ** 0.5
    assert stopped == fault.hits  # a job that stops always leaves one over


def test_a_job_of_one_row_cannot_stop_part_way_and_one_of_two_does_after_the_first():
    fault = PartialLoad(**ALWAYS, share_ppm=1_000_000)
    made = company(fault)

    (only,) = ask(made, "revenue", BulkLoad("a", 1, [noted(1)])).body
    first, second = ask(made, "revenue", BulkLoad("b", 1, [noted(2), noted(3)])).body

    assert only is not None and first is not None
    assert second is None
    assert fault.hits == 1
