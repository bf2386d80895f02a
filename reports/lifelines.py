"""A sequence diagram as SVG: a line a party, an arrow a step, in the colours of the page it stands in."""

from collections.abc import Iterator
from html import escape

from reports.story import LAYER, Step, Story
from reports.wording import plain

LEFT, APART, ROW, TOP = 84, 210, 34, 44
"""Pixels: where the first party's line begins, from party to party, from step to step, and above the first step."""


def lifelines_svg(story: Story) -> str:
    """The diagram of a story, or nothing where it has no steps. Its words are text, to be found and read aloud."""
    parties, steps = story["parties"], story["steps"]
    if not steps:
        return ""
    places = {party: LEFT + APART // 2 + number * APART for number, party in enumerate(parties)}
    days = len({step["at"][:10] for step in steps})
    width, height = LEFT + APART * len(parties) + 60, TOP + ROW * (len(steps) + days) + 8
    shapes = [*_parties(places, height), *_rows(steps, places)]
    label = f"{len(steps)} steps between {', '.join(parties)}"
    return (
        f'<svg class="lifelines" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(plain(label))}">{"".join(shapes)}</svg>'
    )


def _parties(places: dict[str, int], height: int) -> Iterator[str]:
    for party, x in places.items():
        kind = "layer" if party == LAYER else "party"
        yield f'<line class="life" x1="{x}" y1="26" x2="{x}" y2="{height}"/>'
        yield f'<text class="{kind}" x="{x}" y="18" text-anchor="middle">{escape(plain(party))}</text>'


def _rows(steps: list[Step], places: dict[str, int]) -> Iterator[str]:
    y, day = TOP, ""
    for step in steps:
        today, _, time = step["at"].partition(" ")
        if today != day:
            yield f'<text class="day" x="0" y="{y + 12}">{escape(today)}</text>'
            day, y = today, y + ROW
        yield from _step(step, time, y, places)
        y += ROW


def _step(step: Step, time: str, y: int, places: dict[str, int]) -> Iterator[str]:
    style = " parts" if step["parts"] else " struck" if step["fault"] else ""
    frm, to = places[step["frm"]], places[step["to"]]
    words = escape(plain(step["words"]))
    yield f'<g class="step{style}"><text class="time" x="0" y="{y + 12}">{time}</text>'
    if frm == to:
        yield f'<circle cx="{frm}" cy="{y + 8}" r="4"/><text x="{frm + 10}" y="{y + 12}">{words}</text></g>'
        return
    side = 1 if to > frm else -1
    tip = to - 8 * side
    dashes = ' stroke-dasharray="4 4"' if step["back"] else ""
    yield f'<text x="{min(frm, to) + 10}" y="{y + 8}">{words}</text>'
    yield f'<line x1="{frm}" y1="{y + 14}" x2="{tip}" y2="{y + 14}"{dashes}/>'
    if step["fault"] and any(word in step["words"] for word in (" lost", "too late")):
        yield f'<path d="M{tip - 5},{y + 9} l10,10 m0,-10 l-10,10"/></g>'
    else:
        yield f'<path class="tip" d="M{to - 1 * side},{y + 14} l{-9 * side},-4.5 l0,9 z"/></g>'
