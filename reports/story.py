"""What a story says: how one break came to be, or how one contract fared. The document of `tieout explain`.

Spans and instants are seconds since the run's first instant; `at` is the local date-time of one for people.
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

LAYER = "layer"
"""The party of a diagram that stands for the integration layer."""


class Step(TypedDict):
    """One thing that happened, from one party to another, or (`to` the same) at one of them.

    `fault` says that a fault had a hand in it, `parts` that what happened parts here from what was meant, and `back`
    that it is the answer to something.
    """

    at_s: float
    at: str
    frm: str
    to: str
    words: str
    back: bool
    fault: bool
    parts: bool


class Commit(TypedDict):
    """A record that came to be, by which call, and why that call was made. `call` is None where the system made it."""

    record: str
    at_s: float
    at: str
    call: int | None
    operation: str
    attempt: int
    event: int | None
    event_words: str
    why: str
    answer: str


class Amount(TypedDict):
    """A line of arithmetic."""

    words: str
    minor: int


class FaultTold(TypedDict):
    """The fault whose hit made the break: its window, and the very call or delivery that was hit."""

    name: str
    kind: str
    target: str
    window: str
    at_s: float
    at: str
    where: str
    key: str


class BreakTold(TypedDict):
    """The break that a story is of."""

    kind: str
    record: str
    system: str
    key: str
    contract: str | None
    account: str | None
    period: str | None
    amount_minor: int
    delta_minor: int
    currency: str
    detail: str
    cause: str


class Story(TypedDict):
    """Plain sentences, part by part, and the steps of the diagram. `of` is None for a contract's life.

    `mistake` is the word for what the layer did wrong, which `did_wrong` tells; empty where it did nothing wrong.
    """

    title: str
    of: BreakTold | None
    meant: list[str]
    happened: list[str]
    commits: list[Commit]
    last_seen: str
    arithmetic: list[Amount]
    currency: str
    parted: str
    parted_at: NotRequired[str]
    fault: FaultTold | None
    cause: str
    mistake: str
    did_wrong: list[str]
    safeguards: list[str]
    prevention: str
    parties: list[str]
    steps: list[Step]
    left_out: int


def identity(found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """What tells one break from another, in a run's document and in a story alike."""
    return found["kind"], found.get("system", ""), found["key"], found.get("detail", "")


class ExplainDocument(TypedDict):
    """The stories of a run's breaks, or of those of one key. `breaks` is how many there are, `stories` those told.

    Of a run without a break `slow` of them are of the events that broke an expectation of how fast things arrive.
    """

    schema: Literal["tieout.explain/1"]
    tieout: str
    scenario: str
    layer: str
    seed: int
    fingerprint: str
    run_dir: str
    key: str | None
    breaks: int
    slow: int
    stories: list[Story]
