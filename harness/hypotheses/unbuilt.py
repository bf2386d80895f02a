"""Hypotheses whose closed form is known and whose mechanism the simulator does not have yet, each with what is missing.

Once a mechanism is built, its hypothesis moves to a module of its own and is measured.
"""

from harness.hypotheses.hypothesis import Hypothesis, Untested

HYPOTHESES = (
    Hypothesis(
        id="H20",
        about="dual write and outbox",
        cases=(
            Untested(
                {
                    "events lost a dual write, a crash a day and 0.1 s between commit and publish": 0.1 / 86_400,
                    "events lost through an outbox": 0,
                },
                "capture by dual write or by an outbox is not built yet",
            ),
        ),
    ),
)
