"""One test body, in place and over uvicorn."""

import pytest

from tests.parity.ways import Listening, Parity


@pytest.fixture(scope="session")
def server():
    """One server for all tests of this process: a face is put behind it when it is asked."""
    with Listening() as running:
        yield running


@pytest.fixture
def parity(server):
    """`parity(make_face, make_core).each(body)`: `make_core()` gives a Standing, `body(way)` asks by `way.ask`."""

    def made(make_face, make_core, credentials=None):
        return Parity(make_face, make_core, server, credentials)

    return made
