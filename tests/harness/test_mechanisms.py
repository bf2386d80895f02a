"""The system's failures follow from mechanism: full runs agree with the closed forms of queueing and retry theory.

Nothing in the program knows these formulas (PATTERNS-REFERENCE §2). Each test derives what to expect beside the run
and holds it to a 99 % interval; seeds are fixed, so each gives one answer for ever. Whoever changes how chance is drawn
takes new samples, of which one in a hundred falls outside: then, and only then, other seeds are in order.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist, fmean, stdev

import pytest

from fakes.agreements import Account
from harness import laws
from harness.blocks.sequencer import Sequencer
from harness.lags import NOT_YET_US, business_events
from harness.layers import LayerChoice, choose
from harness.patterns.event_driven import EventDriven, Group
from harness.replication import replicate
from harness.simulation import simulate
from harness.statistics import binomial_interval, poisson_interval, t_quantile
from harness.store import Memory
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.load import load, loads
from scenarios.truth import Act, Truth
from sim.chance import Stream, exponential
from sim.delivery import Event
from sim.durations import DAY, HOUR, MINUTE, SECOND
from sim.errors import InvariantBroken
from sim.trace import COLUMNS, Trace

SIGMAS_99 = NormalDist().inv_cdf(0.995)

AT_ONCE = "{service: {fixed: 1 ms}, latency: {fixed: 1 ms}, limits: {}, delivery: {delay: {fixed: 0 s}}}"
"""A system that does everything in no time and tells of it at once."""


def within_99(seen, expected, variance):
    """Whether what was `seen` lies within the normal 99 % interval of a sum with this mean and variance."""
    return abs(seen - expected) < SIGMAS_99 * math.sqrt(variance)


# --- lost responses and blind retries (H3) -----------------------------------------------------------

DOCUMENTS = """
name: lost-answers
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business:
  contracts: 50
  active_share: 20                  # a thousand contracts of before, each invoiced once in the month
  profile: flat
  billing: {monthly: 1}
  first_of_month_share: 0           # spread over the month
  amendments: {per_contract_year: 0}
faults:
"""

LOST_ANSWERS = (
    DOCUMENTS
    + """
  - {kind: lost_response, system: erp, share: SHARE, operations: [OPERATION]}
"""
)

LOST_BOTH_WAYS = (
    DOCUMENTS
    + """
  - {kind: lost_request, system: erp, share: 0.2, operations: [post_document]}
  - {kind: lost_response, system: erp, share: 0.1, operations: [post_document]}
"""
)


@dataclass(frozen=True)
class Fates:
    """How often each of many operations was committed: `commits` by operation, those told of but never done too."""

    commits: Counter
    false_failures: int  # given up by the layer, and committed all the same
    dropped: int

    @property
    def operations(self):
        return len(self.commits)

    @property
    def extra(self):
        return sum(max(0, count - 1) for count in self.commits.values())

    @property
    def lost(self):
        return sum(not count for count in self.commits.values())


def postings(replication):
    """The fate of posting each of billing's documents in ERP."""
    posted = Counter(item.document for item in replication.books.open_items)
    commits = Counter({invoice.id: posted[invoice.id] for invoice in replication.books.invoices})
    dropped = [key for _, _, what, where, key in replication.simulation.trace.rows("notes") if what == "dropped"]
    return Fates(commits, sum(commits[key] > 0 for key in dropped), len(dropped))


def journals(replication):
    """The fate of posting each recognition in ERP."""
    posted = Counter(entry.reference for entry in replication.books.journal if entry.source == "revenue")
    return Fates(Counter({one.id: posted[one.id] for one in replication.books.recognitions}), 0, 0)


