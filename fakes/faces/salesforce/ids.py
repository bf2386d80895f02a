"""Salesforce's record ids: 15 characters that tell case apart, or 18 that need not, with a type's prefix in front."""

from collections.abc import Callable

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "5i0"
_CAPITALS = {ord(digit): "1" if digit.isupper() else "0" for digit in DIGITS}


def record_id(prefix: str, count: int) -> str:
    """The 18 characters of a type's record of this number."""
    digits = ""
    while count:
        count, digit = divmod(count, 62)
        digits = DIGITS[digit] + digits
    return with_suffix(prefix + _INSTANCE + digits.rjust(9, "0"))


def count_of(id_: str) -> int:
    """The number of a record among those of its type."""
    count = 0
    for digit in id_[6:15]:
        count = 62 * count + DIGITS.index(digit)
    return count


def numbering(prefix: str) -> Callable[[int], str]:
    """How the records of a type are numbered."""
    return lambda count: record_id(prefix, count)


def with_suffix(short: str) -> str:
    """An id's 18 characters, from its first 15: the rest says which of them are capitals."""
    capitals = short.translate(_CAPITALS)
    groups = (capitals[4::-1], capitals[9:4:-1], capitals[14:9:-1])
    return short + "".join([_SUFFIXES[int(group, 2)] for group in groups])


def normal(id_: str) -> str | None:
    """The 18 characters of an id of either length; None if it cannot be one."""
    if len(id_) not in {15, 18} or not (id_.isascii() and id_.isalnum()):
        return None
    return with_suffix(id_) if len(id_) == 15 else id_


ORGANIZATION = record_id("00D", 1)
USER = record_id("005", 1)
"""The organisation, and who works in it: the first record of each."""
