"""The law of what blind retries commit too often: H3's closed form with its variance."""

import math
from collections import defaultdict

ENDLESS = 400
"""So many tries are as good as no end: what is left then is below any float."""


def extra_commits(a: float, b: float, tries: int | None) -> tuple[float, float]:
    """Mean and variance of an operation's commits beyond the first.

    A try fails uncommitted with probability `a`, committed and unheard with `b`, and is repeated up to `tries` times,
    or until it is answered (None). H3: the mean is (1 - a) (1 - fⁿ) / (1 - f) - (1 - aⁿ), with f = a + b.
    """
    going: dict[int, float] = {0: 1.0}  # commits so far -> probability that the client is still trying
    ended: defaultdict[int, float] = defaultdict(float)
    for _ in range(tries or ENDLESS):
        after: defaultdict[int, float] = defaultdict(float)
        for commits, share in going.items():
            ended[commits + 1] += share * (1 - a - b)
            after[commits] += share * a
            after[commits + 1] += share * b
        going = after
    for commits, share in going.items():
        ended[commits] += share
    extra = {commits: max(0, commits - 1) for commits in ended}
    mean = math.fsum(share * extra[commits] for commits, share in ended.items())
    return mean, math.fsum(share * extra[commits] ** 2 for commits, share in ended.items()) - mean**2
