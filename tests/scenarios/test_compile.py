"""What the simulation runs on is what the scenario says."""

from datetime import date

import pytest

from fakes.company import Company
from fakes.names import SYSTEMS
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.faults import KINDS
from scenarios.reach import EVENTS, OPERATIONS
from scenarios.schema import Scenario
from sim import chance, faults
from sim.access import ExpiredToken, Partition
from sim.clock import Clock
from sim.durations import DAY, HOUR, MINUTE, SECOND
from sim.event_faults import ClockSkew, Poison, SchemaChange
from sim.network import Limits, Wire
from sim.singled_out import OneDuplicateDelivery, OneLostRequest, OneLostResponse
from sim.staleness import StaleIndex
from sim.trace import Trace


def make(**fields):
    return Scenario(name="s", **fields)


def the_fault(**fields):
    (fault,) = faults_of(make(faults=[fields]))
    return fault


def test_the_calendar_has_the_public_holidays_of_its_country():
    calendar = calendar_of(make(calendar={"quarter_start": "2026-01-01", "holidays": "US"}))

    assert {date(2025, 12, 25), date(2026, 1, 1), date(2026, 1, 19)} <= set(calendar.holidays)
    assert list(calendar.holidays) == sorted(calendar.holidays)
    assert not calendar.is_business_day(date(2026, 1, 19).toordinal())


def test_the_calendar_has_no_holidays_where_none_are_wanted():
    assert calendar_of(make(calendar={"holidays": "none"})).holidays == ()


def test_the_calendar_says_what_the_file_says():
    calendar = calendar_of(make(calendar={
        "quarter_start": "2026-04-01", "months": 2, "timezone": "Europe/Berlin", "holidays": "DE",
        "business_hours": "07:30-18:00", "lead_in": "7 d", "close_business_days": 4, "revenue_runs": [2, 4],
    }))  # fmt: skip

    assert (calendar.quarter_start, calendar.months, calendar.timezone) == (date(2026, 4, 1), 2, "Europe/Berlin")
    assert (calendar.opens_minute, calendar.closes_minute) == (450, 1080)
    assert (calendar.lead_in_days, calendar.close_business_days, calendar.revenue_runs) == (7, 4, (2, 4))
    assert calendar.quarter_start_us == 7 * DAY - 1 * HOUR  # the clocks went forward on 29 March


def test_systems_are_set_up_as_the_file_says():
    setups = setups_of(make(systems={"erp": {
        "capacity": 3, "service": {"mean": "2 s"}, "latency": {"fixed": "0 s"},
        "limits": {"concurrent": 5, "per_second": 7, "burst": 2, "retry_after": "9 s"},
        "delivery": {"delay": {"low": "1 s", "high": "2 s"}, "retries": ["1 min"], "ack_timeout": "4 s"},
        "index_lag": {"mean": "3 s"},
    }}))  # fmt: skip

    assert tuple(setups) == SYSTEMS[:4], "a company that sells no services has no projects"
    erp = setups["erp"]
    assert erp.station.capacity == 3
    assert erp.station.service == chance.exponential(2 * SECOND)
    assert erp.station.latency == chance.constant(0)
    assert erp.station.limits == Limits(concurrent=5, per_second=7, burst=2, retry_after_us=9 * SECOND)
    assert erp.delivery.delay == chance.uniform(1 * SECOND, 2 * SECOND)
    assert (erp.delivery.retries_us, erp.delivery.ack_timeout_us) == ((1 * MINUTE,), 4 * SECOND)
    assert erp.index_lag == chance.exponential(3 * SECOND)


def test_systems_that_the_file_leaves_out_work_as_usual():
    crm = setups_of(make())["crm"]

    assert crm.station.service == chance.lognormal(300_000, 600)
    assert crm.station.limits == Limits()
    assert crm.delivery.retries_us[0] == 10 * SECOND


