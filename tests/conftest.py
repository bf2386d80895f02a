"""What all tests share: Hypothesis judges what code does, never how long it takes."""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.parity.ways")  # a failure there says what differs

settings.register_profile("tieout", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tieout")


def pytest_addoption(parser):
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="Sweep through every crash point, single fault and telling, and 200 profiles of random faults, not 10; "
        "hold hypotheses against theory in all their cases, not in one of each.",
    )
