"""What a layer promises, a line a promise: held, or broken by what first, and the command that shows it again."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

FOUND_MAX = 300
_STYLES = {"held": "\x1b[32m", "broken": "\x1b[1;31m"}
_PLAIN = "\x1b[0m"


def promises_page(document: Mapping[str, Any], *, width: int = 80, colour: bool = False) -> str:
    """The document of a conformance run as text. Commands are never broken into lines: they are there to be copied."""
    promises = document["promises"]
    names = max(len(promise["name"]) for promise in promises)
    lines = list[str]()
    for promise in promises:
        lines += _lines(promise, names, width, colour)
    held = sum(promise["held"] for promise in promises)
    verdict = "all promises held" if held == len(promises) else f"{held} of {len(promises)} promises held"
    return "\n".join([*lines, "", f"{document['layer']}: {verdict}"])


def _lines(promise: Mapping[str, Any], names: int, width: int, colour: bool) -> Iterator[str]:
    word = "held" if promise["held"] else "broken"
    shown = f"{_STYLES[word]}{word:6}{_PLAIN}" if colour else f"{word:6}"
    yield f"{shown}  {promise['name']:{names}}  {_counted(promise)}"
    if not promise["held"]:
        first = promise["breaks"][0]
        yield from _wrapped(f"promised: {promise['says']}", width)
        yield from _wrapped(f"{first['what']}: {textwrap.shorten(first['found'][0], FOUND_MAX)}", width)
        yield f"        replay: {first['replay']}"


def _counted(promise: Mapping[str, Any]) -> str:
    runs = "1 run" if promise["runs"] == 1 else f"{promise['runs']} runs"
    return runs if promise["held"] else f"{promise['broken']} of {runs} broke it"


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width, initial_indent=" " * 8, subsequent_indent=" " * 10, break_on_hyphens=False)
