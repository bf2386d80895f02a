"""A hunt finds planted bugs, makes them small, and keeps what runs again anywhere; it goes the same way each time."""

import ast
import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from harness.agreed import agree
from harness.audit.breaks import Break
from harness.endings import FAILED, Invalid
from harness.hunting.candidates import ALL_MONTH, FEATURES, SLOW, ground
from harness.hunting.drawing import drawn, together
from harness.hunting.faults import read, write
from harness.hunting.findings import SAFE, WHOLE, Finding, of_audit
from harness.hunting.finds import write_find
from harness.hunting.kept import keep, resume
from harness.hunting.search import ROUND, Hunt, search
from harness.hunting.shrink import MENDED, Shrinking
from harness.hunting.trials import trials_run
from harness.hunting.trophy import read_token, trophy
from harness.hunting.trying import Tried, tried
from harness.hunting.tuning import tuned
from harness.sweeps.swarm import KINDS, Draws
from harness.sweeps.trial import Trial
from scenarios.load import loads
from scenarios.parts import left_out
from scenarios.resolved import dump_said
from sim.chance import Stream
from sim.durations import DAY, MINUTE
from tests.mutants import BUGS

ROOT = Path(__file__).resolve().parents[3]
LAYERS = {bug.name: bug.layer for bug in BUGS}
FOUND = (
    "key-from-the-clock", "takes-errors-for-success", "dedupes-by-contract", "inbox-in-memory", "posts-by-utc",
    "adds-before-the-call",
)  # fmt: skip
"""Bugs that come out at a lost answer, a failing system, no fault at all, two faults together, a late hour, and at a
crash after just so many effects: with fewer contracts, after fewer."""


def hunted(layer, runs, seed=0, jobs=1):
    return hunted_in(ground(layer, "two-contracts", (), seed), runs, jobs)


def hunted_in(where, runs, jobs=1):
    hunt = Hunt(where)
    with trials_run((), jobs) as attempts:
        search(hunt, attempts, lambda hunt: hunt.runs < runs)
    return hunt


def shrunk(hunt):
    found, finding = hunt.found
    with trials_run((), 1) as attempts:
        shrinking = Shrinking(found, finding, attempts, lambda what, shrinking: None)
        return shrinking.run(), shrinking.finding


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_bug_is_found_made_small_and_breaks_the_same_way_from_its_file(name):
    hunt = hunted(LAYERS[name], 400)
    small, finding = shrunk(hunt)
    bug = next(bug for bug in BUGS if bug.name == name)

    assert len(small.contracts) <= 3 and len(small.trial.faults) <= 2
    assert set(finding.kinds) <= set(bug.breaks) or finding.expectation in {SAFE, WHOLE}
    kept = trophy(small.trial, finding, ())
    text = kept.file()
    again = loads(text, "found.yaml")
    assert again.expect == {f"breaks.{kind}": ("== 0",) for kind in finding.kinds}
    assert again == kept.scenario
    said = read_token(kept.token())
    assert (said.layer, said.seed) == (kept.layer, kept.seed)
    assert loads(said.scenario, "token") == kept.scenario
    compile(kept.test(), "test_found.py", "exec")


def test_a_correct_layer_gives_no_alarm():
    hunt = hunted("event-driven", 5 * ROUND)

    assert hunt.found is None and hunt.runs == 5 * ROUND
    assert len(hunt.places) > 200 and len(hunt.corpus) > 20


def test_the_same_seed_hunts_the_same_way_on_any_number_of_processes():
    one, two = (hunted("event-driven", 4 * ROUND, jobs=jobs) for jobs in (1, 2))

    assert (one.places, one.corpus) == (two.places, two.corpus)
    assert hunted("event-driven", ROUND, seed=1).corpus != hunted("event-driven", ROUND).corpus


def test_a_hunt_that_is_stopped_within_a_round_goes_on_as_if_it_had_not_been(tmp_path):
    at_once = hunted("event-driven", 4 * ROUND)
    so_far = hunted("event-driven", 3 * ROUND + 5)
    keep(so_far, tmp_path, {})
    again = Hunt(so_far.ground)
    assert resume(again, tmp_path, {}) and again.runs == 3 * ROUND + 5
    with trials_run((), 1) as attempts:
        search(again, attempts, lambda hunt: hunt.runs < 4 * ROUND)

    assert (again.runs, again.places, again.corpus) == (at_once.runs, at_once.places, at_once.corpus)


