"""What all tests share: Hypothesis judges what code does, never how long it takes."""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.parity.ways")  # a failure there says what differs

settings.register_profile("tieout", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tieout")


def pytest_addoption(parser):
    parser.addoption(
        "--profiles", type=int, default=40, help="How many profiles of random faults each correct layer is put through."
    )
