"""A figure on a page: how to read it, the drawing, and the tables with the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.tables import Table


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its title, its caption, the SVG as an element of the page, and its tables."""

    id: str
    title: str
    caption: str
    svg: str
    tables: Sequence[Table]


def drawn(name: str, title: str, caption: str, svg: bytes, tables: Sequence[Table]) -> Drawn:
    """The figure of an SVG file, ready for a page."""
    from reports.canvas import inline  # noqa: PLC0415 - matplotlib takes more than a second to import

    # What a screen reader says instead of the figure.
    described = f"{title}. The same numbers are in the tables below: {'; '.join(table.caption for table in tables)}."
    return Drawn(name, title, caption, inline(svg, name, described), tables)