def test_time_that_is_up_within_a_round_ends_the_hunt_there():
    for jobs in (1, 2):
        assert hunted("event-driven", 3, jobs=jobs).runs == 3


def test_what_is_said_of_a_fault_is_read_and_written_back():
    text = (
        "{kind: lost_response, system: erp, from: 2026-01-30 09:03, for: 6 h, share: 0.25, operations: [post_document]}"
    )

    assert write(read(text)) == text
    assert yaml.safe_load(write(read("{kind: outage, system: erp, silent: true}"))) == {
        "kind": "outage", "system": "erp", "silent": True,
    }  # fmt: skip


def test_smaller_faults_are_smaller():
    fault = read("{kind: brownout, system: erp, from: 2026-01-30 09:03, for: 8 min, slow: 8, fail_share: 0.5}")

    halves = [write(each) for each in fault.halved()]
    assert ["from: 2026-01-30 09:03, for: 4 min" in halves[0], "from: 2026-01-30 09:07, for: 4 min" in halves[1]] == [
        True,
        True,
    ]
    assert [each.fields["slow"] for each in fault.weaker()] == [4, 8]
    assert list(read("{kind: outage, system: erp, from: 2026-01-30 09:03, for: 1 min}").halved()) == []


def test_the_luck_of_a_trial_is_sought_in_its_ties_and_in_its_crashes():
    crash, lost = "{kind: crash, after_effect: 3, down: 1 s}", "{kind: lost_request, system: erp, nth: 1}"
    trial = Trial("event-driven", overrides=("business.contracts=2", "tie_seed=70"), faults=(lost, crash))
    others = [(other.overrides[1], other.faults[1]) for other in tuned(trial)]

    assert others == [
        *((f"tie_seed={seed}", crash) for seed in range(8)),
        *(("tie_seed=70", crash.replace("3", fewer)) for fewer in ("2", "1")),
    ]
    assert list(tuned(replace(trial, overrides=(), faults=(lost,)))) == []


def test_a_trial_that_is_no_scenario_has_been_nowhere():
    result = tried((Trial("event-driven", overrides=("business.contracts=no",)), ()))

    assert (result.findings, result.places) == ((), ())


def test_a_token_that_was_cut_is_refused():
    with pytest.raises(Invalid, match="copy the whole of it"):
        read_token("tieout1-eNpVU8uO2zAM")


def late(record="open_item", kind="wrong_period", period=5, since_us=10, cause="late_delivery", **named):
    said = {
        "system": "erp", "key": "INV-1", "amount_minor": 1, "delta_minor": 0, "expected": 5, "actual": 6,
        "detail": "INV-1", "call": "INV-1", "contract": "C-1", **named,
    }  # fmt: skip
    return Break(record=record, kind=kind, period=period, since_us=since_us, cause=cause, **said)


@pytest.mark.parametrize(
    ("found", "locked_us", "ways"),
    [
        (late(), {5: 9}, []),
        (late(cause="layer"), {5: 9}, ["wrong period: open item in erp"]),
        (late(), {5: 11}, ["wrong period: open item in erp"]),
        (late(), {}, ["wrong period: open item in erp"]),
        (late("recognition", system="revenue"), {}, []),
    ],
)
def test_a_posting_in_the_wrong_month_is_a_find_unless_it_was_held_up_until_its_own_was_closed(found, locked_us, ways):
    assert [each.way for each in of_audit(SimpleNamespace(open=[found]), due_us=0, locked_us=locked_us)] == ways


