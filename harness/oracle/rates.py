"""What amounts in several currencies come to in the one that the group reports in: at the rates of periods."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.oracle.charges import half_away

MILLION = 1_000_000

Amount: TypeAlias = tuple[str, int, int]
"""(currency, month, minor units of it)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The worth of a unit of each currency in parts per million, by month, ascending: each holds until the next.

    A currency without rates is the one that is reported in.
    """

    ppm: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def worth_minor(self, amounts: Iterable[Amount]) -> int:
        """The sum of amounts: summed up by currency and month, and each sum rounded once."""
        if not self.ppm:
            return sum([minor for _, _, minor in amounts])
        sums: dict[tuple[str, int], int] = {}
        for currency, month, minor in amounts:
            place = (currency, month) if currency in self.ppm else ("", 0)
            sums[place] = sums.get(place, 0) + minor
        return sum(
            half_away(minor * self.rate_ppm(currency, month), MILLION) if currency else minor
            for (currency, month), minor in sums.items()
        )

    def rate_ppm(self, currency: str, month: int) -> int:
        """The rate of a month of a currency that has some, in parts per million; before the first one, that."""
        rates = self.ppm[currency]
        place = bisect_right(rates, month, key=lambda rate: rate[0])
        return rates[max(place - 1, 0)][1]
