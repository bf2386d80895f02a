"""The story of a break names what did it, where it parted, and what would have prevented it."""

import pytest

from tests.harness.explain.runs import of, text, told

OWN = "tests.harness.explain.layers:"


@pytest.fixture(scope="module")
def lost():
    """Every third answer to an order is lost, under connectors that send no key."""
    fault = {"kind": "lost_response", "system": "erp", "share": 0.3, "operations": ["create_order", "post_document"]}
    return told("point-to-point", faults=[fault])


def test_a_lost_answer_doubles_an_order_and_the_story_has_both_commits(lost):
    story = of(lost, kind="duplicate", record="order")[0]
    first, second = story["commits"]

    assert first["answer"] == "it was done, and the answer was lost"
    assert second["attempt"] == first["attempt"] + 1
    assert first["event"] == second["event"]
    assert first["record"] != second["record"]
    assert f"after call {first['call']}" in second["why"]
    assert story["parted_at"] == first["at"]
    assert f"(call {first['call']}) was struck" in story["parted"]


def test_the_fault_is_named_with_its_kind_window_and_hit_on_this_very_call(lost):
    story = of(lost, kind="duplicate", record="order")[0]

    assert story["fault"] == {
        "name": "lost response of erp", "kind": "lost_response", "target": "erp",
        "window": "2026-03-01 00:00 to 2026-04-08 18:00", "at_s": story["commits"][0]["at_s"],
        "at": story["commits"][0]["at"], "where": "erp.create_order", "key": story["of"]["key"],
    }  # fmt: skip
    assert f"this very call: erp.create_order (call {story['commits'][0]['call']})" in story["cause"]
    assert story["safeguards"][0] == "idempotency=key"
    assert "--layer point-to-point:idempotency=key" in story["prevention"]


def test_an_item_posted_twice_adds_up_to_the_cent(lost):
    for story in of(lost, kind="duplicate", record="open_item"):
        once, again, total, agreed, off = (line["minor"] for line in story["arithmetic"])

        assert once == again == agreed
        assert total == once + again
        assert off == total - agreed == story["of"]["delta_minor"]


def test_a_second_webhook_is_the_second_commits_cause():
    fault = {"kind": "duplicate_delivery", "system": "billing", "share": 0.5}
    document = told("point-to-point", faults=[fault])
    stories = of(document, kind="duplicate", record="open_item")

    assert stories
    for story in stories:
        assert any("once more, with attempt 1 to billing->erp" in commit["why"] for commit in story["commits"])
        assert "was told of event" in story["parted"]
        assert story["fault"]["kind"] == "duplicate_delivery"
        assert story["safeguards"][0] == "inbox=on"


def test_the_late_answer_to_a_first_telling_is_no_second_one():
    """The source has stopped waiting for it, and told once more, when the layer tries again and is through."""
    fault = {"kind": "lost_response", "system": "revenue", "share": 0.2}
    document = told("sync-orchestration:idempotency=none", faults=[fault])
    facts = [fact for story in document["stories"] for fact in (*story["did_wrong"], *story["happened"])]

    assert any("once more" in fact and "attempt 2" in fact for fact in facts)
    assert not [fact for fact in facts if "once more" in fact and "attempt 1 " in fact]


def test_how_long_after_a_call_another_came_is_said_from_what_on(lost):
    story = of(lost, kind="duplicate", record="order")[0]
    first, second = (commit["call"] for commit in story["commits"])

    assert f"after call {first} was given up, of which it had no good answer" in story["commits"][1]["why"]
    assert any(fact.endswith(f"after call {first} was.") for fact in story["did_wrong"])
    assert f"call {second} was sent" in " ".join(story["did_wrong"])


