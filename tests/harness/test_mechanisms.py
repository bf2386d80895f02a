"""What safeguards make of lost answers, timeouts and outages in full runs, and the laws that every run obeys.

How often things go wrong without them is measured in `harness.hypotheses`.
"""

from dataclasses import replace
from itertools import pairwise

import pytest

from harness import laws
from harness.hypotheses.extra_commits import extra_commits
from harness.hypotheses.measured import mean_of
from harness.hypotheses.postings import DOCUMENTS, journals, postings
from harness.layers import LayerChoice, choose
from harness.patterns.event_driven import EventDriven, Group
from harness.replication import replicate
from scenarios.load import load, loads
from sim.durations import DAY
from sim.errors import InvariantBroken
from sim.trace import COLUMNS, Trace

LOST_ANSWERS = (
    DOCUMENTS
    + """
faults:
  - {kind: lost_response, system: erp, share: SHARE, operations: [OPERATION]}
"""
)

# --- lost responses and blind retries (H3) -----------------------------------------------------------


@pytest.mark.parametrize("layer", ["point-to-point:idempotency=key", "process-orchestration", "event-driven"])
def test_with_keys_nothing_is_posted_twice_however_many_answers_are_lost(layer):
    scenario = loads(LOST_ANSWERS.replace("SHARE", "0.2").replace("OPERATION", "post_document"), "lost-answers")
    run = replicate(scenario, layer, 0)

    assert run.document["metrics"]["retries"] > 200
    assert postings(run).extra == 0
    assert not any(run.document["duplicates"].values())
    assert run.audit.breaks == ()


def test_lost_answers_of_one_operation_double_nothing_else():
    """Recognitions are posted to the same ledger by another operation: when its answers are lost, they alone double."""
    scenario = loads(LOST_ANSWERS.replace("SHARE", "0.2").replace("OPERATION", "post_journal"), "lost-answers")
    run = replicate(scenario, "point-to-point:attempts=3", 0)

    fates = journals(run)
    mean, variance = extra_commits(0, 0.2, 3)
    assert mean_of(fates.extra, fates.operations, variance).agrees_with(mean)
    assert postings(run).extra == 0
    assert run.document["duplicates"]["journal_entries"] == sum(run.document["duplicates"].values()) == fates.extra


# --- timeouts (H4) -----------------------------------------------------------------------------------

SLOW_ERP = (
    DOCUMENTS
    + """
systems:
  erp: {capacity: 10000, service: {median: 20 s, sigma: 0.6}, latency: {fixed: 1 ms}, limits: {}}
"""
)


def test_timeouts_make_no_duplicates_with_keys():
    scenario = loads(SLOW_ERP, "slow-erp")
    run = replicate(scenario, "point-to-point:idempotency=key,attempts=unlimited", 0)

    assert run.document["metrics"]["retries"] > 300
    assert not any(run.document["duplicates"].values())
    assert run.audit.breaks == ()


# --- an outage, and what it takes to catch up (H10) --------------------------------------------------


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven"])
def test_the_library_outage_loses_and_doubles_nothing_under_a_durable_layer(layer):
    run = replicate(load("billing-outage"), layer, 3)

    assert run.document["faults"][0]["hits"] > 100
    assert not any(run.document["missing"].values()) and not any(run.document["duplicates"].values())
    assert run.audit.open == ()
    assert all(flow["arrived"] == flow["expected"] for flow in run.document["flows"])


# --- laws of any run (§4.5) --------------------------------------------------------------------------

TROUBLED = """
name: troubled
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 3 d}
business: {contracts: 40, active_share: 2, amendments: {per_contract_year: 12}}
systems:
  erp: {capacity: 1, limits: {concurrent: 8}}
faults:
  - {kind: outage, system: billing, from: 2026-05-29 10:00, for: 6 h}
  - {kind: brownout, system: revenue, from: 2026-05-12, for: 2 d}
  - {kind: throttling, system: erp, per_minute: 20, from: 2026-05-20, for: 1 d}
  - {kind: lost_request, system: billing, share: 0.05}
  - {kind: lost_response, system: erp, share: 0.05}
  - {kind: duplicate_delivery, system: crm, share: 0.2}
  - {kind: late_delivery, system: billing, share: 0.1}
  - {kind: out_of_order, system: revenue}
"""


@pytest.fixture(scope="module")
def troubled():
    """A run that every kind of fault has struck."""
    run = replicate(loads(TROUBLED, "troubled"), "point-to-point", 0)
    assert all(fault["hits"] for fault in run.document["faults"])
    return run.simulation


def fates_of(simulation):
    """What became of the events that each subscriber was owed."""
    publishers = [system.publisher for system in simulation.company.systems.values()]
    return {one.name: one.fates() for publisher in publishers for one in publisher.subscriptions}


def check(simulation, trace=None, fates=None, entries=None):
    """Every law, on a run or on a run whose trace, fates or entries were tampered with."""
    wire = replace(simulation.wire, trace=trace or simulation.trace)
    servers = [system.server for system in simulation.company.systems.values()]
    laws.check_calls(wire, servers, simulation.calendar.end_us)
    laws.event_conservation(wire.trace, fates or fates_of(simulation))
    laws.posting_conservation(entries or simulation.company.erp.ledger.entries)


