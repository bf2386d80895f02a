"""Markdown as GitHub reads it: text that stays text, tables, code, and a page that stays below a size by whole parts.

A part that would not fit is left out whole, and the page's last line says so: GitHub drops a page that is too large.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.wording import listing, plain, several

ROWS_MAX = 100
CELL_MAX = 300
PARAGRAPH_MAX = 4_000

_MARKS = re.compile(r"[\\`*_\[\]#~$@]|:(?=/)")
_AT_THE_START = re.compile(r"[-+=]|\d+(?=[.)])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: what its heading says (none: it has none), and the Markdown below it."""

    title: str
    text: str

    def markdown(self) -> str:
        """The part as it stands in the page."""
        return f"### {inline(self.title)}\n\n{self.text}\n" if self.title else f"{self.text}\n"


def escaped(text: object, most: int = PARAGRAPH_MAX) -> str:
    """The text on one line, so that none of it is taken for markup; what is longer than `most` ends with `…`."""
    line = inline(text, most)
    start = _AT_THE_START.match(line)
    if not start:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else f"\\{line}"


def inline(text: object, most: int = PARAGRAPH_MAX) -> str:
    """The same for text within a line, where a `-` or `1.` begins no list."""
    line = " ".join(plain(text).split())
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    guarded = _MARKS.sub(r"\\\g<0>", line)
    return "".join(_ENTITIES.get(letter, letter) for letter in guarded)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """A table of at most ROWS_MAX rows, and below it how many more there are. `right` are columns flushed right."""
    lines = [
        _row(header),
        _rule(len(header), right),
        *(_row(row) for row in rows[:ROWS_MAX]),
    ]
    if len(rows) > ROWS_MAX:
        lines += ["", f"… and {several(len(rows) - ROWS_MAX, 'more row')}, which the report has."]
    return "\n".join(lines)


def bullets(items: Sequence[str]) -> str:
    """A list of sentences, as many as a table has rows."""
    lines = [f"- {escaped(item)}" for item in items[:ROWS_MAX]]
    if len(items) > ROWS_MAX:
        lines += ["", f"… and {several(len(items) - ROWS_MAX, 'more line')}, which the report has."]
    return "\n".join(lines)


def code(line: str, language: str = "sh") -> str:
    """A line of code in a block that nothing in it can end."""
    text = " ".join(plain(line).splitlines())
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def fitted(parts: Sequence[Part], size: int) -> str:
    """The parts that fit into `size` bytes of UTF-8, the first first; then a line that names those left out.

    Empty where not even that line would fit.
    """
    pages = [part.markdown() for part in parts]
    if sum(len(page.encode()) + 1 for page in pages) <= size:
        return "\n".join(pages)
    room = size - len(_omitted(parts, size).encode()) - 1
    if room < 0:
        return ""
    kept, left_out = list[str](), list[Part]()
    for part, page in zip(parts, pages, strict=True):
        room -= len(page.encode()) + 1
        if room >= 0:
            kept.append(page)
        else:
            room += len(page.encode()) + 1
            left_out.append(part)
    return "\n".join([*kept, _omitted(left_out, size)])


def _omitted(parts: Sequence[Part], size: int) -> str:
    names = listing([inline(part.title or "the first lines", CELL_MAX) for part in parts])
    return f"_Left out, as there is room for {size:,} bytes: {names}._\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(inline(cell, CELL_MAX) for cell in cells)} |"


def _rule(columns: int, right: Sequence[int]) -> str:
    return f"|{'|'.join('--:' if place in right else '---' for place in range(columns))}|"
