"""The official client, over real HTTPS."""

import pytest

from tests.fakes.faces.netsuite.flow import check, quote_to_cash
from tests.fakes.faces.netsuite.world import Served, run

pytestmark = [
    # What the client calls in other libraries is deprecated there.
    pytest.mark.filterwarnings("ignore:use sign_hmac_sha256_with_client:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


@pytest.fixture
def served(tmp_path, monkeypatch):
    with Served(tmp_path, monkeypatch) as one:
        yield one


def test_a_quote_comes_to_cash(served):
    check(run(quote_to_cash(served.client())), served.erp)