def tampered(simulation, table, change):
    """The run's trace with `change(rows)` done to one table's list of dictionaries."""
    trace = Trace()
    for name, columns in COLUMNS.items():
        names = [column.partition(":")[0] for column in columns]
        rows = [dict(zip(names, row, strict=True)) for row in simulation.trace.rows(name)]
        if name == table:
            change(rows)
        getattr(trace, name).extend(tuple(row.values()) for row in rows)
    return trace


def a_call(rows, **wanted):
    """A call in the middle of the run that was answered, or has these values."""
    wanted = wanted or {"outcome": "ok"}
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found[len(found) // 2]


def lose_a_call(rows):
    rows.remove(a_call(rows))


def double_a_call(rows):
    rows.append(dict(a_call(rows)))


def commit_before_it_leaves(rows):
    a_call(rows)["committed_us"] -= 1


def answer_before_it_is_sent(rows):
    call = a_call(rows)
    call["answered_us"] = call["sent_us"] - 1


def arrive_before_it_is_sent(rows):
    call = a_call(rows)
    call["arrived_us"] = call["sent_us"] - 1


def leave_before_it_arrives(rows):
    call = a_call(rows)
    call["left_us"] = call["committed_us"] = call["arrived_us"] - 1


def at_erp(rows):
    """The calls that entered ERP, which has one slot, each with the one before it that was still there."""
    entered = [row for row in rows if row["operation"].startswith("erp.") and row["left_us"] >= 0]
    entered.sort(key=lambda row: row["arrived_us"])
    return [(one, two) for one, two in pairwise(entered) if two["arrived_us"] < one["left_us"] - 1]


def jump_the_queue(rows):
    """A call that waited is served the moment it arrives."""
    second = next(two for _, two in at_erp(rows) if two["outcome"] == "ok")
    second["left_us"] = second["committed_us"] = second["answered_us"] = second["arrived_us"] + 1


def serve_two_at_once(rows):
    """A call stays in the one slot until after the next has left."""
    one, two = next((one, two) for one, two in at_erp(rows) if one["outcome"] == "ok")
    one["left_us"] = one["committed_us"] = one["answered_us"] = two["left_us"] + 1


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lose_a_call, "forced flow"),
        (double_a_call, "forced flow"),
        (commit_before_it_leaves, "time order"),
        (answer_before_it_is_sent, "time order"),
        (arrive_before_it_is_sent, "time order"),
        (leave_before_it_arrives, "time order"),
        (jump_the_queue, "first come, first served"),
        (serve_two_at_once, "first come, first served"),
    ],
)
def test_a_call_tampered_with_breaks_a_law(troubled, change, law):
    check(troubled)
    with pytest.raises(InvariantBroken, match=law):
        check(troubled, tampered(troubled, "calls", change))


def deliver_what_was_never_told(rows):
    rows[0]["event"] = 10**6


def lose_an_acceptance(rows):
    rows.remove(next(row for row in rows if row["outcome"] == "accepted"))


@pytest.mark.parametrize("change", [deliver_what_was_never_told, lose_an_acceptance])
def test_a_delivery_tampered_with_breaks_the_conservation_of_events(troubled, change):
    with pytest.raises(InvariantBroken, match="event conservation"):
        check(troubled, tampered(troubled, "deliveries", change))


@pytest.mark.parametrize("fate", ["emitted", "delivered", "given_up", "pending"])
def test_an_event_without_a_fate_breaks_the_conservation_of_events(troubled, fate):
    fates = fates_of(troubled)
    fates["billing->erp"][fate] += 1
    with pytest.raises(InvariantBroken, match="event conservation"):
        check(troubled, fates=fates)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_posting_off_by_a_cent_breaks_the_conservation_of_postings(troubled, place):
    entries = list(troubled.company.erp.ledger.entries)
    (account, subject, minor), *others = entries[place].postings
    entries[place] = replace(entries[place], postings=((account, subject, minor + 1), *others))
    with pytest.raises(InvariantBroken, match="posting conservation"):
        check(troubled, entries=entries)


class Forgetful(EventDriven):
    """A layer that takes a row out of the trace while it runs."""

    NAME = "forgetful"

    def start(self):
        super().start()
        self.surroundings.clock.at(10 * DAY, self.forget)

    def forget(self, _):
        calls = self.surroundings.wire.trace.calls
        row = 8 * len(calls.columns)
        del calls.data[100 * row : 101 * row]


def test_a_built_in_layer_that_forgets_an_event_is_found_out(monkeypatch):
    append = Group.append

    def forgetful(group, entry, partition):
        if entry[0].id % 50:
            append(group, entry, partition)

    monkeypatch.setattr(Group, "append", forgetful)
    with pytest.raises(InvariantBroken, match="and nobody knows why"):
        replicate(loads(TROUBLED, "troubled"), "event-driven", 0)


def test_a_run_that_breaks_a_law_is_stopped():
    choice = LayerChoice("forgetful", Forgetful, choose("event-driven").options)
    with pytest.raises(InvariantBroken, match="forced flow"):
        replicate(loads(TROUBLED, "troubled"), choice, 0)