def extra_commits(a, b, tries):
    """Mean and variance of an operation's commits beyond the first.

    A try fails uncommitted with probability `a`, committed and unheard with `b`, and is repeated up to `tries` times,
    or until it is answered (None). H3: the mean is (1 - a) (1 - fⁿ) / (1 - f) - (1 - aⁿ), with f = a + b.
    """
    going = {0: 1.0}  # commits so far -> probability that the client is still trying
    ended = Counter()
    for _ in range(tries or 400):
        after = Counter()
        for commits, share in going.items():
            ended[commits + 1] += share * (1 - a - b)
            after[commits] += share * a
            after[commits + 1] += share * b
        going = after
    ended.update(going)
    extra = {commits: max(0, commits - 1) for commits in ended}
    mean = math.fsum(share * extra[commits] for commits, share in ended.items())
    return mean, math.fsum(share * extra[commits] ** 2 for commits, share in ended.items()) - mean**2


@pytest.mark.parametrize(
    ("a", "b", "n"), [(0.01, 0.001, 3), (0.01, 0.005, 5), (0.3, 0.05, 5), (0, 0.1, 2), (0.2, 0.08, 3)]
)
def test_the_law_of_extra_commits_is_that_of_the_reference(a, b, n):
    f = a + b
    assert extra_commits(a, b, n)[0] == pytest.approx((1 - a) * (1 - f**n) / (1 - f) - (1 - a**n), rel=1e-9)
    assert extra_commits(a, b, None)[0] == pytest.approx(b / (1 - f), rel=1e-9)


@pytest.mark.parametrize("lost_share", ["0.01", "0.05", "0.2"])
@pytest.mark.parametrize(
    ("layer", "tries", "seeds"),
    [
        ("point-to-point:attempts=2", 2, (1, 2, 3)),
        ("point-to-point:attempts=5", 5, (4, 5, 6)),
        ("process-orchestration:idempotency=none", None, (7, 8, 9)),
    ],
)
def test_without_keys_postings_double_in_proportion_to_lost_answers(layer, tries, seeds, lost_share):
    """H3 with a = 0: b (1 − bⁿ⁻¹) / (1 − b) postings too many a document.

    Each layer has seeds of its own: with the same it would have the same luck.
    """
    scenario = loads(LOST_ANSWERS.replace("SHARE", lost_share).replace("OPERATION", "post_document"), "lost-answers")
    operations = extra = 0
    for seed in seeds:
        run = replicate(scenario, layer, seed)
        fates = postings(run)
        operations, extra = operations + fates.operations, extra + fates.extra
        assert fates.lost == 0
        assert run.document["duplicates"]["journal_entries"] == fates.extra  # the audit finds every one
        assert sum(run.document["duplicates"].values()) == fates.extra  # and nothing else
        assert run.document["metrics"]["unexplained"] == 0
    b = float(lost_share)
    mean, variance = extra_commits(0, b, tries)
    assert mean == pytest.approx(b * (1 - b ** ((tries or 400) - 1)) / (1 - b))
    assert within_99(extra, operations * mean, operations * variance), f"{extra} of {operations * mean:.1f}"
    assert operations > 3_000


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
    assert within_99(fates.extra, fates.operations * mean, fates.operations * variance)
    assert postings(run).extra == 0
    assert run.document["duplicates"]["journal_entries"] == sum(run.document["duplicates"].values()) == fates.extra


def test_extra_postings_losses_and_false_failures_are_as_computed():
    """H3 with requests lost as well: a = .2, b = .8 · .1, three tries."""
    a, b, n = 0.2, 0.08, 3
    f = a + b
    operations = extra = lost = false_failures = dropped = 0
    for seed in range(3):
        run = replicate(loads(LOST_BOTH_WAYS, "lost-both-ways"), f"point-to-point:attempts={n}", seed)
        fates = postings(run)
        operations, extra, lost = operations + fates.operations, extra + fates.extra, lost + fates.lost
        false_failures, dropped = false_failures + fates.false_failures, dropped + fates.dropped
        assert run.document["missing"]["journal_entries"] == fates.lost
        assert run.document["duplicates"]["journal_entries"] == fates.extra
        assert run.document["metrics"]["dead_letters"]["dropped"] == fates.dropped
    mean, variance = extra_commits(a, b, n)
    assert within_99(extra, operations * mean, operations * variance)
    assert dropped == lost + false_failures
    lost_rate = binomial_interval(lost, operations, 0.99)
    assert lost_rate.low < a**n < lost_rate.high
    false_rate = binomial_interval(false_failures, operations, 0.99)
    assert false_rate.low < f**n - a**n < false_rate.high


