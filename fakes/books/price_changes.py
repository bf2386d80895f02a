"""Changes of the transaction price after inception that are no modification: an estimate revised, a doubt resolved."""

from collections.abc import Mapping, Sequence

from fakes.books.allocation import allocate
from fakes.books.obligations import Obligation, Reallocation, adjustments, recognised_by_name
from fakes.books.progress import Progress, earned_minor
from fakes.books.rounding import Exact
from fakes.books.splitting import Split, largest_remainder


def change_price(
    obligations: Sequence[Obligation],
    change_minor: int,
    ssp_minor: Mapping[str, Exact],
    progress: Mapping[str, Progress],
    *,
    split: Split = largest_remainder,
) -> Reallocation:
    """A change of the price, allocated as the price was at inception and recognised for what is satisfied.

    `ssp_minor` are the selling prices of inception, which are not revised; leave out obligations that the change does
    not relate to (32-44). `progress` is that of each named obligation, from 0 to 1 or its costs: of the change, this
    part is revenue now. Amounts in minor units; the change may be negative. Raises ValueError for an obligation named
    without progress, and for names that are not in the contract. ASC 606-10-32-42..44.

    A change is split by itself, to whole units. Of many, hand in the sum to date each time, with the obligations
    without any of them, and take the difference: else what rounding leaves goes to the same obligation each time.

    >>> contract, ssp, done = [Obligation("A", 50), Obligation("B", 50)], {"A": 1, "B": 1}, {"A": 1, "B": 1}
    >>> [change_price(contract, 1, ssp, done).adjustments for month in range(3)]
    [{'A': 1}, {'A': 1}, {'A': 1}]
    >>> change_price(contract, 1 + 1 + 1, ssp, done).adjustments
    {'A': 2, 'B': 1}
    """
    if not ssp_minor.keys() <= progress.keys():
        raise ValueError(f"the price of {list(ssp_minor)} changes: say the progress of each, got {list(progress)}")
    return _added(obligations, allocate(change_minor, ssp_minor, split=split), progress)


def change_price_after_modification(
    obligations: Sequence[Obligation],
    change_minor: int,
    ssp_minor: Mapping[str, Exact],
    delivered: Mapping[str, Exact],
    remaining_ssp_minor: Mapping[str, Exact],
    progress: Mapping[str, Progress],
    *,
    split: Split = largest_remainder,
) -> Reallocation:
    """A change of the price promised before a prospective modification, and known after it. ASC 606-10-32-45(a).

    It goes first to the obligations of before the modification, by the selling prices of inception, `ssp_minor`. Of
    each one's part, the share `delivered` by the modification (0 to 1) stays with what was delivered, and is revenue
    now; all the rest goes to what remained then, by `remaining_ssp_minor`, and is revenue as far as these are
    satisfied since: `progress` of what remained. Obligations in neither mapping have made no progress. Raises
    ValueError for names that are not in the contract, and a share delivered of what is not in `ssp_minor`.

    A change of what was promised by the modification itself, or after it, is `change_price` with the selling prices of
    the modification (32-45(b)). Hand in many changes as `change_price` says.
    """
    if not delivered.keys() <= ssp_minor.keys():
        raise ValueError(f"delivered names {list(delivered)}, of which some are not among {list(ssp_minor)}")
    past: dict[str, int] = {}
    pool_minor = 0
    for name, minor in allocate(change_minor, ssp_minor, split=split).items():
        done = delivered.get(name, 0)
        past[name], rest_minor = split(minor, (done, 1 - done))
        pool_minor += rest_minor
    shares = allocate(pool_minor, remaining_ssp_minor, split=split) if pool_minor else {}
    first = _added(obligations, past, dict.fromkeys(past, 1))
    second = _added(first.obligations, shares, progress)
    return Reallocation(second.obligations, adjustments(obligations, second.obligations))


def _added(
    obligations: Sequence[Obligation], shares: Mapping[str, int], progress: Mapping[str, Progress]
) -> Reallocation:
    """The obligations with `shares` added to what is allocated, and as much of it recognised as `progress` earns."""
    names = list(recognised_by_name(obligations))
    if not set(names).issuperset([*shares, *progress]):
        raise ValueError(f"a price changes for {list(shares)}, done {list(progress)}: some are not among {names}")
    after = []
    for obligation in obligations:
        before_minor, done = obligation.allocated_minor, progress.get(obligation.name, 0)
        after_minor = before_minor + shares.get(obligation.name, 0)
        # The difference of two cumulative amounts, so that it is what a contract that never changed would have.
        change_minor = earned_minor(after_minor, done) - earned_minor(before_minor, done)
        after.append(Obligation(obligation.name, after_minor, obligation.recognised_minor + change_minor))
    return Reallocation(tuple(after), adjustments(obligations, after))
