"""An ablation's document: which variants there are, and the differences, hits, zeros and origins told of them."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from harness.ablation import ablation, variants_of
from harness.comparison import Runs
from harness.endings import LayerError
from harness.layer import Layer, Option
from harness.layers import BUILT_IN, LayerChoice, choose
from scenarios.load import load
from tests.reports.samples import run

KINDS = [("duplicate", "journal_entry", "lost_response"), ("stale_amendment", "order", "late_delivery")]


@pytest.mark.parametrize("name", BUILT_IN)
def test_there_is_a_variant_for_each_safeguard_and_each_is_a_layer_one_can_ask_for(name):
    given = choose(name)
    variants = variants_of(given, pairs=False)

    assert [variant.names for variant in variants] == [(each,) for each in given.safeguards()]
    for variant in variants:
        (taken,) = variant.names
        assert choose(variant.layer).options == {**given.options, taken: given.layer.OPTIONS[taken].without}


def test_a_safeguard_that_is_switched_on_counts_and_one_that_is_off_does_not():
    assert choose("point-to-point").safeguards() == ("attempts",)
    assert choose("point-to-point:idempotency=key,attempts=1").safeguards() == ("idempotency",)


def test_what_was_asked_for_stays_in_a_variants_name():
    given = choose("event-driven:gate=sequence,inbox=on")

    assert given.without("inbox").text == "event-driven:gate=sequence,inbox=off"
    assert given.without("gate", "inbox").text == "event-driven:gate=none,inbox=off"


def test_a_layer_of_ones_own_has_variants_too(tmp_path, monkeypatch):
    (tmp_path / "guarded.py").write_text(
        "from harness.layer import Layer, Option\n"
        "class Guarded(Layer):\n"
        "    OPTIONS = {'lock': Option('on', ('on', 'off'), 'a lock', protects='a race', without='off')}\n"
        "    def endpoints(self): return []\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    (variant,) = variants_of(choose("guarded:Guarded"), pairs=False)

    assert variant.layer == "guarded:Guarded:lock=off"
    assert choose(variant.layer).options == {"lock": "off"}


def test_pairs_are_each_two_of_them():
    variants = variants_of(choose("process-orchestration"), pairs=True)
    single = [variant.names for variant in variants if len(variant.names) == 1]

    assert len(variants) == len(single) + len(single) * (len(single) - 1) // 2
    assert len({variant.layer for variant in variants}) == len(variants)


def test_a_layer_without_safeguards_has_nothing_to_take_away():
    class Bare(Layer):
        OPTIONS: ClassVar = {"depth": Option("3", ("3", "5"), "how deep")}

    with pytest.raises(LayerError, match="'bare' has no safeguard to take away: its options are depth;"):
        variants_of(LayerChoice("bare", Bare, {"depth": "3"}), pairs=False)


def test_an_option_that_is_taken_away_by_a_value_it_does_not_take_is_refused(tmp_path, monkeypatch):
    (tmp_path / "wrong.py").write_text(
        "from harness.layer import Layer, Option\n"
        "class Wrong(Layer):\n"
        "    OPTIONS = {'lock': Option('on', ('on', 'off'), 'a lock', protects='a race', without='of')}\n"
        "    def endpoints(self): return []\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(LayerError, match="OPTIONS\\['lock'\\]"):
        choose("wrong:Wrong")


# --- the document ------------------------------------------------------------------------------------


def finished(layer, seed, *, duplicates=0, tally=(), fingerprint=None, hits=0, writes=100):
    """A run of a layer with so many duplicates, and breaks as tallied by place in KINDS."""
    counts = dict.fromkeys(("customers", "orders", "subscriptions", "invoices", "journal_entries"), 0)
    breaks = [
        {"kind": kind, "record": record, "cause": cause, "count": number, "amount_minor": 100 * number}
        for (kind, record, cause), number in zip(KINDS, tally, strict=False)
        if number
    ]
    total = sum(tally)
    base = run("event-driven", seed)
    return base | {
        "layer": layer,
        "business_digest": str(seed),
        "fingerprint": fingerprint or f"{layer} {seed}",
        "duplicates": counts | {"journal_entries": duplicates},
        "missing": counts,
        "breaks": {
            "open_at_close": total, "amount_minor": 100 * total, "by_kind": {}, "by_cause": {}, "tally": breaks,
            "listed": [],
        },
        "faults": [{"name": "losses", "kind": "lost_response", "hits": hits}],
        "metrics": base["metrics"] | {
            "retries": 0, "amplification": 2.0, "backlog": {"peak": 1}, "durable_writes": writes,
            "durable_s": writes * 0.005,
            "manual_touches": 0, "manual_adjustments": {"count": 0}, "close_cycle": {"hours": 0},
        },
    }  # fmt: skip


def document_of(runs, *, layer="process-orchestration", pairs=False):
    """The document of runs made by hand: `runs` says of a variant's layer and a seed what it was like."""
    given = choose(layer)
    variants = [each for each in variants_of(given, pairs=pairs) if set(each.names) <= {"idempotency", "gate"}]
    documents = [
        finished(each, seed, **runs(each, seed)) for seed in (0, 1, 2) for each in (layer, *(v.layer for v in variants))
    ]
    lags_us = {(each["layer"], each["seed"]): np.arange(1.0, 5.0) for each in documents}
    found = Runs(documents, lags_us)
    return ablation(load("quarter-end-spike", (), lambda metric, text: None), given, variants, found, "tieout ablate")


