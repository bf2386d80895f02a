"""Sales- and usage-based royalties for licences: revenue when used, and not before what they pay for is transferred."""

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.books.allocation import allocate
from fakes.books.progress import earned_minor
from fakes.books.rounding import Exact
from fakes.books.splitting import Split, largest_remainder


@dataclass(frozen=True, slots=True)
class Royalty:
    """One obligation's part of a royalty: revenue now, and a contract liability until the obligation is satisfied."""

    revenue_minor: int
    contract_liability_minor: int


def royalty(
    royalty_minor: int,
    ssp_minor: Mapping[str, Exact],
    satisfied: Mapping[str, Exact],
    *,
    split: Split = largest_remainder,
) -> dict[str, Royalty]:
    """What a royalty for usage that has happened is, by obligation: the exception for licences. ASC 606-10-55-65.

    It is allocated by relative stand-alone selling price; name one obligation alone if it relates to that alone. Each
    part is revenue as far as its obligation is satisfied, from 0 to 1 in `satisfied` and 0 if not named: the later
    of usage and satisfaction. Minor units; royalties are not estimated, nor constrained. Raises ValueError if something
    is satisfied that is not in `ssp_minor`.

    A royalty is split by itself, to whole units. Of many, hand in the sum to date, and take the difference to that of
    before: else what rounding leaves goes to the same obligation each time.

    >>> ssp, satisfied = {"X": 1, "Y": 1}, {"X": 1, "Y": 1}
    >>> [royalty(1, ssp, satisfied)["X"].revenue_minor for month in range(3)]
    [1, 1, 1]
    >>> [royalty(to_date, ssp, satisfied)["X"].revenue_minor for to_date in (1, 2, 3)]
    [1, 1, 2]
    """
    if not satisfied.keys() <= ssp_minor.keys():
        raise ValueError(f"satisfied names {list(satisfied)}, of which some have no selling price in {list(ssp_minor)}")
    parts = {}
    for name, minor in allocate(royalty_minor, ssp_minor, split=split).items():
        earned = earned_minor(minor, satisfied.get(name, 0))
        parts[name] = Royalty(earned, minor - earned)
    return parts
