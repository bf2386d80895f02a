"""The page of the documentation that says what each metric is, and what a threshold may ask of it.

`python -m harness.expectations.page` prints it, and a test holds docs/metrics.md against it.
"""

import sys
from collections.abc import Iterator

from harness.expectations.catalogue import METRICS, Metric, Unit
from harness.expectations.said import AGGREGATES

FEW = 4
"""So many parts of a metric stand in the table; longer lists stand below it."""

INTRODUCTION = """\
# What is measured

A metric is what an expectation may name, in a scenario under `expect` or on the command line with `--expect`. All
instants are virtual; what is counted begins with the quarter, but for duplicates, missing records and breaks, of which
nothing is left out. A *flow* is one kind of business change on its way to one target, as `contract->billing`.

A part follows its metric after a dot: `duplicates.invoices`. Without one, a metric with parts stands for what the table
says of the whole. Of a distribution a threshold asks for a number: `event_lag.p95 < 15 min`, `p(N)` with a whole N, or
one of {aggregates}; `never` is the share that did not arrive. This page is printed
by `python -m harness.expectations.page`."""

_IN: dict[Unit, str] = {
    "count": "a count", "number": "a number", "minor": "money", "share": "a share", "s": "a span of time",
}  # fmt: skip
_WHOLE = {"sum": "their sum", "largest": "the largest", "translated": "their sum, translated"}


def metrics_page() -> str:
    """The page, in Markdown."""
    aggregates = ", ".join(f"`{each}`" for each in AGGREGATES)
    rows = ["| metric | what it is | in | parts | the whole |", "|---|---|---|---|---|"]
    rows += [_row(name, metric) for name, metric in METRICS.items()]
    lists = [f"**{name}**: {_listed(metric)}" for name, metric in METRICS.items() if len(metric.parts or ()) > FEW]
    parts = [INTRODUCTION.format(aggregates=aggregates), "\n".join(rows), "## Parts", *lists]
    return "\n\n".join(parts) + "\n"


def _row(name: str, metric: Metric) -> str:
    measured = f"{_IN[metric.unit]}{', distributed' if metric.distribution else ''}"
    return f"| {' | '.join((f'`{name}`', metric.about, measured, *_parts(metric)))} |"


def _parts(metric: Metric) -> Iterator[str]:
    """The parts of a metric, and what stands for all of them together."""
    if metric.parts is None:
        yield "as the run has them"
    elif len(metric.parts) > FEW:
        yield "[see below](#parts)"
    else:
        yield _listed(metric)
    if metric.parts == ():
        yield ""
    elif metric.whole is None:
        yield "none: name a part"
    elif metric.distribution:
        yield "all together"
    else:
        yield _WHOLE.get(metric.whole, f"`{metric.whole}`")


def _listed(metric: Metric) -> str:
    return ", ".join(f"`{part}`" for part in metric.parts or ())


if __name__ == "__main__":
    sys.stdout.write(metrics_page())
