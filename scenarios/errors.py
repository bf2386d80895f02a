"""What is wrong with a scenario: one mistake a line, each with its place, and with what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing an author has to change. `where` is file:line:column, or the `--set` that said it.

    `field` is its dotted name, or empty where a whole file is meant.
    """

    where: str
    field: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.where}: {self.field}" if self.field and self.where != f"--set {self.field}" else self.where
        line = f"{place}: found {self.found}, expected {self.expected}; {self.remedy}"
        return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)


class ScenarioError(Exception):
    """A scenario cannot be used: `mistakes` says all that is wrong with it, in the order of the file."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(mistakes)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All of them, at least one."""
        return tuple(self.args[0])

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))
