"""Idempotency keys by Stripe's rules: a key's first answer is kept for 24 hours, be it a success or a server's error.

A request that failed before it was carried out uses no key up; a key with other parameters is refused.
"""

from fakes.faces.stripe.errors import StripeError
from sim.durations import DAY
from sim.http import HttpResponse

KEY_MAX = 255


class Keys:
    """The keys that were used in the last 24 hours."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, tuple[str, str, bytes], HttpResponse]] = {}

    def kept(self, key: str, request: tuple[str, str, bytes], now_us: int) -> HttpResponse | None:
        """The answer that a key has already. Raises StripeError if that was to another request."""
        if len(key) > KEY_MAX:
            raise StripeError(
                400, f"The idempotency key must be at most {KEY_MAX} characters.", kind="idempotency_error"
            )
        known = self._kept.get(key)
        if known is None or now_us - known[0] >= DAY:
            return None
        _, first, answer = known
        if first != request:
            if first[:2] != request[:2]:
                raise StripeError(
                    400,
                    f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
                    f"('{request[1]}' vs '{first[1]}'). Try using a key other than '{key}' if you meant to execute a "
                    "different request.", kind="idempotency_error",
                )  # fmt: skip
            raise StripeError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )  # fmt: skip
        return answer

    def keep(self, key: str, request: tuple[str, str, bytes], now_us: int, answer: HttpResponse) -> None:
        """Keep the answer of a key that has none."""
        kept = self._kept
        kept.pop(key, None)
        while kept:
            oldest = next(iter(kept))
            if now_us - kept[oldest][0] < DAY:
                break
            del kept[oldest]
        kept[key] = (now_us, request, answer)
