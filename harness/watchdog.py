"""Ending code that keeps the processor: a loop that waits for nothing would have a run last for ever.

It goes by processor time, so that a slow or a busy machine ends nothing; and it decides on nothing but that end.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

from sim.errors import NeverReturns

LOOKS = 8
"""How often is looked at what runs within the time that it has."""


@contextmanager
def watched(progress: Callable[[], object], cpu_s: float) -> Iterator[None]:
    """Run the block; NeverReturns is raised in what runs there, once it has made no `progress` for `cpu_s`.

    Or for an eighth longer: that is how often is looked. Progress of None is that of nobody who could be kept waiting.
    Outside the main thread, and where there are no timers of processor time, nothing is watched.
    """
    if not hasattr(signal, "setitimer") or current_thread() is not main_thread():
        yield
        return
    seen: object = None
    unmoved = 0

    def look(*_: object) -> None:
        nonlocal seen, unmoved
        before, seen = seen, progress()
        unmoved = unmoved + 1 if seen is not None and seen == before else 0
        if unmoved == LOOKS:
            unmoved = 0  # what is done on the way out has as long again
            raise NeverReturns

    handler = signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s / LOOKS, cpu_s / LOOKS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)
