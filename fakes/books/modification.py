"""Modifications of a contract: how each is accounted for, and what it makes of the obligations (ASC 606-10-25-10..13).

What is measured here is the contract at the date of the change: `Obligation`s with what is allocated to and recognised
of each, up to that date. Amounts are minor units of its one currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from fakes.books.allocation import allocate
from fakes.books.obligations import Obligation, Reallocation, adjustments, price_minor, recognised_by_name
from fakes.books.progress import Progress, earned_minor
from fakes.books.rounding import Exact
from fakes.books.splitting import Split, largest_remainder


class Treatment(Enum):
    """How a change is accounted for."""

    NONE = "not a modification yet: the contract stays as it is"
    SEPARATE_CONTRACT = "a separate contract; the first one stays as it is"
    PROSPECTIVE = "the first contract ends, and what remains of it is a new one"
    CUMULATIVE_CATCH_UP = "a part of the first contract, as if it had been there from its start"
    MIXED = "catch-up of what is not distinct, the rest prospectively"


def treatment(
    *, enforceable: bool, adds_distinct: bool, at_stand_alone_price: bool, remaining_distinct: Iterable[bool]
) -> Treatment:
    """How a change of a contract is accounted for.

    `enforceable`: whether the parties have approved it, or it is enforceable otherwise; its price may be open still,
    and is estimated as variable consideration then (`fakes.books.variable`). `adds_distinct`: whether it adds distinct
    goods or services. `at_stand_alone_price`: whether the price rises by what these sell for (`reflects_ssp`).
    `remaining_distinct`: of each good or service still to be transferred, added ones included, whether it is distinct
    from what was transferred before; a series is. ASC 606-10-25-10, 25-11, 25-12, 25-13(a) to (c).
    """
    if not enforceable:
        return Treatment.NONE
    if adds_distinct and at_stand_alone_price:
        return Treatment.SEPARATE_CONTRACT
    remaining = list(remaining_distinct)
    if all(remaining):
        return Treatment.PROSPECTIVE
    return Treatment.MIXED if any(remaining) else Treatment.CUMULATIVE_CATCH_UP


def reflects_ssp(price_minor: int, ssp_minor: Exact, *, adjustment_minor: int = 0, tolerance: Exact = 0) -> bool:
    """Whether the price of what is added is its stand-alone selling price. ASC 606-10-25-12(b).

    `adjustment_minor` is what the seller saves with a customer it has, and may take off; `tolerance` the share of the
    selling price by which a price may differ from it and still reflect it.
    """
    ssp = Fraction(ssp_minor)
    return abs(price_minor - (ssp - adjustment_minor)) <= tolerance * ssp


@dataclass(frozen=True, slots=True)
class TwoContracts:
    """A contract as it was, and the separate one that a modification made."""

    original: tuple[Obligation, ...]
    separate: tuple[Obligation, ...]

    @property
    def price_minor(self) -> int:
        """The transaction price of both."""
        return price_minor(self.original) + price_minor(self.separate)


def separate_contract(
    obligations: Sequence[Obligation],
    added_price_minor: int,
    added_ssp_minor: Mapping[str, Exact],
    *,
    split: Split = largest_remainder,
) -> TwoContracts:
    """The first contract unchanged, and one of the added obligations, with the added price. ASC 606-10-25-12.

    Raises ValueError if an added one has the name of one that is there.
    """
    if not added_ssp_minor.keys().isdisjoint(recognised_by_name(obligations)):
        raise ValueError(f"of {list(added_ssp_minor)} some are there already: give what is added names of its own")
    added = allocate(added_price_minor, added_ssp_minor, split=split)
    return TwoContracts(tuple(obligations), tuple([Obligation(name, minor) for name, minor in added.items()]))


def prospective(
    obligations: Sequence[Obligation],
    price_change_minor: int,
    remaining_ssp_minor: Mapping[str, Exact],
    *,
    credits_minor: Mapping[str, int] | None = None,
    split: Split = largest_remainder,
) -> Reallocation:
    """What is recognised stays; what is not, and the change of the price, goes to what remains. ASC 606-10-25-13(a).

    `price_change_minor` may be negative. `remaining_ssp_minor` names what is still to be transferred, added
    obligations included, with the stand-alone selling price of what remains of each, as of now. An obligation that it
    does not name has nothing left to transfer, or was given up. If it is empty, all that remains of the price is
    recognised at once: a contract that ended with part of its price retained.
    `credits_minor` are amounts off for what was transferred already, by its obligation: price concessions, taken from
    revenue at once and on top of the price's change (55-114..116).
    A price that falls below what is recognised is less for what was transferred: the difference is taken from revenue
    at once, too, in proportion to what is recognised of each, and what remains is transferred for nothing.
    Raises ValueError for prices that are no weights, and credits of more than is recognised.
    """
    credits_minor = credits_minor or {}
    recognised = recognised_by_name(obligations)
    if not credits_minor.keys() <= recognised.keys():
        raise ValueError(f"credits are for {list(credits_minor)}, of which some are not in the contract")
    if any(not 0 <= off_minor <= recognised[name] for name, off_minor in credits_minor.items()):
        raise ValueError(f"credits are from 0 to what is recognised, {recognised}, got {dict(credits_minor)}")
    credited = [_credited(obligation, credits_minor.get(obligation.name, 0)) for obligation in obligations]
    after = _reallocate(credited, price_change_minor, remaining_ssp_minor, NOBODY, split)
    return Reallocation(after, adjustments(obligations, after))


def catch_up(
    obligations: Sequence[Obligation],
    price_change_minor: int,
    progress: Mapping[str, Progress],
    *,
    ssp_minor: Mapping[str, Exact] | None = None,
    percent_decimals: int | None = None,
    split: Split = largest_remainder,
) -> Reallocation:
    """The changed price as if it had been there from the start: revenue is adjusted now. ASC 606-10-25-13(b).

    `progress` is each obligation's progress after the change, from 0 to 1, or its costs; `ssp_minor` the stand-alone
    selling prices of all that was and is to be transferred, needed if there is more than one obligation.
    `percent_decimals` as for `progress.earned_minor`. The adjustment may be negative. A change that concerns some
    obligations only is a change of these alone: hand in no others. Raises ValueError for one that has no selling price
    or no progress.
    """
    if ssp_minor is None:
        ssp_minor = {obligation.name: 1 for obligation in obligations}
        if len(ssp_minor) != 1:
            raise ValueError(f"a change over {len(ssp_minor)} obligations needs the selling price of each: ssp_minor")
    if not ssp_minor.keys() >= recognised_by_name(obligations).keys():
        raise ValueError(f"ssp_minor names {list(ssp_minor)}: hand in no obligations that the change does not concern")
    if progress.keys() != ssp_minor.keys():
        raise ValueError(f"catch-up needs the progress of {list(ssp_minor)}, got that of {list(progress)}")
    after = _reallocate(obligations, price_change_minor, ssp_minor, _CatchUp(progress, percent_decimals, True), split)
    return Reallocation(after, adjustments(obligations, after))


def mixed(
    obligations: Sequence[Obligation],
    price_change_minor: int,
    ssp_minor: Mapping[str, Exact],
    progress: Mapping[str, Progress],
    *,
    whole_price: bool = True,
    percent_decimals: int | None = None,
    split: Split = largest_remainder,
) -> Reallocation:
    """Catch-up for the obligations in `progress`, whose rest is not distinct; the rest prospectively. 606-10-25-13(c).

    The standard leaves open what is allocated, and the two policies differ. `whole_price`: the whole of the changed
    price, and `ssp_minor` has the selling price of all of an obligation in `progress`. Otherwise only what is not
    recognised, and `ssp_minor` has that of what remains. In both, what is recognised of distinct obligations stays, and
    `ssp_minor` has the price of what remains of them. `progress` is that after the change, from 0 to 1, or the costs.
    As in `prospective`, an obligation that `ssp_minor` does not name has nothing left to transfer, or was given up:
    what is recognised of it stays, and the rest of its price is part of that of what remains, since it is consideration
    that was promised and is not recognised (25-13(a)). Raises ValueError if nothing is caught up.
    """
    if not progress:
        raise ValueError("a change is mixed if something is caught up: name it in progress, or use prospective()")
    if not progress.keys() <= ssp_minor.keys():
        raise ValueError(f"progress names {list(progress)}, of which some have no selling price in {list(ssp_minor)}")
    caught_up = _CatchUp(progress, percent_decimals, whole_price)
    after = _reallocate(obligations, price_change_minor, ssp_minor, caught_up, split)
    return Reallocation(after, adjustments(obligations, after))


@dataclass(frozen=True, slots=True)
class _CatchUp:
    """Which obligations are caught up to what progress, and whether of their whole price or of what it adds to."""

    progress: Mapping[str, Progress]
    percent_decimals: int | None
    whole_price: bool


NOBODY = _CatchUp({}, None, False)


def _reallocate(
    obligations: Sequence[Obligation],
    price_change_minor: int,
    ssp_minor: Mapping[str, Exact],
    caught_up: _CatchUp,
    split: Split,
) -> tuple[Obligation, ...]:
    """The obligations after a change: each keeps what is recognised of it and gets a share of the rest.

    With `whole_price`, those caught up keep nothing and get a share of all. A price that is less than what is kept
    leaves none to share, and takes the difference from that.
    """
    recognised = recognised_by_name(obligations)
    recognised |= {name: 0 for name in ssp_minor if name not in recognised}
    kept = {
        name: 0 if caught_up.whole_price and name in caught_up.progress else minor for name, minor in recognised.items()
    }
    pool_minor = price_minor(obligations) + price_change_minor - sum(kept.values())
    if ssp_minor and pool_minor * sum(kept.values()) < 0:
        off = allocate(pool_minor, {name: abs(minor) for name, minor in kept.items()}, split=split)
        kept = {name: minor + off[name] for name, minor in kept.items()}
        recognised |= {name: minor + off[name] for name, minor in recognised.items()}
        pool_minor = 0
    shares = allocate(pool_minor, ssp_minor, split=split) if ssp_minor else _retained(obligations, pool_minor, split)
    after = [Obligation(name, kept[name] + shares.get(name, 0), minor) for name, minor in recognised.items()]
    if not ssp_minor:
        return tuple([Obligation(one.name, one.allocated_minor, one.allocated_minor) for one in after])
    return tuple([_caught_up(one, caught_up) if one.name in caught_up.progress else one for one in after])


def _caught_up(obligation: Obligation, caught_up: _CatchUp) -> Obligation:
    """An obligation with what its progress earns of its changed price."""
    name, allocated_minor = obligation.name, obligation.allocated_minor
    earned = earned_minor(allocated_minor, caught_up.progress[name], percent_decimals=caught_up.percent_decimals)
    return Obligation(name, allocated_minor, earned)


def _credited(obligation: Obligation, off_minor: int) -> Obligation:
    """An obligation with a price concession on what was transferred of it."""
    name, allocated_minor, recognised_minor = obligation.name, obligation.allocated_minor, obligation.recognised_minor
    return Obligation(name, allocated_minor - off_minor, recognised_minor - off_minor)


def _retained(obligations: Sequence[Obligation], pool_minor: int, split: Split) -> dict[str, int]:
    """What is left of the price when nothing is left to transfer, over what was unfinished, or else over all."""
    for weights in (
        {one.name: abs(one.remaining_minor) for one in obligations},
        {one.name: abs(one.allocated_minor) for one in obligations},
    ):
        if any(weights.values()):
            return allocate(pool_minor, weights, split=split)
    return allocate(pool_minor, {one.name: 1 for one in obligations}, split=split)
