"""The built-in layers, unchanged, over HTTP: the books that they leave are those that they leave without."""

from contextlib import contextmanager

import pytest

from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.faces.wearing import Wearing
from harness.layers import choose
from harness.replication import replicate
from scenarios.load import load
from tests.parity.over_http import OverHttp

FAULTS = (
    "faults=[{kind: lost_response, system: billing, share: 0.1}, {kind: lost_request, system: erp, share: 0.1},"
    " {kind: lost_response, system: revenue, share: 0.1}, {kind: duplicate_delivery, system: crm, share: 0.2}]"
)


def over_http(layer, asked):
    """The same layer, whose servers are asked over HTTP."""
    choice = choose(layer)

    class Distant(choice.layer):
        @classmethod
        @contextmanager
        def around(cls, company, surroundings):
            servers = {}
            for name, system in company.systems.items():
                face = Wearing(system, make_generic(name), company.wire.clock, company.calendar, Credentials())
                servers[name] = OverHttp(system.server, face, company.calendar, Credentials().api_key)
            surroundings.servers = servers
            asked.update(servers)
            yield

    return type(choice)(choice.text, Distant, choice.options)


def outcome(done):
    books = done.books
    return (
        done.document["truth"], done.document["duplicates"], done.document["missing"], done.document["breaks"],
        sorted((entry.reference, entry.period, entry.postings) for entry in books.journal),
        sorted((item.document, item.total_minor, item.period) for item in books.open_items),
        sorted((one.contract, one.state.version, one.void is not None) for one in books.subscriptions),
        sorted((one.contract, one.state.version) for one in books.revenue_contracts),
    )  # fmt: skip


@pytest.mark.parametrize("layer", ["point-to-point", "process-orchestration", "event-driven", "canonical-hub"])
def test_without_faults_the_books_are_the_same(layer):
    scenario, asked = load("calm-month", ["business.contracts=20"]), {}
    near, far = replicate(scenario, layer, 0), replicate(scenario, over_http(layer, asked), 0)

    assert outcome(near) == outcome(far)
    assert far.audit.breaks == () and sum(server.asked for server in asked.values()) > 100


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven"])
def test_under_faults_nothing_is_lost_or_doubled_over_http_either(layer):
    scenario = load("calm-month", ["business.contracts=20", FAULTS])
    near, far = replicate(scenario, layer, 4), replicate(scenario, over_http(layer, {}), 4)

    assert far.audit.breaks == () and len(far.simulation.wire.struck) > 20
    assert far.simulation.wire.struck == near.simulation.wire.struck  # by the core's words, calls meet the same luck
