"""The figures of a report, each one question: what is wrong, how late, what piled up, what waits, why, at what cost.

Every layer keeps its colour, dash and marker through all of them; every figure has a table beside it in the page.
"""

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from reports.arrivals import lags
from reports.bars import calls, causes, counts
from reports.canvas import look, png, svg
from reports.forest import cost, harm
from reports.reading import Results
from reports.result import Document
from reports.timelines import backlog, oldest
from reports.waiting import waiting

FIGURES: dict[str, Callable[[Results], Figure | None]] = {
    "counts": counts,
    "lags": lags,
    "backlog": backlog,
    "oldest": oldest,
    "waiting": waiting,
    "causes": causes,
    "calls": calls,
}

OF_ABLATION: dict[str, Callable[[Results], Figure | None]] = {
    "harm": harm,
    "cost": cost,
    "counts": counts,
    "causes": causes,
}
"""The figures of an ablation."""


def files(document: Document, *, formats: Sequence[str] = ("svg",)) -> dict[str, bytes]:
    """Every figure that the document has data for, by file name: `counts.svg`, with "png" also `counts.png`."""
    results = Results(document)
    saved: dict[str, bytes] = {}
    with look():
        for name, draw in (OF_ABLATION if document["schema"] == "tieout.ablate/1" else FIGURES).items():
            figure = draw(results)
            if figure is not None:
                saved |= {f"{name}.{form}": {"svg": svg, "png": png}[form](figure) for form in formats}
    return saved