def test_revenue_that_falls_short_is_a_find_only_if_what_it_is_earned_by_is_lacking_too():
    short = late("recognition", "amount_mismatch", system="revenue", delta_minor=-1)
    contract = late("revenue_contract", "stale_amendment", system="revenue")

    assert of_audit(SimpleNamespace(open=[short]), due_us=10) == ()
    assert {each.kinds for each in of_audit(SimpleNamespace(open=[short, contract]), due_us=10)} == {
        ("amount_mismatch",), ("stale_amendment",),
    }  # fmt: skip
    assert of_audit(SimpleNamespace(open=[replace(short, delta_minor=1)]), due_us=10) != ()


def test_faults_go_over_the_months_end_where_its_close_is_later():
    months = ground("event-driven", "two-contracts", (), 0).months

    over = [month for month in months if month.until_us > month.calendar.quarter_end_us]
    assert len(over) == 3 and len(months) == 7
    assert all(month.calendar.end_us - month.until_us >= 4 * DAY for month in months)


def test_one_of_the_months_has_another_after_it_so_that_what_comes_late_meets_closed_books():
    """A layer that takes a refusal for success where books are closed is found out there."""
    all_of_it = ground("tests.harness.hunting.layers:TakesConflictsForSuccess", "two-contracts", (), 0)
    long = [month for month in all_of_it.months if month.calendar.months == 2]

    assert len(long) == 1
    assert hunted_in(replace(all_of_it, months=tuple(long)), 8 * ROUND).found is not None


def test_contracts_are_changed_and_cancelled_within_minutes_of_their_signing_where_that_is_a_feature():
    month = ground("event-driven", "two-contracts", (), 0).months[0].trial
    busy = ("business.contracts=24", *ALL_MONTH, *FEATURES["changed within minutes"])
    soon = []
    for seed in range(4):
        acts = [act for act in agree(month.with_override(*busy).loaded(), seed).truth.acts if act.contract]
        signed = {act.key: act.at_us for act in acts if act.contract.version == 1}
        second = [act for act in acts if act.contract.version == 2 and act.key in signed]
        soon += [act.contract.versions[-1].kind for act in second if act.at_us - signed[act.key] < 3 * MINUTE]

    assert soon.count("cancelled") >= 2 and soon.count("amended") >= 2


def test_every_second_candidate_of_several_faults_has_some_begin_within_the_shortest_window_of_all():
    crash = "{kind: crash, from: 2026-01-02 09:00}"
    outage = "{kind: outage, system: erp, from: 2026-01-20 09:00, for: 8 h}"
    month = ground("event-driven", "two-contracts", (), 0).months[0]
    several = [
        together([crash, outage], Draws(Stream(0, "test"), number, calendar=month.calendar, until_us=month.until_us))
        for number in range(40)
    ]
    within = [read(one).begins for one, other in several if one != crash]

    assert all(other == outage for _, other in several)
    assert 8 <= len(within) <= 24
    assert all(datetime(2026, 1, 20, 9) <= begins < datetime(2026, 1, 20, 17) for begins in within)
    assert together([crash], Draws(Stream(0, "test"))) == (crash,)


def test_a_hunt_ends_with_the_first_that_breaks_something():
    alone, on_two = (hunted(LAYERS["dedupes-by-contract"], 400, jobs=jobs) for jobs in (1, 2))

    assert alone.found is not None and alone.found == on_two.found
    assert alone.runs == on_two.runs
    assert alone.found[0].trial.what == f"candidate {alone.runs - 1}"


def test_what_is_drawn_is_a_fault_that_a_scenario_takes():
    month = ground("event-driven", "two-contracts", (), 0).months[1]
    drawn_ones = [
        drawn(kind, Draws(Stream(number, "test"), kind, calendar=month.calendar, until_us=month.until_us))
        for kind in KINDS
        for number in range(12)
    ]
    for fault in drawn_ones:
        replace(month.trial, faults=(fault,)).loaded()

    for word in ("after_effect", "nth", "share: 1,", "operations", "events", "delay: {fixed"):
        assert any(word in fault for fault in drawn_ones), word


