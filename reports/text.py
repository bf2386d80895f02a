"""A page of text in the making: lines that fit the terminal, plain columns, colour only where it is asked for."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from reports.wording import plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_WHOLE = re.compile(r"\[[^]]*\]|USD \S+|[\d.] (?:%|d|h|min|s|ms)(?![a-z])")
_TIE = "\N{NO-BREAK SPACE}"


class Page:
    """Lines in the making, through a console that knows nothing of the surroundings."""

    def __init__(self, width: int, colour: bool) -> None:
        from rich.console import Console  # noqa: PLC0415 - only the commands that print a table pay for rich

        self._out = StringIO()
        self._colour = colour
        self._width = width
        self._console: Console = Console(
            file=self._out,
            width=width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            _environ={},
        )

    @property
    def width(self) -> int:
        """How many columns a line may have."""
        return self._width

    def text(self) -> str:
        """All lines so far, without blanks at their ends."""
        return "".join(f"{line.rstrip()}\n" for line in self._out.getvalue().splitlines())

    def add(self, what: "RenderableType") -> None:
        self._console.print(what)

    def blank(self) -> None:
        self._console.print()

    def heading(self, words: str, *, style: str = "bold") -> None:
        self.sentence(words, style=style, indent="")

    def note(self, words: str) -> None:
        self.sentence(words, style="dim", indent="")

    def sentences(self, sentences: Iterable[str]) -> None:
        for words in sentences:
            self.sentence(words)

    def sentence(self, words: str, *, style: str = "", indent: str = "  ") -> None:
        """The words, indented and wrapped between words, never within a number's unit or an interval."""
        kept = _WHOLE.sub(lambda whole: whole[0].replace(" ", _TIE), plain(words))
        lines = textwrap.wrap(
            kept,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        self._console.print("\n".join(lines).replace(_TIE, " "), style=style, soft_wrap=True)

    def line(self, words: str, *, style: str = "") -> None:
        """The words on one line, however long: what is to be copied."""
        self._console.print(plain(words), style=style, soft_wrap=True)

    def rows(self, rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), styles: Sequence[str] = ()) -> None:
        self.add(self.table(rows, right=right, styles=styles))

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        right: Iterable[int] = (),
        header: Sequence[str] = (),
        styles: Sequence[str] = (),
    ) -> "Table":
        """Columns two blanks apart; `right` are those flushed right, `styles` go down the rows in turn."""
        from rich.table import Table  # noqa: PLC0415 - see above
        from rich.text import Text  # noqa: PLC0415 - see above

        flush = set(right)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(header), row_styles=styles)
        for place in range(len(rows[0])):
            title = Text(plain(header[place])) if header else ""
            table.add_column(title, justify="right" if place in flush else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        return table

    def fits(self, table: "Table") -> bool:
        """Whether the table shows without a wrapped cell."""
        from rich.measure import Measurement  # noqa: PLC0415 - see above

        wide = self._console.options.update(max_width=10_000)
        return Measurement.get(self._console, wide, table).maximum <= self._width