def safeguard_of(document, name):
    return next(each for each in document["safeguards"] if each["name"] == name)


def test_harm_is_what_there_is_more_of_without_it_and_cost_what_there_is_more_of_with_it():
    document = document_of(
        lambda layer, seed: {"duplicates": 10 + seed, "writes": 40} if "idempotency" in layer else {"duplicates": 1}
    )
    found = safeguard_of(document, "idempotency")

    assert found["harm"]["duplicates"]["mean"] == 10
    assert found["harm"]["duplicates"]["low"] > 0
    assert found["cost"]["durable_writes"] == {"mean": 60, "low": 60, "high": 60}
    assert found["cost"]["durable_s"]["mean"] == pytest.approx(0.3)
    assert (
        document["differences"]["process-orchestration:idempotency=none vs process-orchestration"]["duplicates"]
        == (found["harm"]["duplicates"])
    )


def test_the_breaks_that_appear_are_told_by_kind_record_and_cause_the_largest_first():
    document = document_of(lambda layer, seed: {"tally": (2, 7 + seed) if "gate" in layer else (5, 1)})

    assert [
        (each["kind"], each["record"], each["cause"], each["mean"])
        for each in safeguard_of(document, "gate")["appears"]
    ] == [(*KINDS[1], 7), (*KINDS[0], -3)]
    assert safeguard_of(document, "idempotency")["appears"] == []


def test_the_most_harmful_to_lose_is_told_first():
    document = document_of(lambda layer, seed: {"tally": (9 * ("gate" in layer), 0)})

    assert [each["name"] for each in document["safeguards"]] == ["gate", "idempotency"]


def test_hits_are_those_of_the_faults_that_put_a_safeguard_to_the_test():
    document = document_of(lambda layer, seed: {"hits": 4 if layer == "process-orchestration" else 1000})

    assert safeguard_of(document, "idempotency")["hits"] == {"lost_response": 12}
    assert safeguard_of(document, "gate")["hits"] == {}


def test_runs_without_it_that_are_the_same_to_the_byte_are_told():
    document = document_of(lambda layer, seed: {"fingerprint": str(seed) if "gate" not in layer else None})

    assert safeguard_of(document, "idempotency")["identical"] is True
    assert safeguard_of(document, "gate")["identical"] is False


def test_what_never_happened_has_the_upper_bound_of_its_rate():
    document = document_of(lambda layer, seed: {"duplicates": int("gate" in layer and seed == 1)})
    changes = sum(flow["expected"] for seed in (0, 1, 2) for flow in run("event-driven", seed)["flows"])

    assert safeguard_of(document, "idempotency")["zeros"] == dict.fromkeys(
        ("duplicates", "missing", "breaks"), 3 / changes
    )
    assert "duplicates" not in safeguard_of(document, "gate")["zeros"]


def test_two_that_cover_for_each_other_do_harm_beyond_what_each_does_alone():
    document = document_of(
        lambda layer, seed: {"duplicates": (20 + seed) * ("gate" in layer and "idempotency" in layer)}, pairs=True
    )
    (found,) = document["pairs"]

    assert found["names"] == ["idempotency", "gate"]
    assert found["beyond"]["duplicates"]["mean"] == 21
    assert "each covers for the other" in found["sentence"]


def test_two_that_guard_against_the_same_do_less_together_than_each_alone_adds_up_to():
    document = document_of(
        lambda layer, seed: {"duplicates": (20 + seed) * ("gate" in layer or "idempotency" in layer)}, pairs=True
    )

    assert document["pairs"][0]["beyond"]["duplicates"]["mean"] == -21


def test_a_seed_that_a_variant_did_not_finish_does_not_count():
    given = choose("process-orchestration")
    variants = variants_of(given, pairs=False)[:1]
    layers = [given.text, variants[0].layer]
    documents = [finished(layer, seed) for seed in (0, 1) for layer in layers][:-1]
    lags_us = {(each["layer"], each["seed"]): np.arange(1.0, 5.0) for each in documents}
    scenario = load("quarter-end-spike", (), lambda metric, text: None)

    found = ablation(scenario, given, variants, replace(Runs(documents, lags_us), complete=False), "tieout ablate")

    assert found["seeds"] == 1
    assert found["complete"] is False
