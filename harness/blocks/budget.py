"""A budget for retries: they may be a small share of the calls, however many of these fail.

Without it each layer of retries multiplies what a system in trouble is asked; with it the sum stays bounded (Google,
Site Reliability Engineering, "Handling Overload": retries up to 10 % of the requests).
"""

from harness.layer import FacadeCounts

PER_RETRY = 11
"""What a retry costs, where each call that is sent, retry or not, brings 1: retries are a tenth of the first tries."""

RESERVE = 10
"""Retries that can be saved up, and that are there at the beginning: a guess of ours, for times of few calls."""


class RetryBudget:
    """A bucket of `reserve` retries at most, each of which costs what `per_retry` calls bring in.

    So n first tries have at most n / (per_retry - 1) retries, and what was in reserve.
    """

    def __init__(self, counts: FacadeCounts, *, per_retry: int = PER_RETRY, reserve: int = RESERVE) -> None:
        self._counts = counts
        self._per_retry = per_retry
        self._balance_max = self._balance = reserve * per_retry

    def sent(self) -> None:
        """Take note of a call, whether a first try or a retry."""
        self._balance = min(self._balance + 1, self._balance_max)

    def granted(self) -> bool:
        """Whether there may be a retry now; it is paid for."""
        if self._balance < self._per_retry:
            self._counts.retries_denied += 1
            return False
        self._balance -= self._per_retry
        return True