def test_an_amendment_that_was_overtaken_shows_both_writes():
    fault = {"kind": "out_of_order", "system": "crm", "share": 1.0, "delay": {"mean": "3 min"}}
    often = {"per_contract_year": 40, "burst_share": 0.5, "burst_gap": "2 min", "gap_min": "1 min"}
    document = told("point-to-point", faults=[fault], business={"contracts": 200, "amendments": often})
    stories = [story for story in of(document, kind="stale_amendment", record="order") if "over it" in text(story)]

    assert stories
    for story in stories:
        assert "wrote an older version over the newer one" in story["parted"]
        assert story["fault"]["kind"] == "out_of_order"
        assert story["safeguards"] == ["gate=version"]
        assert any(step["parts"] and "update_order" in step["words"] for step in story["steps"])


def test_a_dropped_event_was_last_seen_in_the_layers_hands():
    fault = {"kind": "outage", "system": "billing", "from": "2026-03-10 09:00", "for": "2 d"}
    document = told("point-to-point", faults=[fault])
    story = of(document, kind="missing_downstream", record="subscription")[0]

    assert "the layer gave it up, and kept nothing of it" in story["last_seen"]
    assert "the connection was refused" in story["last_seen"]
    assert story["fault"]["name"] == "outage of billing"
    assert story["safeguards"][0] == "attempts=unlimited"
    assert story["steps"][-1]["words"].startswith("dropped")


def test_a_crash_that_forgets_is_told_where_it_struck():
    fault = {"kind": "crash", "from": "2026-04-01 06:01", "down": "5 min"}
    document = told("event-driven:journal=off", faults=[fault], business={"contracts": 600})
    story = of(document, kind="missing_downstream", record="open_item")[0]

    assert "the layer forgot it when it crashed" in story["last_seen"]
    assert story["fault"]["kind"] == "crash"
    assert story["prevention"].startswith("journal=on")
    assert [step["parts"] for step in story["steps"]].count(True) == 1


def test_a_closed_period_is_nobodys_fault():
    document = told(f"{OWN}PostsLate")
    story = of(document, kind="wrong_period", cause="period_closed")[0]

    assert story["fault"] is None
    assert f"ERP had locked {story['of']['period']} before it was posted" in story["cause"]
    assert "the period is closed" in text(story)
    assert story["arithmetic"] == [{"words": "in the wrong month", "minor": story["of"]["amount_minor"]}]


def test_a_layer_that_rounds_is_told_the_call_and_the_cents():
    document = told(f"{OWN}RoundsToDollars")
    stories = of(document, record="open_item")

    assert {story["of"]["kind"] for story in stories} >= {"amount_mismatch"}
    for story in stories:
        lines = {line["words"]: line["minor"] for line in story["arithmetic"]}
        assert lines["is"] == lines["was to be"] // 100 * 100
        assert lines["difference, is less was to be"] == lines["is"] - lines["was to be"] == story["of"]["delta_minor"]
        assert "No fault struck it: the layer's own rule did it, at erp.post_document (call " in story["cause"]
        assert story["safeguards"] == []
        assert "control totals" in story["prevention"]


def test_a_layer_that_acknowledges_and_does_nothing_is_told_so():
    document = told(f"{OWN}ForgetsInvoices")
    story = of(document, kind="missing_downstream", record="open_item")[0]

    assert "billing->erp acknowledged event" in story["last_seen"]
    assert "made no call at ERP for it" in story["last_seen"]
    assert "the layer's own rule" in story["cause"]
    assert "built-in layers call it journal=on" in story["prevention"]


def test_a_layer_that_posts_twice_of_itself_is_not_excused_by_a_fault():
    document = told(f"{OWN}PostsTwice")
    story = of(document, kind="duplicate", record="open_item")[0]

    assert story["fault"] is None
    assert "although call" in story["cause"]
    assert "had been answered" in story["cause"]


DOWN = [{"kind": "outage", "system": "erp", "from": "2026-03-31 09:00", "for": "8 h"}]
OFTEN = {"amendments": {"per_contract_year": 20, "cancel_share": 0.5, "decrease_share": 0.5}}


