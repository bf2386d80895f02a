"""Ids as Stripe's look: a prefix, and letters and digits that a number can be told from again. No chance in them.

>>> number_of("cus", identifier("cus", 7))
7
"""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 14
_MODULUS = 62**_LENGTH
_FACTOR = 7_621_345_958_118_307_237_190_871 % _MODULUS
"""Spreads neighbouring numbers; it shares no factor with 62, so that every number comes back."""

_INVERSE = pow(_FACTOR, -1, _MODULUS)
_NUMBER_MAX = 1 << 48
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}


def identifier(prefix: str, number: int) -> str:
    """The id of the `number`-th thing, from 1, whose ids have this prefix."""
    value = number * _FACTOR % _MODULUS
    letters = []
    for _ in range(_LENGTH):
        value, place = divmod(value, 62)
        letters.append(_ALPHABET[place])
    return f"{prefix}_{''.join(letters)}"


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
    """A number in letters and digits, as many of them."""
    letters = []
    for _ in range(length):
        value, place = divmod(value, 62)
        letters.append(_ALPHABET[place])
    return "".join(letters)
