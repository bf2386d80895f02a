"""The luck that a find hangs on beside its parts: how ties fall, after how many effects or how long a crash comes.

With less of the rest, other numbers bring the same luck about.
"""

from collections.abc import Iterator
from dataclasses import replace

from harness.hunting.faults import Written, read, seconds, write
from harness.sweeps.trial import Trial

TIES = 8
EFFECTS = 40

_TIE_SEED = "tie_seed="


def tuned(trial: Trial) -> Iterator[Trial]:
    """The trial with one of its numbers changed, if it has any that its luck hangs on."""
    others = tuple(said for said in trial.overrides if not said.startswith(_TIE_SEED))
    if others != trial.overrides:
        yield from (replace(trial, overrides=(*others, f"{_TIE_SEED}{seed}")) for seed in range(TIES))
    for place, fault in enumerate(trial.faults):
        for other in _otherwise(read(fault)):
            yield replace(trial, faults=(*trial.faults[:place], write(other), *trial.faults[place + 1 :]))


def _otherwise(fault: Written) -> Iterator[Written]:
    """A crash after fewer effects, or after other whiles."""
    if "after_effect" in fault.fields:
        after = int(fault.fields["after_effect"])
        yield from (fault.saying(after_effect=fewer) for fewer in range(after - 1, max(0, after - EFFECTS), -1))
    if "every" in fault.fields:
        every_s = seconds(fault.fields["every"])
        yield from (fault.saying(every=f"{every_s * eighths // 8} s") for eighths in (4, 5, 6, 7, 9, 10, 11, 12))
