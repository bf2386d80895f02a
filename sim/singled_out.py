"""Faults that strike exactly one call or delivery, the `nth` that they concern: to try every single one in turn.

They count within their window, and draw nothing. A call counts though another fault decides on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.chance import Distribution
from sim.faults import CallFault, DeliveryFault, Verdict

if TYPE_CHECKING:
    from sim.network import Call


@dataclass(slots=True, eq=False, kw_only=True)
class OneCall(CallFault):
    """Strikes the `nth` of the calls it is asked about, counted from 1."""

    nth: int
    _met: int = field(init=False, default=0)

    def pass_over(self, call: Call) -> None:
        self._met += 1

    def _decide(self) -> Verdict | None:
        self._met += 1
        return Verdict(self.kind, None) if self._met == self.nth else None


@dataclass(slots=True, eq=False, kw_only=True)
class OneLostRequest(OneCall):
    """The `nth` request, in the order of arrival, vanishes on the way: nothing is done."""

    kind: str = field(init=False, default="lost_request")

    def arrive(self, call: Call) -> Verdict | None:
        return self._decide()


@dataclass(slots=True, eq=False, kw_only=True)
class OneLostResponse(OneCall):
    """The answer to the `nth` call, in the order of commit, vanishes on the way back: the work is done."""

    kind: str = field(init=False, default="lost_response")

    def answer(self, call: Call) -> Verdict | None:
        return self._decide()


@dataclass(slots=True, eq=False, kw_only=True)
class OneDuplicateDelivery(DeliveryFault):
    """The `nth` first delivery to a subscriber, in the order of sending, goes out twice; what is told again is not
    counted.
    """

    nth: int
    gap: Distribution
    kind: str = field(init=False, default="duplicate_delivery")
    _met: int = field(init=False, default=0)

    def strikes(self, words: tuple[int, ...], attempt: int = 1) -> bool:
        self._met += attempt == 1
        return attempt == 1 and self._met == self.nth

    def delays_us(self, words: tuple[int, ...]) -> tuple[int, ...]:
        return (0, self.gap.draw(words[3]))
