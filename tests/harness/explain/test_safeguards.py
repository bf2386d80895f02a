"""The table of safeguards speaks the words of `tieout layers`, and each is there against what it is named for."""

import pytest

from harness.audit.causes import LIKELY
from harness.explain.safeguards import GENERIC, GROUPS, LOST_AT, TABLE, against, prevention, with_option
from harness.switches import SWITCHES

NAMED = sorted({safeguard for several in (*TABLE.values(), *LOST_AT.values()) for safeguard in several})


@pytest.mark.parametrize("safeguard", NAMED)
def test_a_safeguard_is_a_switch_with_one_of_its_values(safeguard):
    name, _, value = safeguard.partition("=")

    assert value in SWITCHES[name].choices
    assert value != SWITCHES[name].without
    assert GENERIC[name]


def test_the_groups_are_of_kinds_that_faults_can_make():
    assert LIKELY.keys() - GROUPS.keys() <= {"missing_upstream", "amount_mismatch", "wrong_customer"}


def test_what_is_doubled_by_a_webhook_is_not_what_is_doubled_by_a_retry():
    assert against("duplicate", "duplicate_delivery")[0] == "inbox=on"
    assert against("duplicate", "lost_response")[0] == "idempotency=key"


def test_an_amendment_that_never_came_is_a_loss_and_one_overtaken_is_not():
    assert against("stale_amendment", "outage") == against("missing_downstream", "outage")
    assert against("stale_amendment", "layer", overtaken=True) == ("gate=version",)


def test_a_safeguard_that_is_on_is_not_recommended():
    said = prevention(
        "duplicate", "duplicate_delivery", ("inbox=on", "idempotency=key"), {"inbox": "on", "idempotency": "none"},
        "point-to-point:inbox=on", built_in=True,
    )  # fmt: skip

    assert said.startswith("idempotency=key")
    assert said.endswith("--layer point-to-point:inbox=on,idempotency=key")


def test_a_layer_of_the_users_own_is_told_what_to_do_not_what_to_switch():
    said = prevention("duplicate", "lost_response", ("idempotency=key",), {}, "mine:Layer", built_in=False)

    assert said.startswith("A key for each business change, the same at every attempt")


def test_an_option_replaces_the_one_that_was_given():
    assert with_option("event-driven:inbox=off,gate=none", "inbox=on") == "event-driven:gate=none,inbox=on"
