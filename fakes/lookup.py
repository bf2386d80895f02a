"""Records of an append-only list by a word of theirs: read it back without searching the list.

The index catches up when it is asked, so that writing costs nothing where nobody reads back.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from fakes.service import Refused

T = TypeVar("T")


class Lookup(Generic[T]):
    """The records of a list that only grows, by what `word` says of each."""

    def __init__(self, records: Sequence[T], word: Callable[[T], str]) -> None:
        self._records = records
        self._word = word
        self._seen = 0
        self._by_word: dict[str, list[T]] = {}

    def all(self, word: str) -> list[T]:
        """Every record of this word, oldest first."""
        for place in range(self._seen, len(self._records)):
            record = self._records[place]
            self._by_word.setdefault(self._word(record), []).append(record)
        self._seen = len(self._records)
        return list(self._by_word.get(word, ()))

    def oldest(self, word: str, otherwise: str) -> T:
        """The oldest record of this word. Refused with 404 and `otherwise` if there is none."""
        for record in self.all(word):
            return record
        raise Refused(404, otherwise)
