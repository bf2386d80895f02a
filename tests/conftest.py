"""What all tests share: Hypothesis judges what code does, never how long it takes."""

from hypothesis import HealthCheck, settings

settings.register_profile("tieout", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tieout")
