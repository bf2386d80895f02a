"""What the tests of the books write often."""

from datetime import date


def cents(whole):
    """Whole currency units in minor units."""
    return whole * 100


def day(text):
    """The ordinal of an ISO date."""
    return date.fromisoformat(text).toordinal()