def test_a_window_is_local_time_on_the_calendar():
    calendar = {"quarter_start": "2026-03-01", "months": 1, "lead_in": "0 d"}
    (fault,) = faults_of(make(
        calendar=calendar, faults=[{"kind": "outage", "system": "erp", "from": "2026-03-09 06:30", "for": "2 h"}],
    ))  # fmt: skip

    assert fault.start_us == 8 * DAY + 6 * HOUR + 30 * MINUTE - 1 * HOUR  # the clocks went forward on 8 March
    assert fault.end_us == fault.start_us + 2 * HOUR


def test_a_fault_without_a_window_lasts_from_the_quarters_first_instant_to_the_end_of_the_run():
    scenario = make(faults=[{"kind": "lost_request", "system": "erp", "share": 0.1}])
    calendar = calendar_of(scenario)
    (fault,) = faults_of(scenario)

    assert (fault.start_us, fault.end_us) == (calendar.quarter_start_us, calendar.end_us)
    assert fault.start_us == 14 * DAY


def test_a_fault_may_leave_out_either_end():
    begins = the_fault(kind="lost_request", system="erp", share=0.1, **{"from": "2026-02-01"})
    ends = the_fault(kind="lost_request", system="erp", share=0.1, **{"for": "1 d"})

    assert begins.end_us == calendar_of(make()).end_us
    assert (ends.start_us, ends.end_us) == (14 * DAY, 15 * DAY)


WINDOW = {"from": "2026-02-02 09:00", "for": "1 h"}


@pytest.mark.parametrize(("said", "kind", "strength"), [
    ({"kind": "outage", "system": "erp", "silent": True, **WINDOW}, faults.Outage, {"silent": True}),
    ({"kind": "partition", "system": "erp", **WINDOW}, Partition, {}),
    ({"kind": "brownout", "system": "erp", "slow": 2.5, "fail_share": 0.1}, faults.Brownout,
     {"slow_percent": 250, "fail_ppm": 100_000}),
    ({"kind": "throttling", "system": "erp", "per_minute": 60, "burst": 5, "retry_after": "2 s"}, faults.Throttle,
     {"per_minute": 60, "burst": 5, "retry_after_us": 2 * SECOND}),
    ({"kind": "expired_token", "system": "erp", "renewable": False}, ExpiredToken, {"renewable": False}),
    ({"kind": "lost_request", "system": "erp", "share": 0.1}, faults.LostRequest, {"share_ppm": 100_000}),
    ({"kind": "lost_response", "system": "erp", "share": 0.1}, faults.LostResponse, {"share_ppm": 100_000}),
    ({"kind": "duplicate_delivery", "system": "crm", "share": 0.1, "gap": {"fixed": "3 s"}}, faults.DuplicateDelivery,
     {"share_ppm": 100_000, "gap": chance.constant(3 * SECOND)}),
    ({"kind": "lost_request", "system": "erp", "nth": 3}, OneLostRequest, {"nth": 3}),
    ({"kind": "lost_response", "system": "erp", "nth": 3}, OneLostResponse, {"nth": 3}),
    ({"kind": "duplicate_delivery", "system": "crm", "nth": 3, "gap": {"fixed": "3 s"}}, OneDuplicateDelivery,
     {"nth": 3, "gap": chance.constant(3 * SECOND)}),
    ({"kind": "late_delivery", "system": "crm", "share": 0.1, "delay": {"fixed": "3 s"}}, faults.LateDelivery,
     {"share_ppm": 100_000, "delay": chance.constant(3 * SECOND)}),
    ({"kind": "partial_load", "system": "erp", "share": 0.2}, faults.PartialLoad, {"share_ppm": 200_000}),
    ({"kind": "out_of_order", "system": "crm"}, faults.OutOfOrderDelivery,
     {"share_ppm": 1_000_000, "delay": chance.exponential(60 * SECOND)}),
    ({"kind": "stale_index", "system": "erp"}, StaleIndex, {}),
    ({"kind": "poison", "system": "crm", "share": 0.1}, Poison, {"share_ppm": 100_000}),
    ({"kind": "clock_skew", "system": "crm", "by": "2 s"}, ClockSkew, {"by_us": 2 * SECOND}),
    ({"kind": "clock_skew", "system": "crm", "by": "-1.5 s"}, ClockSkew, {"by_us": -1_500_000}),
    ({"kind": "schema_change", "system": "billing"}, SchemaChange,
     {"old": "total_minor", "new": "amount_minor", "edit_us": 4 * HOUR}),
    ({"kind": "schema_change", "system": "revenue", "field": "month", "to": "period", "edit": "2 d"}, SchemaChange,
     {"old": "month", "new": "period", "edit_us": 2 * DAY}),
    ({"kind": "schema_change", "system": "crm", "change": "added"}, SchemaChange,
     {"old": None, "new": "sales_channel"}),
    ({"kind": "schema_change", "system": "crm", "change": "added", "field": "region"}, SchemaChange,
     {"old": None, "new": "region"}),
])  # fmt: skip
def test_each_kind_of_fault_has_its_strength(said, kind, strength):
    fault = the_fault(**said)

    assert type(fault) is kind
    assert (fault.kind, fault.target, fault.hits) == (said["kind"], said["system"], 0)
    assert {name: getattr(fault, name) for name in strength} == strength