# --- timeouts (H4) -----------------------------------------------------------------------------------

SLOW_ERP = (
    DOCUMENTS.replace("faults:", "")
    + """
systems:
  erp: {capacity: 10000, service: {median: MEDIAN, sigma: 0.6}, latency: {fixed: 1 ms}, limits: {}}
"""
)

BROWN_ERP = (
    SLOW_ERP.replace("MEDIAN", "0.8 s")
    + """
faults:
  - {kind: brownout, system: erp, slow: SLOW, fail_share: 0}
"""
)

WRITE_TIMEOUT_S = 30


@pytest.mark.parametrize(
    ("text", "median_s", "duplicates"),
    [
        (SLOW_ERP.replace("MEDIAN", "20 s"), 20, 0.333),
        (SLOW_ERP.replace("MEDIAN", "12 s"), 12, 0.0679),
        (BROWN_ERP.replace("SLOW", "10"), 8, 0.014),
        (BROWN_ERP.replace("SLOW", "40"), 32, 1.194),
    ],
    ids=["median 20 s", "median 12 s", "ten times slower", "forty times slower"],
)
def test_a_slow_system_makes_duplicates_by_timeouts_alone(text, median_s, duplicates):
    """H4: with F the share of answers within 30 s, an entry is posted (1 − F) / F times too often, in 1 / F tries."""
    late = 1 - NormalDist().cdf(math.log((WRITE_TIMEOUT_S - 0.002) / median_s) / 0.6)
    assert late / (1 - late) == pytest.approx(duplicates, rel=0.01)
    operations = extra = tries = 0
    for seed in range(2):
        run = replicate(loads(text, "slow-erp"), "point-to-point:attempts=unlimited", seed)
        both = postings(run), journals(run)
        operations += sum(fates.operations for fates in both)
        extra += sum(fates.extra for fates in both)
        sent = [call for call in run.simulation.trace.rows("calls") if call[2].startswith("erp.post_")]
        tries += len(sent)
        assert all(call[8] >= 0 for call in sent)  # a client that gives up cancels nothing
        assert run.document["duplicates"]["journal_entries"] == sum(fates.extra for fates in both)
    mean, variance = extra_commits(0, late, None)
    assert mean == pytest.approx(late / (1 - late))
    assert within_99(extra, operations * mean, operations * variance), f"{extra} of {operations * mean:.1f}"
    assert tries == operations + extra


def test_timeouts_make_no_duplicates_with_keys():
    scenario = loads(SLOW_ERP.replace("MEDIAN", "20 s"), "slow-erp")
    run = replicate(scenario, "point-to-point:idempotency=key,attempts=unlimited", 0)

    assert run.document["metrics"]["retries"] > 300
    assert not any(run.document["duplicates"].values())
    assert run.audit.breaks == ()


# --- reordered events (H8, H9) -----------------------------------------------------------------------

REORDERED = f"""
name: reordered
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
business:
  contracts: 20
  active_share: 20
  contracts_per_account: 1
  profile: flat
  amendments:                       # each amendment is corrected once, after an exponential gap
    {{per_contract_year: 12, decrease_share: 0.3, cancel_share: 0, burst_share: 1, burst_gap: GAP s, gap_min: 1 us}}
systems: {{crm: {AT_ONCE}, billing: {AT_ONCE}, erp: {AT_ONCE}, revenue: {AT_ONCE}}}
faults:
  - {{kind: out_of_order, system: crm, share: 1, delay: {{mean: DELAY s}}}}
"""


def reordered(mean_delay_s, mean_gap_s):
    return loads(REORDERED.replace("GAP", str(mean_gap_s)).replace("DELAY", str(mean_delay_s)), "reordered")


@dataclass(frozen=True)
class Corrected:
    """A contract whose last two versions are an amendment and its correction `gap_us` later."""

    contract: str
    version: int
    gap_us: int