@pytest.mark.parametrize("name", ["key-from-the-clock", "key-of-the-month"])
def test_a_find_fails_the_same_way_in_fresh_processes_from_its_file_alone(name, tmp_path):
    small, finding = shrunk(hunted(LAYERS[name], 400))
    kept = trophy(small.trial, finding, ())
    file = tmp_path / "found.yaml"
    file.write_text(kept.file(), encoding="utf-8")

    ends = []
    for hash_seed in ("1", "2"):
        elsewhere = tmp_path / hash_seed
        elsewhere.mkdir()
        words = ["run", str(file), "--layer", kept.layer, "--seed", str(kept.seed), "--json", "--quiet"]
        ended = subprocess.run(
            [sys.executable, "-m", "harness", *words], cwd=elsewhere, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"},
        )  # fmt: skip
        document = json.loads(ended.stdout)
        ends.append((ended.returncode, document["fingerprint"], str(document["breaks"])))
    assert ends[0] == ends[1]
    assert ends[0][0] == FAILED and set(finding.kinds) <= set(document["breaks"]["by_kind"])


def test_a_hunt_without_a_kind_of_fault_puts_none_of_it_in():
    without = ground("event-driven", "two-contracts", (), 0, ("poison", "crash"))
    none = ground("event-driven", "two-contracts", (), 0, tuple(KINDS))
    every = [without.fresh(number) for number in range(64)]
    every += [without.changed(number, every[:8]) for number in range(64)]

    assert not any("poison" in fault or "kind: crash" in fault for trial in every for fault in trial.faults)
    assert all(none.fresh(number).faults == () for number in range(20))
    assert all(none.changed(number, [none.fresh(0)]).faults == () for number in range(20))


REPLAYED = "replays=[{at: 2026-02-02 10:00}, {at: 2026-02-02 11:00}, {at: 2026-02-02 12:00}]"


def made_small(trial):
    """The trial of which something is found, once it is small."""
    found = tried((trial, ()))
    with trials_run((), 1) as attempts:
        return Shrinking(found, found.findings[0], attempts, lambda what, shrinking: None).run().trial


def test_a_find_keeps_no_replays_and_no_parts_that_it_does_not_need():
    more = (REPLAYED, "business.payments={}", "finance_team={persons: 1}", "business.waves=[]")
    lost = "{kind: lost_response, system: erp, share: 1, from: 2026-01-30 09:00, for: 1 h}"
    small = made_small(Trial("event-driven:idempotency=none", overrides=more, faults=(lost,))).loaded()

    assert small.replays == () and small.business.payments is None
    assert left_out(small) == ()
    said = trophy(Trial("event-driven"), FINDING, ()).file() + dump_said(small)
    assert not [word for word in ("replays", "payments", "finance_team", "compare") if f"{word}:" in said]


@pytest.mark.parametrize(
    ("bug", "fault"),
    [
        ("skips-unreadable", "{kind: schema_change, system: crm, edit: 5 h, from: 2026-01-30 08:00, for: 12 h}"),
        ("drops-on-timeout", "{kind: outage, system: erp, from: 2026-01-30 08:00, for: 30 h, silent: true}"),
    ],
)
def test_what_is_left_of_a_find_is_what_a_mended_layer_passes(bug, fault):
    large = Trial(LAYERS[bug], overrides=(REPLAYED,), faults=(fault,))
    small = made_small(large)

    assert tried((replace(large, layer=MENDED, overrides=()), ())).findings != ()  # it needs the replays
    assert tried((replace(small, layer=MENDED), ())).findings == ()
    assert small.loaded().replays == ()


def test_replays_that_carried_something_are_left_to_the_layer_without_the_mistake():
    """It may have to set the same aside: without its replay, a find would be one of every layer that does."""
    down = "{kind: outage, system: erp, from: 2026-01-30 08:00, for: 30 h, silent: true}"
    trial = Trial("event-driven:attempts=3", overrides=(REPLAYED,), faults=(down,))

    assert tried((trial, ())).replayed == (datetime(2026, 2, 2, 10),)
    assert tried((replace(trial, faults=()), ())).replayed == ()


