"""What the organisation has used of the calls that it is granted in 24 hours."""

from collections import deque

from sim.durations import DAY, MINUTE

GRANTED = 100_000 + 1_000 * 15
"""Calls in a rolling 24 hours: an Enterprise organisation's 100,000, and 1,000 for each of 15 user licences."""


class Usage:
    """Calls counted by the minute."""

    def __init__(self, granted: int = GRANTED) -> None:
        self.granted = granted
        self.used = 0
        self._minutes: deque[list[int]] = deque()

    def count(self, now_us: int) -> bool:
        """Count a call, if it is still granted: whether it is."""
        minutes, minute = self._minutes, now_us // MINUTE
        while minutes and (minute - minutes[0][0]) * MINUTE >= DAY:
            self.used -= minutes.popleft()[1]
        if self.used >= self.granted:
            return False
        if not minutes or minutes[-1][0] != minute:
            minutes.append([minute, 0])
        minutes[-1][1] += 1
        self.used += 1
        return True

    @property
    def told(self) -> str:
        """What `Sforce-Limit-Info` says."""
        return f"api-usage={self.used}/{self.granted}"
