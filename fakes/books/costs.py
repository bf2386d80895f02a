"""Costs of a contract: which become an asset, how that is written down, and what it may be at most (ASC 340-40)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fakes.books.rounding import Exact
from fakes.books.splitting import Split, cumulative


@dataclass(frozen=True, slots=True)
class ContractCost:
    """A cost of obtaining a contract, in minor units.

    `incremental`: it would not have been incurred had the contract not been obtained, as a commission. `recoverable`:
    it is expected to be earned back. `chargeable`: the customer bears it whether or not the contract is obtained.
    """

    name: str
    minor: int
    incremental: bool
    recoverable: bool = True
    chargeable: bool = False


@dataclass(frozen=True, slots=True)
class Obtaining:
    """What the costs of obtaining a contract become, in minor units."""

    asset_minor: int
    expense_minor: int


def cost_of_obtaining(
    costs: Iterable[ContractCost], *, months: int | None = None, expedient: bool = False
) -> Obtaining:
    """Incremental costs that are recoverable are an asset, as are those the customer bears; all others an expense.

    With the `expedient`, costs of an asset that would be written down within a year are an expense: say in how many
    `months`. ASC 340-40-25-1..4.
    """
    asset_minor, total_minor = 0, 0
    short = expedient and months is not None and months <= 12
    for cost in costs:
        total_minor += cost.minor
        if cost.chargeable or (cost.incremental and cost.recoverable and not short):
            asset_minor += cost.minor
    return Obtaining(asset_minor, total_minor - asset_minor)


def may_be_capitalised(*, relates_to_contract: bool, enhances_resources: bool, recoverable: bool) -> bool:
    """Whether a cost of fulfilling a contract that no other standard covers is an asset. ASC 340-40-25-5."""
    return relates_to_contract and enhances_resources and recoverable


def amortised(asset_minor: int, weights: Sequence[Exact], *, split: Split = cumulative) -> tuple[int, ...]:
    """The expense of each period, in step with the transfer of what the cost relates to. ASC 340-40-35-1.

    `weights` are the periods' shares, over anticipated contracts as well if the cost relates to them: a commission
    that is not paid again on renewal. Minor units, which sum to the asset.
    """
    return split(asset_minor, weights)


def impairment_minor(carrying_minor: int, consideration_minor: int, direct_costs_minor: int) -> int:
    """By how much an asset exceeds what it can still bring, and is written down; never reversed. ASC 340-40-35-3.

    `consideration_minor` is what is still expected of the contract or received and not recognised, constraint aside;
    `direct_costs_minor` what providing it will still cost.
    """
    return max(carrying_minor - max(consideration_minor - direct_costs_minor, 0), 0)