def corrected_contracts(truth, mean_delay_us):
    """Contracts whose last change is a correction, the change before the two being too old to arrive after them.

    Twenty mean delays: e⁻²⁰ / 2. Contracts have an odd number of versions then, as every amendment is corrected.
    """
    signed_us = {(act.contract.key, act.contract.version): act.at_us for act in truth.acts if act.contract}
    found = []
    for key, contract in truth.contracts().items():
        newest = contract.version
        if newest < 3 or not newest % 2:
            continue
        before_us, amended_us, corrected_us = (signed_us.get((key, newest - back), 0) for back in (2, 1, 0))
        if amended_us - before_us > 20 * mean_delay_us:
            found.append(Corrected(key, newest, corrected_us - amended_us))
    return found


def copies(books):
    """Each system's copy of each contract."""
    return {
        "billing": {one.contract: one for one in books.subscriptions},
        "erp": {one.contract: one for one in books.orders},
        "revenue": {one.contract: one for one in books.revenue_contracts},
    }


@pytest.mark.parametrize(("mean_delay_s", "mean_gap_s"), [(60, 60), (60, 600), (300, 100)])
@pytest.mark.parametrize("layer", ["point-to-point", "event-driven:gate=none", "process-orchestration:gate=none"])
def test_without_a_gate_the_later_amendment_is_lost_as_often_as_it_is_overtaken(layer, mean_delay_s, mean_gap_s):
    """H8: an amendment overtakes the one Δ before it with ½ e^(−Δ/m); over exponential gaps that is m / (2 (m + g)).

    The event that arrives last is written last: each layer finds a contract's record in the order of arrival, in no
    time, and writes over it. Point-to-point is told by each target's own subscription, with a delay of its own; the
    others are told once, and what one target loses all lose. Given the gaps, contracts are independent.
    """
    lost, expected, variance, pairs = 0, 0.0, 0.0, 0
    wrong = Counter()
    for seed in range(3):
        run = replicate(reordered(mean_delay_s, mean_gap_s), layer, seed)
        books = copies(run.books)
        corrected = corrected_contracts(run.simulation.truth, mean_delay_s * SECOND)
        pairs += len(corrected)
        for one in corrected:
            overtaken = math.exp(-one.gap_us / (mean_delay_s * SECOND)) / 2
            missed = [target for target in books if books[target][one.contract].state.version < one.version]
            wrong.update(missed)
            if layer == "point-to-point":
                lost, expected = lost + len(missed), expected + 3 * overtaken
                variance += 3 * overtaken * (1 - overtaken)
            else:
                assert len(missed) in {0, 3}
                lost, expected = lost + bool(missed), expected + overtaken
                variance += overtaken * (1 - overtaken)
        finals = run.simulation.truth.contracts()
        behind = sum(order.state.version < finals[key].version for key, order in books["erp"].items())
        stale = [one for one in run.audit.open if one.system == "erp" and one.kind == "stale_amendment"]
        assert len(stale) == behind  # the audit finds every one, and nothing else
    assert within_99(lost, expected, variance), f"{lost} of {expected:.1f}"
    share = mean_delay_s / (2 * (mean_delay_s + mean_gap_s))
    for target in ("billing", "erp", "revenue"):
        rate = binomial_interval(wrong[target], pairs, 0.99)
        assert rate.low < share < rate.high, target
    assert pairs > 500


@pytest.mark.parametrize("layer", ["event-driven:gate=version", "event-driven:gate=sequence", "process-orchestration"])
def test_with_a_gate_no_amendment_is_lost(layer):
    """H9: events bear the full state, so either gate leaves the newest."""
    run = replicate(reordered(60, 60), layer, 0)

    finals = run.simulation.truth.contracts()
    for target, held in copies(run.books).items():
        assert {key: copy.state for key, copy in held.items()} == finals, target
    assert run.audit.breaks == ()
    counts = run.simulation.surroundings.counts
    assert counts.held_for_order + counts.skipped_superseded > 100


