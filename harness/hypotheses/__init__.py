"""The hypotheses: what theory says of queues, faults and retries, and whether the simulator says so too.

H1 to H30 are about integration patterns, Q1 to Q20 about queues; some have a second name, of these or of F1 to F8. Each
is a closed form beside a run of the mechanism that it is about: a `hypothesis` has cases, a case predicts and measures,
a `measured` number has the interval by which both are compared. `bench` is one system alone on the network; `theory`
and `extra_commits` are formulas. A hypothesis that cannot be tested says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.hypotheses import (
    back_off,
    batch,
    capped,
    capture,
    chains,
    clocks,
    facade,
    mapping_edits,
    order,
    outages,
    partitions,
    queues,
    recovery,
    retries,
    sagas,
    threads,
    twice,
)
from harness.hypotheses.hypothesis import Case, Finding, Hypothesis, Untested, findings
from harness.hypotheses.measured import Measured

__all__ = ["HYPOTHESES", "SEED", "Case", "Finding", "Hypothesis", "Measured", "Untested", "asked_for", "findings"]

SEED = 1
"""The seed with which the hypotheses are measured. One interval of 99 % in a hundred misses under any other."""


def _place(hypothesis: Hypothesis) -> tuple[str, int]:
    return hypothesis.id[0], int(hypothesis.id[1:])


FAMILIES = (
    queues, capped, retries, back_off, outages, recovery, order, partitions, capture, batch, clocks, facade,
    mapping_edits, sagas, threads, twice,
)  # fmt: skip

HYPOTHESES: Sequence[Hypothesis] = sorted(
    (
        replace(hypothesis, cases=hypothesis.cases + chains.MORE.get(hypothesis.id, ()))
        for family in FAMILIES
        for hypothesis in family.HYPOTHESES
    ),
    key=_place,
)
"""All of them, H before Q, by number."""


def asked_for(ids: Iterable[str]) -> list[Hypothesis]:
    """The hypotheses with these ids, in their order; all of them for none. Raises KeyError for an unknown id."""
    wanted = [name.upper() for name in ids]
    known = {name: hypothesis for hypothesis in HYPOTHESES for name in (hypothesis.id, *hypothesis.also)}
    for name in wanted:
        if name not in known:
            raise KeyError(name)
    if not wanted:
        return list(HYPOTHESES)
    ours = [known[name].id for name in wanted]
    return [hypothesis for hypothesis in HYPOTHESES if hypothesis.id in ours]
