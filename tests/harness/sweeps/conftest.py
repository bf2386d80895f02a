"""How much of all that could be tried is tried: a part of it in the suite, all of it with `--exhaustive`."""

import pytest


@pytest.fixture
def exhaustive(pytestconfig):
    """Whether everything is to be tried."""
    return pytestconfig.getoption("--exhaustive")


@pytest.fixture
def many(exhaustive):
    """How many profiles of random faults a layer is put through."""
    return 200 if exhaustive else 10


@pytest.fixture
def of_all(exhaustive):
    """`of_all(trials)`: those that are run of a sweep's trials, every third of them from the first to the last."""
    return lambda trials: trials if exhaustive else trials[::3]
