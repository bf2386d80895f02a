"""How a command can end: its exit status, and the troubles that lead to one.

Trouble                 a command cannot go on
├── Invalid             2: the command line or what it names has to be changed
│   └── LayerError      … a layer that cannot be had
├── AtFault             3: the run itself
│   ├── RunFailed       … an error ended it: a broken invariant, or code of the layer or of ours
│   │   └── NeverEnds   … or nothing would have ended it: the layer never waits
│   └── Differs         … two runs of one seed were not the same
├── Interrupted         130: Ctrl-C, when the results were already written
└── Surroundings        4: where we run
    └── NotWritable     … the results cannot go where they were to go
"""

from typing import ClassVar

HELD, FAILED, INVALID, AT_FAULT, SURROUNDINGS, UNCHECKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class Trouble(Exception):
    """A command cannot go on. The message says what was found, what was expected, where, and what to do."""

    status: ClassVar[int] = AT_FAULT


class Invalid(Trouble):
    """What was asked for cannot be done."""

    status = INVALID


class LayerError(Invalid):
    """A layer that cannot be had."""


class AtFault(Trouble):
    """The run is not to be trusted."""


class RunFailed(AtFault):
    """An error ended the run of `layer` with `seed`. `details` is its traceback, empty where that tells nobody more.

    `cause` is what did, with nothing of the machine in it: the same wherever it happens again.
    """

    def __init__(self, message: str, layer: str, seed: int, cause: str, details: str = "") -> None:
        super().__init__(message, layer, seed, cause, details)  # args mirror __init__: it crosses process borders
        self.layer = layer
        self.seed = seed
        self.cause = cause
        self.details = details

    def __str__(self) -> str:
        return str(self.args[0])


class NeverEnds(RunFailed):
    """The layer goes on and on without letting time pass."""


class Differs(AtFault):
    """Two runs of one seed were not the same."""


class Interrupted(Trouble):
    """Ctrl-C came when the results were already written."""

    status = INTERRUPTED


class Surroundings(Trouble):
    """The machine, the disk or the network will not have it."""

    status = SURROUNDINGS


class NotWritable(Surroundings):
    """Where the results were to go, they cannot."""
