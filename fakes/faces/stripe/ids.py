"""Ids as Stripe's look: a prefix, and letters and digits that a number can be told from again. No chance in them.

>>> number_of("cus", identifier("cus", 7))
7
"""

from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 14
_MODULUS = 62**_LENGTH
_FACTOR = 7_621_345_958_118_307_237_190_871 % _MODULUS
"""Spreads neighbouring numbers; it shares no factor with 62, so that every number comes back."""

_INVERSE = pow(_FACTOR, -1, _MODULUS)
_NUMBER_MAX = 1 << 48
_PAIRS = [first + second for second in _ALPHABET for first in _ALPHABET]
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}


@lru_cache(maxsize=1 << 14)  # an answer names a thing more than once, and the next answer names it again
def identifier(prefix: str, number: int) -> str:
    """The id of the `number`-th thing, from 1, whose ids have this prefix."""
    return f"{prefix}_{spelled(number * _FACTOR % _MODULUS, _LENGTH)}"


def number_of(prefix: str, text: str) -> int | None:
    """The number that an id stands for; None if it cannot be an id of this prefix."""
    start, _, letters = text.rpartition("_")
    if start != prefix or len(letters) != _LENGTH:
        return None
    value = 0
    for letter in reversed(letters):
        place = _VALUE.get(letter)
        if place is None:
            return None
        value = value * 62 + place
    number = value * _INVERSE % _MODULUS
    return number if 0 < number < _NUMBER_MAX else None


def spelled(value: int, length: int) -> str:
    """A number in letters and digits, `length` of them, which is even."""
    pairs = []
    for _ in range(length // 2):
        value, place = divmod(value, 62 * 62)
        pairs.append(_PAIRS[place])
    return "".join(pairs)
