"""Two whole companies, made small: every layer carries all they sell, and what goes wrong is known for what it is."""

from functools import cache

import pytest

from harness.layers import BUILT_IN
from harness.replication import replicate
from scenarios import library
from scenarios.load import load, loads

SIZES = {
    "services-company-quarter": (
        "business.contracts=8",
        "business.services.projects=30",
        "business.services.active=20",
        "business.services.change_orders=0.8",
    ),
    "subscription-company-quarter": ("business.contracts=60",),
}

KEEPS_ITS_PROMISES = ("process-orchestration", "event-driven", "canonical-hub", "managed-batch", "hybrid")

EVERYWHERE = """
  - {kind: lost_response, system: erp, share: 0.02}
  - {kind: lost_response, system: billing, share: 0.02}
  - {kind: lost_response, system: revenue, share: 0.02}
  - {kind: lost_request, system: billing, share: 0.02}
  - {kind: lost_request, system: revenue, share: 0.02}
  - {kind: duplicate_delivery, system: crm, share: 0.05, gap: {mean: 30 s}}
  - {kind: duplicate_delivery, system: billing, share: 0.05, gap: {mean: 30 s}}
  - {kind: late_delivery, system: crm, share: 0.05, delay: {mean: 3 h}}
  - {kind: late_delivery, system: billing, share: 0.05, delay: {mean: 3 h}}
  - {kind: out_of_order, system: crm, share: 0.1}
  - {kind: outage, system: billing, from: 2026-02-28 22:00, for: 14 h}
  - {kind: outage, system: revenue, from: 2026-03-31 14:00, for: 16 h}
"""
IN_PROJECTS = """
  - {kind: lost_response, system: projects, share: 0.02}
  - {kind: duplicate_delivery, system: projects, share: 0.05, gap: {mean: 30 s}}
  - {kind: late_delivery, system: projects, share: 0.05, delay: {mean: 3 h}}
  - {kind: out_of_order, system: projects, share: 0.2}
  - {kind: outage, system: projects, from: 2026-03-19 09:00, for: 30 h}
"""
CRASHES = """
  - {kind: crash, from: 2026-02-27 16:30, down: 20 min}
  - {kind: crash, from: 2026-03-01 03:05, down: 4 h}
"""


def with_faults(name, *faults):
    """A company of the library, made small, to which these things happen."""
    text = library.text(name).replace("expect:", f"faults:{''.join(faults)}expect:", 1)
    return loads(text, name, SIZES[name])


@cache
def faulty(name, layer, seed=1):
    """The company under all that can go wrong on the way, without a crash."""
    own = (EVERYWHERE, IN_PROJECTS) if name.startswith("services") else (EVERYWHERE,)
    return replicate(with_faults(name, *own), layer, seed)


@cache
def calm(name, layer):
    return replicate(load(name, SIZES[name]), layer, 1)


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("layer", BUILT_IN)
def test_every_layer_ties_out_where_nothing_goes_wrong(name, layer):
    found = calm(name, layer)

    assert found.audit.breaks == ()
    assert found.audit.unexplained == {}
    assert found.simulation.truth.digest() == calm(name, "point-to-point").simulation.truth.digest()
    assert all(flow["arrived"] == flow["expected"] for flow in found.document["flows"])
    assert list(found.simulation.layer.held()) == []


def test_the_companies_sell_what_they_say():
    services, subscriptions = (calm(name, "event-driven") for name in SIZES)

    assert services.document["truth"]["milestones"] > 10
    assert {"statement_of_work->projects", "work->billing", "work->revenue", "change_order->revenue"} <= {
        flow["flow"] for flow in services.document["flows"]
    }
    assert subscriptions.document["truth"]["usage_records"] > 50
    contracts = subscriptions.simulation.truth.contracts().values()
    assert any(one.ramp for one in contracts)
    sold = {deliverable.product for one in contracts for deliverable in one.deliverables}
    assert sold == {"setup", "usage"}
    measures = {
        each.measure for one in services.simulation.truth.contracts().values() for each in one.deliverables
    }  # fmt: skip
    assert measures == {"on_acceptance", "by_hours", "as_invoiced"}
    assert any(one.version > 1 for one in services.simulation.truth.contracts().values())


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("layer", BUILT_IN)
def test_whatever_goes_wrong_is_explained_to_the_cent(name, layer):
    found = faulty(name, layer)

    assert found.audit.unexplained == {}
    hits = [fault["hits"] for fault in found.document["faults"]]
    if layer in ("managed-batch", "hybrid"):
        assert any(hits)  # who reads is not told late, twice or out of order
    else:
        assert all(hits)
    assert found.simulation.truth.digest() == calm(name, layer).simulation.truth.digest()


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("layer", KEEPS_ITS_PROMISES)
@pytest.mark.parametrize("seed", [1, 2])
def test_these_layers_lose_and_double_nothing_whatever_goes_wrong_on_the_way(name, layer, seed):
    found = faulty(name, layer, seed)

    assert not any(found.document["duplicates"].values()), found.document["duplicates"]
    assert not any(found.document["missing"].values()), found.document["missing"]
    assert all(one.cause != "layer" for one in found.audit.breaks)


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("layer", KEEPS_ITS_PROMISES)
def test_nor_do_they_when_they_crash(name, layer):
    own = (EVERYWHERE, IN_PROJECTS) if name.startswith("services") else (EVERYWHERE,)
    found = replicate(with_faults(name, *own, CRASHES), layer, 1)

    assert not any(found.document["duplicates"].values()), found.document["duplicates"]
    assert not any(found.document["missing"].values()), found.document["missing"]
    assert found.audit.unexplained == {}


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("layer", ["point-to-point", "sync-orchestration"])
def test_others_break_and_it_is_known_by_what(name, layer):
    found = faulty(name, layer)

    assert found.audit.breaks
    causes = {one.cause for one in found.audit.breaks}
    assert causes <= {fault["kind"] for fault in found.document["faults"]}, [
        one.detail for one in found.audit.breaks if one.cause == "layer"
    ]


def test_work_told_twice_is_noted_and_invoiced_twice_by_whom_does_not_look():
    kinds = {(one.kind, one.record) for one in faulty("services-company-quarter", "point-to-point").audit.breaks}

    assert {("duplicate", "fulfilment"), ("duplicate", "project"), ("duplicate", "invoice")} <= kinds
