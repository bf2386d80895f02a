"""What cannot be done in virtual time is refused, with the line that asked for it and what to do instead."""

import sys
import sysconfig
from contextvars import ContextVar
from pathlib import Path

_ELSEWHERE = (*sysconfig.get_paths().values(), str(Path(__file__).parents[1]), sys.prefix, sys.base_prefix)


BEGUN_AT: ContextVar[str] = ContextVar("begun_at", default="")
"""The line that began what is under way: a library's own task knows of no other line of the program."""


class Refused(RuntimeError):
    """Something that would make a run depend on the machine, or reach out of it. `args` are what, where and remedy."""

    def __init__(self, what: str, remedy: str, at: str = "") -> None:
        super().__init__(what, remedy, at or call_site())

    def __str__(self) -> str:
        what, remedy, at = self.args
        return f"{what} is refused in virtual time (at {at}): {remedy}"


def call_site() -> str:
    """`file:line` of the innermost frame that is neither ours nor a library's; else of what began this task."""
    frame = sys._getframe(1)
    innermost = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    here: object = frame
    while here is not None:
        name = here.f_code.co_filename  # type: ignore[attr-defined]
        if not name.startswith(("<", *_ELSEWHERE)):
            return f"{name}:{here.f_lineno}"  # type: ignore[attr-defined]
        here = here.f_back  # type: ignore[attr-defined]
    return BEGUN_AT.get() or innermost
