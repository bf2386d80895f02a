"""Runs that must agree with each other, whatever each of them is."""

from dataclasses import replace

import pytest

from harness.lags import NOT_YET_US, business_events
from harness.layers import choose
from harness.oracle import expect
from harness.replication import books_of, simulated
from harness.sweeps.metamorphic import renamed, slowed, spared
from harness.sweeps.swarm import OVERRIDES, profiles
from harness.sweeps.trial import Trial, outcome_of
from scenarios.compile import calendar_of
from scenarios.workload import generate
from sim.chance import Stream, constant, exponential
from tests.sim.world import SECOND, World

LAYERS = ("point-to-point", "process-orchestration", "event-driven", "canonical-hub")


# --- a safeguard more, no duplicate more ------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "with_"),
    [
        ("point-to-point", "point-to-point:idempotency=key"),
        ("process-orchestration:idempotency=none", "process-orchestration"),
        ("event-driven:idempotency=none,inbox=off", "event-driven:inbox=off"),
        ("event-driven:inbox=off", "event-driven"),
    ],
)
def test_adding_idempotency_never_adds_duplicates(without, with_, many):
    several = many // 5
    pairs = [
        (one.run().duplicates, other.run().duplicates)
        for one, other in zip(profiles(without, several), profiles(with_, several), strict=True)
    ]

    assert all(guarded <= bare for bare, guarded in pairs), pairs
    assert with_ != "point-to-point:idempotency=key" or any(guarded < bare for bare, guarded in pairs)


# --- a fault less, no further from what was agreed --------------------------------------------------


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven", "canonical-hub"])
def test_sparing_a_correct_layer_a_fault_never_takes_it_further_from_the_oracle(layer, many):
    for trial in profiles(layer, many // 20):
        off_minor = trial.run().off_minor
        assert off_minor == 0
        assert [other.what for other in spared(trial) if other.run().off_minor > off_minor] == []


def test_sparing_a_layer_that_breaks_one_fault_each_takes_it_closer_to_the_oracle_on_the_whole(many):
    """One fault may hide another's harm, and events a few seconds apart overtake each other with no fault's help."""
    with_all = without_one = without_any = 0
    for trial in profiles("point-to-point", many // 5):
        others = [other.run().off_minor for other in spared(trial)]
        with_all += trial.run().off_minor * len(others)
        without_one += sum(others)
        without_any += replace(trial, faults=()).run().off_minor * len(others)

    assert without_any < without_one < with_all


# --- other names, the same books --------------------------------------------------------------------


def books_under(names, layer):
    """What billing and the ledger say at the end of a run whose business bears other names; and what is wrong."""
    trial = Trial(layer, overrides=OVERRIDES)
    scenario = trial.loaded()
    calendar = calendar_of(scenario)
    truth = renamed(generate(scenario, calendar, scenario.seed), names)
    simulation = simulated(scenario, choose(layer), scenario.seed, truth)
    back = {new: old for old, new in names.items()}
    books = books_of(simulation)
    billed = sorted(
        (back.get(invoice.contract, invoice.contract), line.version, line.period, line.minor)
        for invoice in books.invoices
        for line in invoice.lines
    )
    balances = {}
    for entry in books.journal:
        for account, _, minor in entry.postings:
            place = entry.period, account, back.get(entry.contract, entry.contract)
            balances[place] = balances.get(place, 0) + minor
    return outcome_of(simulation, expect(truth, calendar)).broken, billed, balances


@pytest.mark.parametrize("layer", LAYERS[1:])
def test_permuting_the_keys_of_contracts_and_accounts_changes_nothing_in_the_books(layer):
    keys = [f"C-{number:06}" for number in range(1, 13)]
    turned = dict(zip(keys, keys[5:] + keys[:5], strict=True))
    accounts = {f"A-C{number:06}": f"A-X{13 - number:06}" for number in range(1, 13)}

    plain = books_under({}, layer)
    other = books_under({**turned, **accounts}, layer)

    assert plain[0] == other[0] == ()
    assert plain[1] == other[1]
    assert plain[2] == other[2]


# --- times doubled, spans doubled -------------------------------------------------------------------


def lags_us(trial):
    simulation = trial.watched()[1]
    lags = {}
    for subject in business_events(simulation.company):
        for target, reflected_us in subject.reflected_us.items():
            assert (reflected_us < NOT_YET_US).all()
            lags[subject.subject, target] = (reflected_us - subject.committed_us).tolist()
    return lags


def test_where_everything_takes_twice_as_long_every_lag_is_twice_as_long():
    """Point-to-point takes no time of its own, and two contracts seldom wait for each other."""
    base = Trial("point-to-point", seed=16)
    one, two = lags_us(slowed(base, 1)), lags_us(slowed(base, 2))

    assert {flow: [2 * lag for lag in lags] for flow, lags in one.items()} == two
    assert sum(map(len, one.values())) > 10


@pytest.mark.parametrize("capacity", [1, 3])
def test_twice_the_load_on_a_system_twice_as_fast_halves_every_wait(capacity):
    gaps, stream = exponential(SECOND // capacity), Stream(1, "arrivals")

    def waits(speed):
        world = World(capacity=capacity, service=constant(2 * SECOND * 8 // 10 // speed))
        at_us, asked = 0, []
        for number in range(500):
            at_us += 2 * (gaps.draw(stream.word(number) >> 32) // 2 + 1)
            asked.append((at_us // speed, world.ask(at_us // speed, f"op {number}")))
        world.run(10_000 * SECOND)
        return [task.result[2] - sent_us for sent_us, task in asked]

    slow, fast = waits(1), waits(2)

    assert slow == [2 * wait for wait in fast]
    assert max(slow) > 5 * min(slow)
