"""The safeguards of mistakes speak the words of `tieout layers`, and each is there against what it is named for."""

import pytest

from harness.audit.causes import LIKELY
from harness.explain.mistakes import MISTAKES
from harness.explain.safeguards import GENERIC, GROUPS, against, prevention, with_option
from harness.layers import BUILT_IN

OPTIONS = {name: option for layer in BUILT_IN.values() for name, option in layer.OPTIONS.items()}
NAMED = sorted({safeguard for mistake in MISTAKES.values() for safeguard in mistake.safeguards} | {"limiter=on"})


@pytest.mark.parametrize("safeguard", NAMED)
def test_a_safeguard_is_a_switch_with_one_of_its_values(safeguard):
    name, _, value = safeguard.partition("=")

    assert value in OPTIONS[name].choices
    assert value != OPTIONS[name].without
    assert GENERIC[name]


def test_the_groups_are_of_kinds_that_faults_can_make():
    assert LIKELY.keys() - GROUPS.keys() <= {"missing_upstream", "amount_mismatch", "wrong_customer"}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_says_what_it_amounts_to_and_what_would_have_prevented_it(mistake):
    said = prevention(mistake, "layer", {}, "mine:Layer", built_in=False)

    assert MISTAKES[mistake].words.endswith(".")
    assert said.endswith(".")
    assert said[0].isupper()


def test_what_is_doubled_by_a_webhook_is_not_what_is_doubled_by_a_retry():
    assert against("repeat_carried", "duplicate_delivery")[0] == "inbox=on"
    assert against("no_key", "lost_response")[0] == "idempotency=key"


def test_who_asked_for_too_much_is_told_to_ask_for_less():
    assert "limiter=on" in against("gave_up", "throttling")
    assert "limiter=on" not in against("gave_up", "outage")


def test_where_the_layer_did_nothing_wrong_no_safeguard_is_against_it():
    assert against("", "missing_tax_code") == ()
    assert "master data" in prevention("", "missing_tax_code", {}, "mine:Layer", built_in=False)


def test_a_safeguard_that_is_on_is_not_recommended():
    said = prevention(
        "repeat_carried", "duplicate_delivery", {"inbox": "on", "idempotency": "none"}, "point-to-point:inbox=on",
        built_in=True,
    )  # fmt: skip

    assert said.startswith("idempotency=key")
    assert said.endswith("--layer point-to-point:inbox=on,idempotency=key")


def test_a_layer_of_the_users_own_is_told_what_to_do_not_what_to_switch():
    said = prevention("no_key", "lost_response", {}, "mine:Layer", built_in=False)

    assert said.startswith("A key for each business change, the same at every attempt")


def test_an_option_replaces_the_one_that_was_given():
    assert with_option("event-driven:inbox=off,gate=none", "inbox=on") == "event-driven:gate=none,inbox=on"
