"""The trace keeps what was appended, and its fingerprint tells any two runs apart that differ in anything."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.trace import COLUMNS, Trace

ROOT = Path(__file__).parents[2]

CALL = (1, 7, "erp.post_invoice", "C-000001", 1, 10, 20, 30, 30, 40, "ok")
EVENT = (1, 0, "crm.contract_signed", "C-000001", 1, 5)
DELIVERY = (1, "event-driven", 1, 6, "accepted")
NOTE = (20, 7, "lost_response", "erp.post_invoice", "C-000001")
ROWS = {"calls": CALL, "events": EVENT, "deliveries": DELIVERY, "notes": NOTE}


def trace_of(*rows):
    """A trace of (table, row) pairs, in order."""
    trace = Trace()
    for table, row in rows:
        getattr(trace, table).append(row)
    return trace


def changed(row, place):
    value = row[place]
    return (*row[:place], value + 1 if isinstance(value, int) else value + "x", *row[place + 1 :])


# --- what was put aside ---------------------------------------------------------------------------------


def many(number):
    """A trace of so many calls, each with a key of its own, and one event."""
    trace = trace_of(("events", EVENT))
    trace.calls.extend((n, *CALL[1:3], f"C-{n:06}", *CALL[4:]) for n in range(number))
    return trace


def test_what_was_put_aside_is_read_as_before_and_takes_no_memory():
    whole, aside = many(5_000), many(5_000)
    aside.put_aside()
    assert len(aside.calls.data) == 0 < len(aside.events.data)
    for trace in (whole, aside):
        trace.calls.append(CALL)

    assert len(aside.calls) == len(whole.calls) == 5_001
    assert aside.rows("calls") == whole.rows("calls")
    assert aside.calls.column("key").tolist() == whole.calls.column("key").tolist()
    assert aside.fingerprint() == whole.fingerprint()


def test_what_cannot_be_put_aside_stays_in_memory(monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.trace.TemporaryFile", full)
    trace = many(5_000)
    trace.put_aside()

    assert len(trace.rows("calls")) == 5_000


# --- rows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_come_back_as_they_were_appended(table):
    trace = trace_of((table, ROWS[table]), (table, ROWS[table]))
    assert trace.rows(table) == [ROWS[table]] * 2
    assert [trace.rows(other) for other in COLUMNS if other != table] == [[]] * 3


def test_hot_code_packs_its_rows_itself():
    trace = Trace()
    notes, words = trace.notes, trace.words
    notes.data += notes.pack(20, 7, words["lost_response"], words["erp.post_invoice"], words["C-000001"])
    assert (trace.rows("notes"), len(notes)) == ([NOTE], 1)


def test_a_column_is_read_by_its_name_and_its_words_stay_numbers():
    trace = trace_of(("notes", NOTE), ("notes", changed(NOTE, 0)))
    assert trace.notes.column("at_us").tolist() == [20, 21]
    assert trace.notes.column("what").tolist() == [trace.words["lost_response"]] * 2


def test_a_column_that_was_read_does_not_stop_the_table_from_growing():
    trace = trace_of(("notes", NOTE))
    before = trace.notes.column("at_us")
    trace.notes.append(NOTE)
    assert (len(before), len(trace.notes)) == (1, 2)


@pytest.mark.parametrize("row", [NOTE[:-1], (*NOTE, 1), (0.5, *NOTE[1:]), (2**63, *NOTE[1:])])
def test_a_row_of_another_shape_is_refused(row):
    with pytest.raises(struct.error):
        Trace().notes.append(row)


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(max_size=5)), max_size=30))
def test_any_instant_and_any_word_survive_packing(values):
    rows = [(at_us, 0, "what", "where", word) for at_us, word in values]
    assert trace_of(*(("notes", row) for row in rows)).rows("notes") == rows


# --- fingerprint -------------------------------------------------------------------------------------


def test_equal_rows_have_equal_fingerprints():
    assert trace_of(*ROWS.items()).fingerprint() == trace_of(*ROWS.items()).fingerprint()


@pytest.mark.parametrize(("table", "place"), [(table, place) for table in COLUMNS for place in range(len(ROWS[table]))])
def test_a_change_of_any_value_of_any_row_changes_the_fingerprint(table, place):
    rows = ROWS | {table: changed(ROWS[table], place)}
    assert trace_of(*rows.items()).fingerprint() != trace_of(*ROWS.items()).fingerprint()


@pytest.mark.parametrize("table", COLUMNS)
def test_a_row_more_or_less_changes_the_fingerprint(table):
    whole = trace_of(*ROWS.items()).fingerprint()
    assert trace_of(*ROWS.items(), (table, ROWS[table])).fingerprint() != whole
    assert trace_of(*((other, row) for other, row in ROWS.items() if other != table)).fingerprint() != whole


@pytest.mark.parametrize("table", COLUMNS)
def test_the_order_of_rows_counts(table):
    first, second = (table, ROWS[table]), (table, changed(ROWS[table], 0))
    assert trace_of(first, second).fingerprint() != trace_of(second, first).fingerprint()


def test_words_that_trade_places_change_the_fingerprint():
    there = trace_of(("notes", (1, 0, "a", "b", "c")))
    back = trace_of(("notes", (1, 0, "b", "a", "c")))
    assert there.fingerprint() != back.fingerprint()


def test_a_fingerprint_can_be_asked_for_again():
    trace = trace_of(*ROWS.items())
    assert trace.fingerprint() == trace.fingerprint()
    trace.calls.append(CALL)
    assert trace.fingerprint() == trace_of(*ROWS.items(), ("calls", CALL)).fingerprint()


# --- determinism of a small world --------------------------------------------------------------------

WORLD = """
import sys
from sim.chance import Stream, exponential, lognormal
from sim.clock import Clock
from sim.faults import Brownout, LostRequest, LostResponse, Outage, Throttle, Watch
from sim.network import Limits, Response, Server, Station, Wire
from sim.trace import Trace

