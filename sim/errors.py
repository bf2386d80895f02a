"""Errors of the simulation itself. Their `args` mirror `__init__`: SimPy rebuilds errors from them.

SimulationError
├── InvariantBroken     a law of the simulated world does not hold: our bug
├── NeverWaits          something goes on and on without letting time pass, or much of it
└── UnfinishedWork      a task was asked for its result before it had one

NeverReturns            code of the layer keeps the processor and does not come back
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


class NeverWaits(SimulationError):
    """More was asked for than anything that waits would ask for: `count` things by the instant `now_us`."""

    def __init__(self, count: int, now_us: int, when: str) -> None:
        super().__init__(count, now_us, when)

    def __str__(self) -> str:
        count, now_us, when = self.args
        return (
            f"{count:,} things were asked for {when}, {now_us / 1_000_000:,.0f} s after the run's first: a loop polls "
            "or tries again without waiting; have it sleep between two rounds, longer from one to the next"
        )


class NeverReturns(BaseException):
    """Code has run for long without letting anybody else go on. No handler of errors is to take it for one of its own.

    It is raised in that code itself, from outside, and so has no arguments.
    """

    def __str__(self) -> str:
        return (
            "code runs on and on without waiting for anything, so that no time can pass: have its loop sleep, "
            "or wait for an event"
        )
