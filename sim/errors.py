"""Errors of the simulation itself. Their `args` mirror `__init__`: SimPy rebuilds errors from them.

SimulationError
├── InvariantBroken     a law of the simulated world does not hold: our bug
└── UnfinishedWork      a task was asked for its result before it had one
"""


class SimulationError(Exception):
    """Something inside the simulated world is wrong."""


class InvariantBroken(SimulationError):
    """A law that must always hold does not: the program is at fault, not the scenario."""

    def __init__(self, law: str, detail: str) -> None:
        super().__init__(law, detail)

    def __str__(self) -> str:
        law, detail = self.args
        return f"invariant broken: {law}: {detail}"


class UnfinishedWork(SimulationError):
    """A task's result was asked for before the task had ended."""
