"""What amounts of many come to in the currency that is reported in: a month's movements and balances at its rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from harness.oracle.columns import Charged, summed
from harness.oracle.rates import MILLION, Rates

HOME = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """The `rates`, and the places of those whose amounts are in each currency that has some; all others' are not."""

    rates: Rates = field(default_factory=Rates)
    places: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    @classmethod
    def of(cls, rates: Rates, currencies: Iterable[str]) -> "Translation":
        """Of amounts that are in these currencies, one after the other."""
        if not rates.ppm:
            return cls()
        found: dict[str, list[int]] = {}
        for place, currency in enumerate(currencies):
            found.setdefault(currency if currency in rates.ppm else HOME, []).append(place)
        return cls(rates, {currency: np.array(places) for currency, places in found.items()})

    def minor(self, amounts: npt.NDArray[np.int64], month: int) -> int:
        """Their sum in minor units of the currency that is reported in, each currency's rounded once."""
        if not self.places:
            return int(amounts.sum())
        return self.rates.worth_minor(
            (currency, month, int(amounts[places].sum())) for currency, places in self.places.items()
        )

    def dated_minor(self, dated: Charged, these: npt.NDArray[np.bool_]) -> int:
        """The sum of `these` of the amounts, each currency's of a month at the month's rates and rounded once."""
        whose, month, minor = dated.whose[these], dated.month[these], dated.minor[these]
        if not self.places:
            return int(minor.sum())
        months = np.unique(month)
        sums = summed(np.searchsorted(months, month), whose, minor, (len(months), sum(map(len, self.places.values()))))
        return sum(self.minor(of_month, at) for at, of_month in zip(months.tolist(), sums, strict=True))

    def exact(self, amounts: npt.NDArray[np.int64], month: int) -> int:
        """The same in millionths of a minor unit, rounded nowhere."""
        if not self.places:
            return int(amounts.sum()) * MILLION
        sums = ((currency, int(amounts[places].sum())) for currency, places in self.places.items())
        return sum(minor * (self.rates.rate_ppm(currency, month) if currency else MILLION) for currency, minor in sums)

    @property
    def translated(self) -> int:
        """How many currencies are translated."""
        return len(self.places.keys() - {HOME})