def test_a_sequence_gate_costs_the_later_amendment_the_time_its_predecessor_is_late():
    """H9: (X₁ − X₂ − Δ)⁺ in the mean, m² / (2 (m + g)); and just that, but for the few milliseconds of the work."""
    m = g = 60
    waits = []
    for seed in range(3):
        run = replicate(reordered(m, g), "event-driven:gate=sequence", seed)
        trace = run.simulation.trace
        told = {event: (key, version) for event, _, _, key, version, _ in trace.rows("events")}
        arrived = {told[event]: at_us for event, name, _, at_us, _ in trace.rows("deliveries") if name == "crm->log"}
        orders = copies(run.books)["erp"]
        for one in corrected_contracts(run.simulation.truth, m * SECOND):
            first, second = (arrived[one.contract, one.version - back] for back in (1, 0))
            waited_us = orders[one.contract].applied[one.version] - second
            assert waited_us == pytest.approx(max(0, first - second), abs=200_000)
            waits.append(waited_us / SECOND)
    expected = m**2 / (2 * (m + g))
    assert expected == 15
    variance = 2 * m**2 * m / (2 * (m + g)) - expected**2  # late with m / (2 (m + g)), and then exponentially
    assert within_99(math.fsum(waits), len(waits) * expected, len(waits) * variance), fmean(waits)


# --- deltas at a gate (H9) ---------------------------------------------------------------------------


def arrivals(pairs, versions, mean_delay_us, mean_gap_us, seed=1):
    """`pairs` keys with `versions` events each, told at exponential gaps, as (instant, event) in order of arrival."""
    chance = Stream(seed, "reordering")
    delays, gaps = exponential(mean_delay_us), exponential(mean_gap_us) if mean_gap_us else None
    told = []
    for number in range(pairs):
        sent_us = 0
        for version in range(1, versions + 1):
            arrives_us = sent_us + delays.draw(chance.word(number, version) >> 32)
            delta = Event(len(told) + 1, "crm", "delta", f"K-{number}", version, sent_us, 10**version)
            told.append((arrives_us, delta))
            sent_us += gaps.draw(chance.word(number, version, "gap") >> 32) if gaps else 0
    return sorted(told, key=lambda one: (one[0], one[1].id))


def work_off(kind, told):
    """A consumer behind a gate: what it applied, in order, as (instant, event), and the events it dropped."""
    store = Memory()
    gate = Sequencer(kind, store)
    applied, dropped = [], []
    for at_us, arrived in told:
        event = arrived
        while event is not None:
            verdict = gate.judge(event)
            if verdict == "carry":
                store.put(*gate.passing(event))
                applied.append((at_us, event))
            elif verdict == "hold":
                store.put(gate.holding(event))
            elif verdict == "drop":
                dropped.append(event)
            event = gate.next_after(event) if verdict == "carry" else None
    assert not gate.held()
    return applied, dropped


def late(told):
    """The events that arrive after a later version of their key."""
    newest, found = Counter(), []
    for _, event in told:
        if event.version < newest[event.key]:
            found.append(event)
        newest[event.key] = max(newest[event.key], event.version)
    return found


@pytest.mark.parametrize(("m", "g"), [(60, 60), (60, 3_600), (300, 60)])
def test_a_version_gate_loses_just_the_late_deltas(m, g):
    """H9: it is right for states and wrong for changes, of which it drops m / (2 (m + g))."""
    pairs = 20_000
    told = arrivals(pairs, 2, m * SECOND, g * SECOND)
    applied, dropped = work_off("version", told)

    assert dropped == late(told)
    share = binomial_interval(len(dropped), pairs, 0.99)
    assert share.low < m / (2 * (m + g)) < share.high
    sums = Counter()
    for _, event in applied:
        sums[event.key] += event.body
    assert Counter(sums.values()) == {110: pairs - len(dropped), 100: len(dropped)}


