"""Parts of the business that a scenario asks for and that cannot act, as nothing of what they need is there."""

from collections.abc import Iterator

from scenarios.business import Business

RAMPED_MONTHS = 18
"""From which term on a contract's price can rise: it comes to two years, rounded."""


def idle(business: Business) -> Iterator[str]:
    """A remark on each such part, with what to add."""
    if business.ramp and not any(weight for months, weight in business.terms.items() if months >= RAMPED_MONTHS):
        yield "business.ramp changes nothing: no contract has a second year; give business.terms one of 24 months"
    if business.revenue_policies and not business.setup:
        yield "business.revenue_policies changes nothing: it is about set-up, and none is sold; add business.setup"
