"""Each planted bug breaks what it must in a trial by hand; the correct layer that it is made from breaks nothing."""

import re

import pytest

from harness.audit import audit
from harness.layers import BUILT_IN, choose
from harness.replication import books_of, queued_of
from harness.strikes import struck
from harness.sweeps.crash_points import crash_points
from harness.sweeps.single_faults import lost_responses
from harness.sweeps.swarm import profiles
from harness.sweeps.trial import SMALLEST, Trial, agreed
from tests.mutants import BUGS

ERP_DOWN = "{kind: outage, system: erp, from: 2026-01-30 09:00, for: 30 min}"
REVENUE_DOWN = "{kind: outage, system: revenue, from: 2026-01-30 09:07, for: 30 min}"
SIGNED_LATE = "{kind: late_delivery, system: crm, events: [contract_signed], share: 1, delay: {fixed: 30 min}}"
UNREADABLE = "{kind: poison, system: billing, share: 0.5}"
IN_EUROS = ("business.rates={EUR: {2000-01: 1.1}}", "business.entities=[{name: eu, share: 1, currency: EUR}]")
RENAMED = ("business.customer_data={changes_per_account: 1}",)


def lost_response(system, operation, nth=1):
    return f"{{kind: lost_response, system: {system}, operations: [{operation}], nth: {nth}}}"


def amended(**how):
    """An amendment after a few minutes; `how` says what else is known of it."""
    said = {"per_contract_year": 50, "gap_min": "5 s", "burst_share": 0, "cancel_share": 0, **how}
    return (f"business.amendments={{{', '.join(f'{name}: {value}' for name, value in said.items())}}}",)


TRIALS = {
    "key-from-the-clock": ((), lost_response("billing", "create_subscription")),
    "external-id-of-the-attempt": ((), lost_response("erp", "post_document")),
    "retries-without-key": ((), lost_response("billing", "create_subscription")),
    "swallows-429": ((), "{kind: throttling, system: erp, per_minute: 1, from: 2026-01-30 09:00, for: 1 h}"),
    "takes-errors-for-success": (
        (), "{kind: brownout, system: revenue, fail_share: 0.9, from: 2026-01-30 09:00, for: 1 h}",
    ),
    # The second contract's: the first is amended, and each amendment makes up for what was lost before it.
    "drops-on-timeout": ((), lost_response("erp", "create_order", 2)),
    "takes-silence-for-success": ((), "{kind: lost_request, system: erp, operations: [post_journal], nth: 1}"),
    "retries-refusals": ((), "{kind: poison, system: crm, events: [contract_signed], share: 1}"),
    "refreshes-once": (
        (), "{kind: expired_token, system: billing, from: 2026-01-02 00:00}",
        "{kind: expired_token, system: billing, from: 2026-01-30 09:05}",
    ),
    # Half a minute after it has acknowledged the second signing.
    "acknowledges-before-commit": ((), "{kind: crash, from: 2026-01-30 09:08}"),
    "answers-before-it-is-done": ((), "{kind: outage, system: erp, from: 2026-01-30 09:07, for: 1 min}"),
    "inbox-in-memory": (
        (), "{kind: duplicate_delivery, system: billing, nth: 1, gap: {fixed: 2 d}}",
        "{kind: crash, from: 2026-01-31 09:00}",
    ),
    "commits-offset-first": ((), ERP_DOWN, "{kind: crash, from: 2026-01-30 09:20}"),
    "holds-in-memory": ((), SIGNED_LATE, "{kind: crash, from: 2026-01-30 09:25}"),
    "dedupes-by-contract": ((),),
    "ignores-early-cancellation": (amended(decrease_share=0, cancel_share=1), SIGNED_LATE),
    "in-parallel": ((), ERP_DOWN),
    "latest-timestamp-wins": ((),),
    "last-told-is-newest": ((), SIGNED_LATE),
    "takes-no-turns": ((), ERP_DOWN),
    # The contract's last amendment: the one before would be an old version by then.
    "lets-repeats-in": ((), "{kind: duplicate_delivery, system: crm, nth: 5, gap: {fixed: 1 min}}"),
    "adds-before-the-call": (
        amended(), "{kind: outage, system: erp, from: 2026-01-30 09:10, for: 30 min}",
        "{kind: crash, from: 2026-01-30 09:20}",
    ),
    "never-drains": ((), UNREADABLE),
    "skips-unreadable": ((), UNREADABLE),
    "takes-jobs-at-their-word": ((), "{kind: partial_load, system: billing, share: 1}"),
    "moves-watermark-first": (
        (), "{kind: outage, system: erp, from: 2026-01-30 11:50, for: 1 h}", "{kind: crash, from: 2026-01-30 12:30}",
    ),
    # One more than there are on a page.
    "skips-ties": (("business.contracts=3",),),
    "drops-last-of-page": ((),),
    "ignores-rejected-rows": (
        (), "{kind: expired_token, system: erp, from: 2026-01-30 11:30, for: 2 h, renewable: false}",
    ),
    "undoes-twice": ((), REVENUE_DOWN),
    "redoes-under-old-keys": ((), REVENUE_DOWN),
    "remembers-the-void": ((), REVENUE_DOWN),
    "caches-customers": (RENAMED,),
    "finds-customers-by-name": (RENAMED,),
    # The last quarter of an hour of the day in UTC, on a last business day that is the month's last.
    "posts-by-utc": (("calendar.quarter_start=2026-03-01", "calendar.business_hours=20:00-20:15"),),
    "posts-by-today": ((), "{kind: late_delivery, system: billing, share: 1, delay: {fixed: 2 d}}"),
    "closes-too-early": ((), "{kind: late_delivery, system: billing, share: 1, delay: {fixed: 2 d}}"),
    "late-credit-memo-sign": (
        (), "{kind: late_delivery, system: billing, events: [credit_memo_issued], share: 1, delay: {fixed: 1 d}}",
    ),
    "rounds-each-line": ((),),
    "counts-usage-twice": (
        ("business.usage={share: 1, included: 10, late_share: 0}",),
        "{kind: duplicate_delivery, system: billing, events: [usage_reported], share: 1}",
    ),
    "takes-first-product": ((),),
    "resubmits-whole": ((), "{kind: partial_load, system: erp, share: 1, from: 2026-01-30 00:00, for: 2 d}"),
    "key-of-the-month": ((),),
    "one-inbox-for-all": ((),),
    "drops-what-is-late": ((), SIGNED_LATE),
    "refuses-what-is-late": ((), SIGNED_LATE),
    "carries-the-last-of-a-burst": (amended(burst_share=1, burst_gap="1 s", gap_min="1 s"),),
    "home-currency": (IN_EUROS,),
    "defaults-the-currency": (IN_EUROS,),
    "ends-a-day-early": ((),),
    "zero-is-missing": (amended(decrease_share=0, cancel_share=1),),
    "clears-the-parent": (
        (
            "business.contracts=9",
            "business.customer_data={changes_per_account: 1, parent_share: 1, duplicate_share: 0}",
        ),
    ),
    "pays-the-oldest": (
        ("business.contracts=12", "business.payments={terms: {1: 1}, late_share: 0.5, late_by: {mean: 3 d}}"),
    ),
    "takes-the-renewal-for-the-answer": ((), "{kind: expired_token, system: erp, from: 2026-01-31 12:00}"),
    "answers-for-who-is-down": (
        (), "{kind: brownout, system: erp, fail_share: 0.9, from: 2026-01-30 09:00, for: 1 h}",
    ),
    "evicts-what-is-parked": ((), UNREADABLE),
}  # fmt: skip
"""A trial by hand for each: what is overridden in the smallest business, and its faults, two at the most."""