@pytest.mark.parametrize(("m", "g"), [(60, 60), (60, 3_600), (300, 60)])
def test_a_sequence_gate_loses_no_delta_and_waits(m, g):
    """H9: the successor waits m² / (2 (m + g)) on average, 15 s where m = g = 60 s."""
    pairs = 20_000
    told = arrivals(pairs, 2, m * SECOND, g * SECOND)
    applied, dropped = work_off("sequence", told)

    assert dropped == []
    assert len(applied) == 2 * pairs
    order = Counter()
    for _, event in applied:
        assert event.version == order[event.key] + 1
        order[event.key] = event.version
    arrived = {event.id: at_us for at_us, event in told}
    waited_s = math.fsum(at_us - arrived[event.id] for at_us, event in applied) / SECOND
    expected = m**2 / (2 * (m + g))
    assert within_99(waited_s, pairs * expected, pairs * (m**3 / (m + g) - expected**2))


@pytest.mark.parametrize("versions", [2, 3, 5])
def test_of_simultaneous_versions_the_newest_comes_last_in_one_case_of_so_many(versions):
    """H8: k versions at once, with equal delays by luck, leave the wrong one with 1 − 1/k where there is no gate."""
    keys = 10_000
    applied, _ = work_off("none", arrivals(keys, versions, MINUTE, 0))
    final = {event.key: event.version for _, event in applied}
    wrong = binomial_interval(sum(version < versions for version in final.values()), keys, 0.99)
    assert wrong.low < 1 - 1 / versions < wrong.high


# --- an outage, and what it takes to catch up (H10) --------------------------------------------------

OUTAGE = f"""
name: outage
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm: {AT_ONCE}
  erp: {AT_ONCE}
  revenue: {AT_ONCE}
  billing: {{capacity: 1, service: {{fixed: 2 s}}, latency: {{fixed: 1 ms}}, limits: {{}}}}
faults:
  - {{kind: outage, system: billing, from: 2026-05-01 01:00, for: 20 min}}
"""

DOWN_US, UP_US = HOUR, HOUR + 20 * MINUTE
OUTAGE_S, SERVICE_S = 1_200, 2


@dataclass(frozen=True)
class Recovery:
    """What an outage did to the accounts opened around it: `delays_s` of those it touched, up to the empty queue."""

    lost: int
    doubled: int
    opened_in_outage: int
    back_to_work_s: float  # from the outage's end to the first service begun
    drain_s: float  # from there to the empty queue
    delays_s: list

    @property
    def down_s(self):
        """How long billing did no work."""
        return OUTAGE_S + self.back_to_work_s


def survive_an_outage(layer, load, seed):
    """Accounts opened by a Poisson process, each one call of billing, at `load` of its one slot; billing goes down."""
    scenario = loads(OUTAGE, "outage")
    chance, gaps = Stream(seed, "arrivals"), exponential(round(SERVICE_S * SECOND / load))
    acts, at_us = [], 0
    while at_us < UP_US + 3 * OUTAGE_S * SECOND / (1 - load):
        at_us += gaps.draw(chance.word(len(acts)) >> 32)
        acts.append(Act(at_us, account=Account(f"A-{len(acts)}", "Company")))
    run = simulate(
        calendar=calendar_of(scenario),
        truth=Truth((), (), tuple(acts)),
        setups=setups_of(scenario),
        faults=faults_of(scenario),
        choice=choose(layer),
        seed=seed,
    )
    laws.check_calls(run.wire, [system.server for system in run.company.systems.values()], run.calendar.end_us)
    (accounts,) = (events for events in business_events(run.company) if events.subject == "account")
    opened_us, billed_us = accounts.committed_us, accounts.reflected_us["billing"]
    lost = int((billed_us == NOT_YET_US).sum())
    served_us = sorted(int(us) for us in billed_us if us < NOT_YET_US)
    drained_us = UP_US
    if not lost:  # the queue is empty when as many have been served as were opened until then
        waiting = zip(served_us, opened_us.searchsorted(served_us, side="right").tolist(), strict=True)
        drained_us = next(us for done, (us, told) in enumerate(waiting, start=1) if us >= UP_US and told == done)
    touched = (opened_us >= DOWN_US) & (opened_us < drained_us)
    back_us = next(us for us in served_us if us > UP_US) - round(SERVICE_S * SECOND)
    return Recovery(
        lost=lost,
        doubled=len(run.company.billing.customers.all) - len(served_us),
        opened_in_outage=int(((opened_us >= DOWN_US) & (opened_us < UP_US)).sum()),
        back_to_work_s=(back_us - UP_US) / SECOND,
        drain_s=(drained_us - back_us) / SECOND,
        delays_s=((billed_us - opened_us)[touched] / SECOND).tolist(),
    )


