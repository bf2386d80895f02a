"""Sales- and usage-based royalties for licences: revenue when used, and not before what they pay for is transferred."""

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.books.allocation import allocate
from fakes.books.progress import earned_minor
from fakes.books.rounding import Exact


@dataclass(frozen=True, slots=True)
class Royalty:
    """One obligation's part of a royalty: revenue now, and a contract liability until the obligation is satisfied."""

    revenue_minor: int
    contract_liability_minor: int


def royalty(royalty_minor: int, ssp_minor: Mapping[str, Exact], satisfied: Mapping[str, Exact]) -> dict[str, Royalty]:
    """What a royalty for usage that has happened is, by obligation: the exception for licences. ASC 606-10-55-65.

    It is allocated by relative stand-alone selling price; name one obligation alone if it relates to that alone. Each
    part is revenue as far as its obligation is satisfied, from 0 to 1 in `satisfied` and 0 if not named: the later
    of usage and satisfaction. Minor units; royalties are not estimated, nor constrained.
    """
    parts = {}
    for name, minor in allocate(royalty_minor, ssp_minor).items():
        earned = earned_minor(minor, satisfied.get(name, 0))
        parts[name] = Royalty(earned, minor - earned)
    return parts
