"""Every point of a run at which the layer can be killed: right after each of its effects, one run each.

Between two effects nothing of what it did can be told apart from outside, so these are all the points there are; of
long stretches in which it only reads, as when it polls, the ends stand for the whole.
"""

from collections.abc import Sequence

from harness.sweeps.stretches import reads, worth_trying
from harness.sweeps.trial import Trial

UNREACHED = 1_000_000_000
"""An effect that no run comes to: a crash which waits for it has the effects counted, and never happens."""


def effects_of(base: Trial) -> Sequence[str]:
    """The effects of a trial's layer in their order, such as `commit of erp.create_order`, if no fault is added."""
    _, simulation = base.with_fault(crash_after(UNREACHED)).watched()
    if simulation is None:
        return ()
    effects = simulation.host.effects
    assert effects is not None, "effects are counted where a crash waits for one"
    return effects.log


def crash_points(base: Trial, down: str = "30 s") -> list[Trial]:
    """The trial with a crash after each effect that it has; the layer is back after `down`."""
    effects = effects_of(base)
    numbers = [place + 1 for place in worth_trying([reads(effect) for effect in effects])]
    return [
        base.with_fault(
            crash_after(number, down), f"crash after effect {number}, {effects[number - 1]}, back after {down}"
        )
        for number in numbers
    ]


def crash_after(number: int, down: str = "30 s") -> str:
    """A scenario's words for a crash right after the effect of this number."""
    return f"{{kind: crash, after_effect: {number}, down: {down}}}"
