"""A resolved scenario says everything, and loads to the same scenario."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import library
from scenarios.load import load, loads
from scenarios.resolved import digest, dump
from scenarios.schema import Scenario
from sim.durations import DAY

SPANS = st.integers(min_value=1, max_value=365 * DAY).map(lambda us: f"{us} us")
SHARES = st.integers(min_value=0, max_value=1_000_000).map(lambda ppm: ppm / 1_000_000)
DISTRIBUTIONS = (
    st.fixed_dictionaries({"median": SPANS, "sigma": st.integers(0, 4000).map(lambda milli: milli / 1000)})
    | st.fixed_dictionaries({"mean": SPANS})
    | st.fixed_dictionaries({"low": st.just("0 s"), "high": SPANS})
    | st.fixed_dictionaries({"fixed": SPANS})
)
FAULTS = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("outage"), "system": st.sampled_from(["crm", "billing", "erp", "revenue", "projects"]),
         "from": st.sampled_from(["2026-01-05 13:30", "2025-12-18"]), "for": st.sampled_from(["2 h", "1.5 d", "90 s"])},
        optional={"silent": st.booleans()},
    ),
    st.fixed_dictionaries({"kind": st.just("brownout"), "system": st.just("erp"), "fail_share": SHARES},
                          optional={"slow": st.integers(100, 100_000).map(lambda percent: percent / 100)}),
    st.fixed_dictionaries({"kind": st.sampled_from(["lost_request", "lost_response"]), "system": st.just("billing"),
                           "share": SHARES}, optional={"operations": st.just(["create_customer"])}),
    st.fixed_dictionaries({"kind": st.sampled_from(["late_delivery", "out_of_order"]), "system": st.just("crm"),
                           "share": SHARES, "delay": DISTRIBUTIONS}, optional={"events": st.just(["contract_signed"])}),
)  # fmt: skip
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\u2028\u2029"), max_size=40)
SCENARIOS = st.fixed_dictionaries(
    {"name": st.just("s")},
    optional={
        "title": LINES | st.sampled_from(["no", "1e3", "010", "12:30:00", "2026-01-01", "~", "", "a: b", "# x", "="]),
        "business": st.fixed_dictionaries({}, optional={
            "contracts": st.integers(1, 1_000_000), "active_share": SHARES, "acv_median": st.integers(1, 10**6),
            "terms": st.dictionaries(st.sampled_from(["12", "24", "120"]), st.integers(1, 99), min_size=1),
        }),
        "systems": st.fixed_dictionaries({}, optional={
            "erp": st.fixed_dictionaries({}, optional={
                "service": DISTRIBUTIONS, "limits": st.fixed_dictionaries({}, optional={"per_second": st.just(5)}),
            }),
        }),
        "faults": st.lists(FAULTS, max_size=4),
        "expect": st.dictionaries(LINES.filter(bool), st.lists(LINES.filter(bool), max_size=2), max_size=2),
        "seed": st.integers(0, 2**53),
    },
)  # fmt: skip


@given(SCENARIOS)
def test_a_resolved_scenario_loads_to_the_same_scenario(fields):
    scenario = Scenario.model_validate(fields)

    assert loads(dump(scenario), "resolved.yaml") == scenario


@pytest.mark.parametrize("name", library.names())
def test_a_resolved_library_scenario_is_the_same_one(name):
    scenario = load(name)
    text = dump(scenario)

    assert loads(text, "resolved.yaml") == scenario
    assert dump(loads(text, "resolved.yaml")) == text


def test_every_default_is_spelled_out():
    text = dump(Scenario(name="s", faults=[{"kind": "lost_request", "system": "erp", "share": 0.1}]))

    for said in ("lead_in: 14 d", "acv_median: 26000", "name: lost request of erp", "ack_timeout: 10 s", "seed: 0"):
        assert said in text


def test_a_digest_is_of_what_is_said_not_of_how():
    written = loads("name: s\nbusiness: {contracts: 300, active_share: 0.50}\nsystems: {}\n", "s.yaml")
    otherwise = loads("# a story\nbusiness:\n  active_share: 0.5\n  contracts: 300\nname: s\n", "s.yaml")

    assert digest(written) == digest(otherwise)
    assert len(digest(written)) == 32


def test_a_digest_changes_with_any_field():
    assert digest(load("calm-month")) != digest(load("calm-month", ["business.amendments.gap_min=11 min"]))


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_a_digest_does_not_depend_on_the_hash_seed(hash_seed):
    program = "import scenarios.load as s, scenarios.resolved as r; print(r.digest(s.load('calm-month')))"

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )  # fmt: skip

    assert done.stdout.strip() == digest(load("calm-month"))
