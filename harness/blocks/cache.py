"""Reference data kept for a while, so that a system is not asked the same again and again.

An answer is given for a fixed time after it was had, whatever happens at its source: so it can be stale. Nothing here
can know whether it is, but when an answer is fetched anew and differs, somebody may have been given the old one.
"""

from typing import Any

from harness.layer import FacadeCounts
from sim.clock import Clock
from sim.durations import MINUTE

TTL_US = 5 * MINUTE
"""How long an answer is given again: a choice of ours, the middle one of those that H18 works out."""


class Cache:
    """Answers by question, each good for `ttl_us` from when it was kept. It is in memory, and cold after a restart."""

    def __init__(self, clock: Clock, counts: FacadeCounts, *, ttl_us: int = TTL_US) -> None:
        self._clock = clock
        self._counts = counts
        self._ttl_us = ttl_us
        self._kept: dict[Any, tuple[int, Any]] = {}

    def find(self, question: Any) -> Any:
        """The answer, if there is one that is still good, or None."""
        kept = self._kept.get(question)
        if kept is None or self._clock.now >= kept[0] + self._ttl_us:
            self._counts.cache_misses += 1
            return None
        self._counts.cache_hits += 1
        return kept[1]

    def keep(self, question: Any, answer: Any) -> None:
        """Keep an answer that has just come from its source."""
        before = self._kept.get(question)
        if before is not None and before[1] != answer:
            self._counts.cache_changed += 1
        self._kept[question] = (self._clock.now, answer)