class Post: ...
class Find: ...

MINUTE = 60_000_000
seed = int(sys.argv[1])
wire = Wire(Clock(), Trace())
window = {"target": "erp", "start_us": 0, "end_us": 1 << 40}
both = frozenset({"post", "find"})
faults = [
    Outage(name="o", target="erp", start_us=2 * MINUTE, end_us=3 * MINUTE),
    Brownout(name="b", target="erp", start_us=4 * MINUTE, end_us=5 * MINUTE),
    Throttle(name="t", target="erp", start_us=6 * MINUTE, end_us=7 * MINUTE, per_minute=30),
    LostRequest(name="q", share_ppm=50_000, only=both, **window),
    LostResponse(name="r", share_ppm=50_000, only=frozenset({"post"}), **window),
]
server = Server(
    wire, "erp",
    serve=lambda request, key, now_us: Response(200),
    operations={Post: "post", Find: "find"},
    station=Station(
        capacity=2, service=lognormal(1_500_000, 600), latency=exponential(30_000), limits=Limits(concurrent=9)
    ),
    watch=Watch(faults),
    stream=Stream(seed, "erp"),
)

async def customer(key):
    gaps = exponential(90 * MINUTE // 10)
    await wire.clock.sleep(gaps.draw(Stream(seed, "gaps").word(key) >> 32))
    for kind in (Find, Post, Post):
        await server.send(kind(), key, None, 8_000_000)

for key in sorted({f"C-{number}" for number in range(200)}):
    wire.clock.spawn(customer(key))
wire.clock.run_until(180 * MINUTE)
assert all(fault.hits for fault in faults), faults
print(wire.trace.fingerprint(), wire.calls, wire.clock.events, [fault.hits for fault in faults])
"""


def world(seed, hash_seed):
    """What a fresh interpreter says of the world above: its fingerprint, calls, events and hits of each fault."""
    done = subprocess.run(
        [sys.executable, "-c", WORLD, str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_run_is_the_same_under_every_hash_seed():
    told = {world(1, hash_seed) for hash_seed in ("0", "1", "random")}
    assert len(told) == 1
    assert told.pop().split()[1] == "600"


def test_another_seed_is_another_run():
    assert world(1, "0").split()[0] != world(2, "0").split()[0]
