"""What a face needs of its system: to ask its core, and to know what time and day it is."""

from collections.abc import Callable
from typing import Any

from fakes.service import Refused
from sim.calendar import FiscalCalendar
from sim.network import Response, Serve


class Door:
    """A system's core as its face reaches it, at one instant after another; `calendar` says which day that is.

    `advance` moves the clock on to an instant, where clients may do so; None where time is the run's alone. Where
    clients do not have `shared_clock`, what they say of the time is by clocks of their own.
    """

    def __init__(
        self,
        serve: Serve,
        now_us: Callable[[], int],
        calendar: FiscalCalendar,
        advance: Callable[[int], None] | None = None,
        *,
        shared_clock: bool = True,
    ) -> None:
        self.shared_clock = shared_clock
        self._serve = serve
        self._now_us = now_us
        self.calendar = calendar
        self.advance = advance

    @property
    def now_us(self) -> int:
        """The present instant."""
        return self._now_us()

    def ask(self, request: Any, idempotency_key: str | None = None) -> Any:
        """Have the core do `request`; what came of it. Raises Refused, with the core's status and word."""
        response = self._serve(request, idempotency_key, self._now_us())
        if response.status != 200:
            raise Refused(response.status, response.word)
        return response.body

    def answer(self, request: Any, idempotency_key: str | None = None) -> Response:
        """The core's answer to `request`, whatever it is: its word is `replayed` for that of an earlier one."""
        return self._serve(request, idempotency_key, self._now_us())