@pytest.mark.parametrize(
    ("layer", "load"),
    [
        ("event-driven", 0.5),
        ("event-driven", 0.8),
        ("process-orchestration", 0.5),
        ("process-orchestration", 0.7),
    ],
)
def test_a_durable_layer_loses_nothing_in_an_outage_and_drains_as_theory_says(layer, load):
    """H10: those it touches wait half the outage on average whatever the load, and it takes D ρ / (1 − ρ) to catch up.

    D lasts to the first call served, a retry's wait after the outage. The drain from there is the busy period of a
    queue with fixed services s that begins with the work of a Poisson number: its variance is ρ D s / (1 − ρ)³. To
    the mean wait of D / 2 comes the event's own service, and the queue that would have been there without an outage,
    for which a fluid has no word: ρ s / 2 + ρ² s / (2 (1 − ρ)).
    """
    runs = [survive_an_outage(layer, load, seed) for seed in range(8)]
    assert all(run.lost == run.doubled == 0 for run in runs)
    assert all(run.opened_in_outage > 200 for run in runs)
    assert all(-0.1 < run.back_to_work_s < 100 for run in runs)  # 100 s is the policy's longest wait

    drain_s = fmean(run.drain_s for run in runs)
    expected_s = fmean(run.down_s * load / (1 - load) for run in runs)
    variance = load * OUTAGE_S * SERVICE_S / (1 - load) ** 3 / len(runs)
    assert within_99(drain_s, expected_s, variance), f"{drain_s:.0f} s, not {expected_s:.0f} s"

    waits_s = [fmean(run.delays_s) for run in runs]
    queue_s = load * SERVICE_S / 2 + load**2 * SERVICE_S / (2 * (1 - load))
    half_s = fmean(run.down_s for run in runs) / 2 + SERVICE_S + queue_s
    off_s = t_quantile(0.995, len(runs) - 1) * stdev(waits_s) / math.sqrt(len(runs))
    assert abs(fmean(waits_s) - half_s) < off_s, f"{fmean(waits_s):.0f} s, not {half_s:.0f} s"
    assert off_s < 0.1 * half_s


@pytest.mark.parametrize("load", [0.2, 0.5])
def test_a_layer_that_gives_up_loses_what_an_outage_outlasts(load):
    """Five tries span 7.5 s on average, half of 1 + 2 + 4 + 8 s: all that was opened until so long before the end is
    lost, λ (D − 7.5 s) of it."""
    runs = [survive_an_outage("point-to-point", load, seed) for seed in range(4)]

    lost = poisson_interval(sum(run.lost for run in runs), 0.99)
    assert lost.low < len(runs) * load / SERVICE_S * (OUTAGE_S - 7.5) < lost.high
    assert all(run.doubled == 0 for run in runs)


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
    first, *others = entries[place].postings
    entries[place] = replace(entries[place], postings=(first._replace(minor=first.minor + 1), *others))
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

    def forgetful(group, offset, event, **more):
        if event.id % 50:
            append(group, offset, event, **more)

    monkeypatch.setattr(Group, "append", forgetful)
    with pytest.raises(InvariantBroken, match="and nobody knows why"):
        replicate(loads(TROUBLED, "troubled"), "event-driven", 0)


def test_a_run_that_breaks_a_law_is_stopped():
    choice = LayerChoice("forgetful", Forgetful, choose("event-driven").options)
    with pytest.raises(InvariantBroken, match="forced flow"):
        replicate(loads(TROUBLED, "troubled"), choice, 0)
