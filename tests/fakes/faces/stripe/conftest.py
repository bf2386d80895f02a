"""Each test of a flow runs against the face in place, and under uvicorn."""

import pytest

from tests.fakes.faces.stripe.world import World, client_of, in_place, served


@pytest.fixture
def world():
    return World()


@pytest.fixture(params=["in place", "uvicorn"])
def client(request, world):
    face = world.face()
    if request.param == "in place":
        yield in_place(face.app)
    else:
        with served(face.app) as url:
            yield client_of(url)
