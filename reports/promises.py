"""What a layer promises, a line a promise: held, or broken by what first, and the command that shows it again.

A promise that nothing could be tried against is not applicable, and neither held nor broken.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FOUND_MAX = 300
_WORDS = {True: "held", False: "broken", None: "n/a"}
_STYLES = {True: "\x1b[32m", False: "\x1b[1;31m", None: "\x1b[2m"}
_PLAIN = "\x1b[0m"


def promises_page(document: Mapping[str, Any], *, width: int = 80, colour: bool = False) -> str:
    """The document of a conformance run as text. Commands are never broken into lines: they are there to be copied."""
    promises = document["promises"]
    names = max(len(promise["name"]) for promise in promises)
    lines = list[str]()
    for promise in promises:
        lines += _lines(promise, names, width, colour)
    rest = "" if document.get("complete", True) else "; interrupted, so the others were not judged"
    return "\n".join([*lines, "", f"{document['layer']}: {_summed_up([each['held'] for each in promises])}{rest}"])


def _summed_up(held: Sequence[bool | None]) -> str:
    """How many of the promises held, and how many there was nothing to try against."""
    tried = [each for each in held if each is not None]
    idle = len(held) - len(tried)
    apart = f"{idle} {'does' if idle == 1 else 'do'} not apply" if idle else ""
    if not tried:
        return f"nothing was tried: {apart}"
    told = "all promises held" if all(tried) else f"{sum(tried)} of {len(tried)} promises held"
    return f"{told}; {apart}" if apart else told


def _lines(promise: Mapping[str, Any], names: int, width: int, colour: bool) -> Iterator[str]:
    held = promise["held"]
    shown = f"{_STYLES[held]}{_WORDS[held]:6}{_PLAIN}" if colour else f"{_WORDS[held]:6}"
    yield f"{shown}  {promise['name']:{names}}  {_counted(promise)}"
    if held is False:
        first = promise["breaks"][0]
        yield from _wrapped(f"promised: {promise['says']}", width)
        yield from _wrapped(f"{first['what']}: {textwrap.shorten(first['found'][0], FOUND_MAX)}", width)
        yield f"        replay: {first['replay']}"


def _counted(promise: Mapping[str, Any]) -> str:
    if promise["held"] is None:
        return "nothing of the kind can meet this layer"
    runs = "1 run" if promise["runs"] == 1 else f"{promise['runs']} runs"
    return runs if promise["held"] else f"{promise['broken']} of {runs} broke it"


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width, initial_indent=" " * 8, subsequent_indent=" " * 10, break_on_hyphens=False)