@pytest.mark.parametrize(
    ("layer", "faults", "mistake", "says"),
    [
        ("IgnoresCancellations", [], "type_not_carried", "No crm.contract_cancelled of the whole run led to a call"),
        ("MarksFirst", DOWN, "marked_before_it_was_done", "the layer acknowledged it and called no more"),
        ("HearsNoCredit", [], "not_subscribed", "who asked for billing.credit_memo_issued"),
        ("PostsCents", [], "wrong_amount", "It is 100 times what it was to be."),
    ],
)
def test_what_a_layer_does_wrong_is_told_from_what_it_did(layer, faults, mistake, says):
    document = told(f"{OWN}{layer}", faults=faults, business=OFTEN)
    stories = [story for story in document["stories"] if story["mistake"] == mistake]

    assert stories
    assert any(says in " ".join(story["did_wrong"]) for story in stories)
    assert len(stories) > len(document["stories"]) / 2


def test_every_break_has_a_story_and_each_says_where_it_parts(lost):
    assert lost["breaks"] == len(lost["stories"]) > 10
    for story in lost["stories"]:
        assert story["meant"]
        assert story["happened"]
        assert story["parted"]
        assert story["cause"]
        assert story["prevention"]
        assert sum(step["parts"] for step in story["steps"]) == 1, story["title"]
        instants = [step["at_s"] for step in story["steps"]]
        assert instants == sorted(instants)
        assert {step["frm"] for step in story["steps"]} <= set(story["parties"])


def test_the_same_run_tells_the_same_stories(lost):
    fault = {"kind": "lost_response", "system": "erp", "share": 0.3, "operations": ["create_order", "post_document"]}
    again = told("point-to-point", faults=[fault])

    assert again["stories"] == lost["stories"]


def test_a_contract_without_a_break_has_a_life(lost):
    document = told("event-driven", key="C-000001")
    (story,) = document["stories"]

    assert document["breaks"] == 0
    assert story["of"] is None
    assert "1 × order in ERP" in text(story)
    assert {"crm", "layer", "erp", "billing"} <= set(story["parties"])
    assert not any(step["parts"] for step in story["steps"])


def test_a_bulk_loads_rows_are_told_apart():
    document = told("managed-batch", key="C-000001")
    (story,) = document["stories"]

    assert any(step["words"].startswith("bulk_load C-000001") for step in story["steps"])


def test_cash_that_is_not_applied_follows_from_what_was_entered_otherwise():
    business = {**OFTEN, "payments": {"terms": {"5": 1}}}
    document = told(f"{OWN}EntersRefundsAsPayments", business=business)
    stories = of(document, record="payment")
    unapplied = [story for story in stories if story["of"]["kind"] == "unapplied_cash"]

    assert unapplied
    assert {story["mistake"] for story in stories} == {"wrong_sign"}
    assert all(
        story["did_wrong"][1].startswith("It follows from another break, of which the rest is told: Sign: ")
        for story in unapplied
    )


def test_of_several_erps_it_is_said_whose():
    """Each legal entity of a group has an ERP of its own, and "ERP" alone would be the first one's."""
    lossy = {"kind": "lost_response", "share": 0.3, "operations": ["create_order"]}
    group = {
        "contracts": 40,
        "entities": [{"name": "europe", "currency": "EUR", "share": 0.5, "price": 0.92}],
        "rates": {"EUR": {"2026-02": 1.08, "2026-03": 1.1}},
    }
    faults = [{**lossy, "system": "erp"}, {**lossy, "system": "erp", "entity": "europe"}]
    orders = of(told("point-to-point", faults=faults, business=group), kind="duplicate", record="order")
    whose = {(story["title"].partition(" more than once in ")[2], story["commits"][0]["operation"]) for story in orders}
    assert whose == {("ERP", "erp.create_order"), ("ERP of europe", "erp-europe.create_order")}
