"""Fixtures: the face, and the face with a sale behind it."""

import pytest

from tests.fakes.faces.netsuite import asked as asking


@pytest.fixture
def asked():
    return asking.Asked()


@pytest.fixture
def sold(asked):
    """A customer, an item, an order and its invoice; their ids."""
    return asking.sold(asked)
