"""How a figure becomes bytes: one look, legible on light and dark paper, and the same bytes every time."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from typing import Any, TypeAlias

import matplotlib.style
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reports.wording import plain

# Middle tones: at least 3:1 against white and against a near-black page.
INK = "#767b83"
RULE = "#9aa0a9"
WARNING = "#d09a2b"
LAYER_COLOURS = ("#d0602b", "#3b7dc4", "#2f8f6b", "#a566b0", "#a8801a", "#2b8a9e", "#c8557f", "#7d8a33", "#9a6b4f")
PART_COLOURS = ("#6f7f99", "#a8801a", "#2b8a9e", "#c8557f", "#7d8a33", "#a566b0", "#9a6b4f")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1.5, 1.5)))
MARKERS = "osD^vP*X<"
WIDTH_IN = 7.4
LABEL_MAX = 36

_LOOK: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tieout",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "text.parse_math": False,
    "text.color": INK,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.alpha": 0.35,
    "grid.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "legend.labelcolor": INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}


Style: TypeAlias = tuple[str, Any, str]
"""A layer's colour, dash and marker."""


@contextmanager
def look() -> Iterator[None]:
    """The house's look, whatever the user's matplotlibrc says. Draw and save within it."""
    with matplotlib.style.context("default", after_reset=True), rc_context(_LOOK):
        yield


def sheet(rows: int, columns: int, height_in: float, **options: Any) -> tuple[Figure, list[list[Axes]]]:
    """An empty figure with rows x columns axes."""
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    axes: Any = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, [list(row) for row in axes]


def styles() -> Iterator[Style]:
    """Colour, dash and marker for the first layer, the second, and so on."""
    return cycle(
        (colour, DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)])
        for place, colour in enumerate(LAYER_COLOURS)
    )


def label(names: Sequence[str]) -> list[str]:
    """Names as they may stand in a figure: plain, and cut in the middle where they would crowd out the drawing."""
    short = [name if len(name) <= LABEL_MAX else f"{name[:22]}…{name[-13:]}" for name in names]
    return [plain(name) for name in short]


def svg(figure: Figure) -> bytes:
    """The figure as a file of its own: transparent, text as text, no date, no digits that nobody can see."""
    _lay_out(figure)
    figure.set_facecolor("none")
    drawn = BytesIO()
    # By its canvas, as `savefig` would draw it all once more before, for other formats' sake.
    FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    return re.sub(rb' d="[^"]*"', lambda path: re.sub(rb"(\.\d\d)\d+", rb"\1", path[0]), drawn.getvalue())


def png(figure: Figure) -> bytes:
    """The figure as a picture on white, 200 dots an inch."""
    _lay_out(figure)
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=200, facecolor="white", metadata={"Software": None})
    return drawn.getvalue()


def inline(drawn: bytes, name: str, description: str) -> str:
    """An SVG file as an element of a page: ids prefixed by `name`, in the page's ink, with a description."""
    text = drawn.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    used = frozenset(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in used else "", text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    text = text.replace(INK, "currentColor").replace(RULE, "var(--rule)")
    return text.replace("<svg ", f'<svg role="img" aria-label="{_attribute(description)}" ', 1)


def _lay_out(figure: Figure) -> None:
    """Give each of the axes its place, once and for all."""
    layout = figure.get_layout_engine()
    if layout is None:
        return
    layout.execute(figure)
    figure.set_layout_engine("none")
    # The layout's solver orders its terms by memory address, so the last digits of the places it finds
    # differ from run to run: round them.
    for axis in figure.axes:
        left, bottom, width, height = axis.get_position().bounds
        axis.set_position((round(left, 4), round(bottom, 4), round(width, 4), round(height, 4)))


def _attribute(text: str) -> str:
    for found, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(found, written)
    return plain(text)
