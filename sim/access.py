"""A system that works and that the layer cannot reach: cut off from it, or closed to its token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sim.faults import CallFault, DeliveryFault, Verdict

if TYPE_CHECKING:
    from sim.network import Call


@dataclass(slots=True, eq=False, kw_only=True)
class Partition(CallFault, DeliveryFault):
    """The layer is cut off from the system, which goes on working: its runs, and the calls it has in service.

    What reaches the system or leaves it in the window is lost: requests, answers whatever they say (the work is
    done, and committed), and events, which count as an attempt that nobody answered. It is of the whole system.
    """

    answers_of_all: ClassVar[bool] = True
    loses: ClassVar[bool] = True
    kind: str = field(init=False, default="partition")

    def __post_init__(self) -> None:
        assert not self.only, "a partition cuts off a whole system: it has no `only`"

    def arrive(self, call: Call) -> Verdict | None:
        return Verdict("lost_request", None)

    def answer(self, call: Call) -> Verdict | None:
        return Verdict("lost_response", None)


REFRESH = "refresh_token"
"""The operation that gives a client a new token."""


@dataclass(slots=True, eq=False, kw_only=True)
class ExpiredToken(CallFault):
    """The client's token has run out: 401 at the door, until the client has in its hands the token of a refresh.

    If it is not `renewable` the credential itself was revoked: refreshes are refused too, up to the window's end.
    It is of the whole system.
    """

    renewable: bool = True
    renewed: bool = field(init=False, default=False)
    kind: str = field(init=False, default="expired_token")
    door: ClassVar[int] = 2

    def __post_init__(self) -> None:
        assert not self.only, "a token is for a whole system: its expiry has no `only`"

    def arrive(self, call: Call) -> Verdict | None:
        if self.renewed:
            return None
        if call.operation.word != REFRESH:
            return Verdict("token_expired", 401)
        return None if self.renewable else Verdict("invalid_grant", 401)

    def answer(self, call: Call) -> Verdict | None:
        # Asked last, once no other fault has lost the answer; one that comes too late is thrown away.
        if call.operation.word == REFRESH and call.left_us + call.back_us < call.deadline_us:
            self.renewed = True
        return None
