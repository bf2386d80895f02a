"""The official client in virtual time, with nothing changed: NetSuite's own host names lead to the face."""

from datetime import UTC

import pytest

from fakes.faces.netsuite.face import make
from fakes.faces.wearing import Wearing
from sim.durations import SECOND
from sim.foreign.guard import Guard
from sim.foreign.internet import Internet
from tests.fakes.faces.netsuite.flow import check, quote_to_cash
from tests.fakes.faces.netsuite.world import CREDENTIALS, company, config
from tests.fakes.faces.netsuite.world import netsuite as library
from tests.fakes.samples import CALENDAR

pytestmark = [
    # What the client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


def in_virtual_time(made, work):
    """What a coroutine on the virtual loop returns, in a world where NetSuite is this company's ERP."""
    clock = made.wire.clock
    internet = Internet(clock)
    worn = Wearing(made.systems["erp"], make, clock, CALENDAR, CREDENTIALS)
    for host in worn.face.hosts:
        internet.host(host, worn.answer)
    guard = Guard(internet, CALENDAR.local(0).astimezone(UTC), 0)
    outcome = []

    async def caught():
        try:
            outcome.append(await guard.loop.outcome(work))
        except Exception as error:
            outcome.append(error)

    with guard.guarded():
        clock.spawn(caught())
        clock.run_until(clock.now + 1_000 * SECOND)
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def test_a_quote_comes_to_cash_unchanged():
    made = company()
    check(in_virtual_time(made, quote_to_cash(library.NetSuite(config()).rest_api)), made.erp)


def test_the_token_is_told_of_at_a_host_of_its_own():
    said = in_virtual_time(company(), library.NetSuite(config()).rest_api.token_info())
    assert said["companyId"] == "TIEOUT"