def trial(bug, layer):
    overrides, *faults = TRIALS[bug.name]
    return Trial(layer, SMALLEST, overrides=overrides, faults=tuple(faults))


def breaks(tried):
    """What is open at the end of a trial, with its causes as a run tells them."""
    simulation = tried.watched()[1]
    assert simulation is not None, tried.run().failed
    scenario = tried.loaded()
    expected = agreed(scenario, scenario.seed).expected
    found = audit(expected, books_of(simulation), queued=queued_of(simulation), struck=struck(simulation))
    assert found.unexplained == {}
    return found.open


by_name = pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])


@by_name
def test_it_breaks_what_it_must_for_the_reason_that_it_must(bug):
    found = breaks(trial(bug, bug.layer))

    assert bug.breaks[0] in {one.kind for one in found}, found
    assert any(one.kind in bug.breaks and one.cause in bug.causes for one in found), found


@by_name
def test_the_correct_layer_that_it_is_made_from_does_not_break_there(bug):
    tried = trial(bug, bug.made_from)
    outcome = tried.run()

    assert outcome.broken == (), tried.command
    assert outcome.hits >= len(tried.faults)  # nothing was spared it


@by_name
def test_it_can_be_asked_for_by_its_layer_and_says_what_its_mistake_is(bug):
    layer = choose(bug.layer).layer
    told = [line.strip() for line in layer.__doc__.strip().splitlines()]

    assert bug.name == layer.NAME
    assert layer not in BUILT_IN.values()
    assert issubclass(layer, choose(bug.made_from).layer)
    assert len(told) == 2
    assert all(line.endswith(".") for line in told)


OWN = sorted({bug.made_from for bug in BUGS if bug.made_from.startswith("tests.")})
"""Correct layers that are put together here: they have to be as correct as those that are built in."""


@pytest.mark.parametrize("layer", OWN)
def test_the_correct_layers_that_are_put_together_here_withstand_single_faults_and_many_together(layer):
    singly = [*crash_points(Trial(layer))[::7], *lost_responses(Trial(layer))[::3]]
    broken = {each.what: each.run().broken for each in singly}
    broken |= {each.what: (outcome := each.run()).unsafe + outcome.lost for each in profiles(layer, 2)}

    assert {what: lines for what, lines in broken.items() if lines} == {}


def test_there_are_many_of_them_and_each_is_another():
    assert len(BUGS) >= 22
    assert len({bug.name for bug in BUGS}) == len({bug.layer for bug in BUGS}) == len(BUGS)
    assert TRIALS.keys() == {bug.name for bug in BUGS}


def test_their_safeguards_are_switches_of_built_in_layers_or_words():
    options = {name: option for layer in BUILT_IN.values() for name, option in layer.OPTIONS.items()}

    for bug in BUGS:
        switch = re.fullmatch(r"(\w+)=(\w+)", bug.safeguard)
        if switch:
            assert switch[2] in options[switch[1]].choices, bug.name
        else:
            assert " " in bug.safeguard, bug.name


def test_no_trial_needs_more_than_two_faults():
    assert all(len(faults) <= 2 for _, *faults in TRIALS.values())