def test_a_fault_is_restricted_to_the_operations_or_events_it_names():
    of_calls = the_fault(kind="lost_request", system="erp", share=0.1, operations=["create_order"])
    of_events = the_fault(kind="late_delivery", system="crm", share=0.1, events=["contract_signed"])
    of_all = the_fault(kind="lost_request", system="erp", share=0.1)

    assert of_calls.concerns("create_order") and not of_calls.concerns("update_order")
    assert of_events.concerns("contract_signed") and not of_events.concerns("account_opened")
    assert of_all.only == frozenset()


def test_changes_can_be_read_at_once_and_bulk_rows_take_30_ms_unless_it_says_otherwise():
    systems = {"crm": {"change_lag": {"mean": "2 min"}}, "erp": {"bulk_row": "5 ms"}}
    changed, default = setups_of(make(systems=systems)), setups_of(make())["billing"]

    assert changed["crm"].change_lag == chance.exponential(2 * MINUTE)
    assert changed["erp"].station.row_us == 5_000
    assert (default.change_lag, default.station.row_us) == (chance.constant(0), 30_000)


def test_faults_keep_the_order_of_the_file_and_are_made_anew_for_each_run():
    scenario = make(faults=[{"kind": "lost_request", "system": name, "share": 0.1} for name in ("erp", "crm")])
    first, again = faults_of(scenario), faults_of(scenario)
    first[0].hits += 1

    assert [fault.target for fault in first] == ["erp", "crm"]
    assert again[0].hits == 0


def test_the_words_for_operations_are_those_of_the_systems():
    of_all = setups_of(make(business={"services": {}}))
    company = Company(Wire(Clock(), Trace()), calendar_of(make()), of_all, (), 0)

    assert {name: {o.word for o in system.operations.values()} for name, system in company.systems.items()} == {
        name: set(words) for name, words in OPERATIONS.items()
    }


STRENGTHS = {
    "throttling": {"per_minute": 1},
    "lost_request": {"share": 0.1},
    "lost_response": {"share": 0.1},
    "duplicate_delivery": {"share": 0.1},
    "late_delivery": {"share": 0.1},
    "poison": {"share": 0.1},
    "clock_skew": {"by": "2 s"},
    "crash": {"every": "1 d"},
    "partial_load": {"share": 0.1},
}
"""What a fault of a kind cannot do without."""


def test_the_words_for_kinds_are_those_of_the_faults():
    systems = {kind: {} if kind == "crash" else {"system": "billing"} for kind in KINDS}
    every = [{"kind": kind, **systems[kind], **WINDOW, **STRENGTHS.get(kind, {})} for kind in KINDS]

    assert tuple(fault.kind for fault in faults_of(make(faults=every))) == KINDS
    assert tuple(EVENTS) == SYSTEMS