FINDING = Finding(SAFE, "duplicate: order in erp", "duplicate in erp: C-1 is there twice", ("duplicate",))


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("my_layers:Läyer", "my-layers-l-yer-duplicate-order-in-erp"),
        ("my_layers:Слой", "my-layers-duplicate-order-in-erp"),
        ("my_layers:Layer:bug=a b", "my-layers-layer-bug-a-b-duplicate-order-in-erp"),
    ],
)
def test_a_find_has_one_name_that_a_scenario_may_have(layer, name, tmp_path):
    kept = write_find(trophy(Trial(layer), FINDING, ()), tmp_path)

    assert kept.name == loads(kept.file(), "found.yaml").name == name
    assert [file.stem for file in sorted(tmp_path.iterdir())] == [name, f"test_{name.replace('-', '_')}"]
    (function,) = ast.parse(kept.test()).body
    assert function.name == f"test_{name.replace('-', '_')}"
    commands = [shlex.split(line)[3:] for line in kept.file().splitlines() if "It fails" in line]
    assert commands == [["tieout", "run", f"{name}.yaml", "--layer", layer, "--seed", "15"]]


def test_a_find_takes_no_other_ones_place(tmp_path):
    first = trophy(Trial("m:Layer"), FINDING, ())
    names = [write_find(each, tmp_path).name for each in (first, replace(first, seed=3), first)]

    assert names == [first.name, f"{first.name}-2", first.name]
    assert len(list(tmp_path.iterdir())) == 4
    assert loads((tmp_path / f"{first.name}-2.yaml").read_text(), "found.yaml").name == f"{first.name}-2"


def test_a_test_says_no_more_than_there_is_to_say():
    kept = trophy(Trial("m:Layer"), Finding("event_lag max < 1 h", "", "seen 2 h"), (("event_lag", "max < 1 h"),))

    assert '"""event_lag max < 1 h."""' in kept.test()


def test_brownouts_of_one_system_are_not_stacked():
    slow = "{{kind: brownout, system: {}, from: 2026-01-0{} 00:00, for: 1 d, slow: 40}}"
    month = ground("event-driven", "two-contracts", (), 0)
    parents = [replace(month.months[0].trial, faults=(slow.format("erp", 1), slow.format("revenue", 2)))] * 2
    for number in range(64):
        faults = month.changed(number, parents).faults
        systems = [read(fault).fields["system"] for fault in faults if fault.startswith("{kind: brownout")]
        assert len(systems) == len(set(systems)), faults


def test_no_system_has_a_brownout_where_all_are_slow_without():
    month = ground("event-driven", "two-contracts", (), 0)
    fresh = [month.fresh(number) for number in range(400)]
    slow = [trial for trial in fresh if SLOW[0] in trial.overrides]
    changed = [month.changed(number, slow[:1]) for number in range(64)]

    assert len(slow) > 40 and any(trial.faults for trial in slow)
    assert not any("brownout" in fault for trial in (*slow, *changed) for fault in trial.faults)
    assert any("brownout" in fault for trial in fresh for fault in trial.faults)


def test_a_candidate_takes_over_no_fault_that_ends_later_than_its_own_month_lets_it():
    where = ground("event-driven", "two-contracts", (), 0)
    ends, ends_later = where.months[:2]
    late = "{kind: outage, system: erp, from: 2026-02-01 00:00, for: 1 h}"
    assert ends.until_us < ends_later.until_us
    parents = [replace(ends_later.trial, faults=(late,)), ends.trial]

    for number in range(200):
        trial = where.changed(number, parents)
        assert late not in trial.faults or trial.overrides[: len(ends.trial.overrides)] != ends.trial.overrides


def test_what_is_not_needed_goes_many_contracts_at_a_time():
    keys = tuple(f"C-{number:06}" for number in range(1, 101))
    needed = {keys[40], keys[90]}

    def attempts(trials):
        for trial in trials:
            only = [said for said in trial.overrides if said.startswith("business.only=")]
            there = tuple(key for key in keys if not only or key in only[0])
            yield Tried(trial, (FINDING,) if needed <= set(there) else (), ("somewhere",), there)

    found = Tried(Trial("m:Layer"), (FINDING,), ("somewhere",), keys)
    shrinking = Shrinking(found, FINDING, attempts, lambda what, shrinking: None)

    assert set(shrinking.run().contracts) == needed
    assert shrinking.runs < 2 * len(keys)
