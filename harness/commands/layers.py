"""`tieout layers`: the built-in layers, what they promise, and their safeguards."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import click

from harness import console
from harness.endings import HELD
from harness.layer import Layer, Option
from harness.layers import BUILT_IN, choose
from harness.layers_page import layers_page
from harness.recipes import described, promise, recipe
from harness.switches import FACADE


@click.command("layers")
@click.argument("layer", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.option("--markdown", is_flag=True, help="Print the documentation's page on all layers and their settings.")
def command(layer: str | None, as_json: bool, markdown: bool) -> int:
    """List the built-in layers, what each promises, and what its safeguards protect from.

    With LAYER, a built-in one or module:Class, tell all about that one.

    \b
    Examples:
      tieout layers
      tieout layers event-driven
    """
    if markdown:
        if layer is not None or as_json:
            raise click.UsageError("--markdown prints one page about all layers: give it alone")
        console.output(layers_page().rstrip())
        return HELD
    told: Mapping[str, type[Layer]] = BUILT_IN if layer is None else {layer: choose(layer).layer}
    if as_json:
        console.output(json.dumps({name: described(each) for name, each in told.items()}, indent=2))
    elif layer is None:
        console.output("\n\n".join("\n".join(_in_short(name, each)) for name, each in told.items()))
    else:
        console.output("\n".join(_in_full(layer, told[layer])))
    return HELD


def _in_short(name: str, layer: type[Layer]) -> Iterator[str]:
    """The layer, its promise, and its options with what they are for."""
    yield name
    yield from _wrapped([layer.SUMMARY, promise(layer)], 2)
    idle = [key for key, option in layer.OPTIONS.items() if key in FACADE and not option.guards]
    for key, option in layer.OPTIONS.items():
        if key not in idle:
            yield from _option(key, option)
            yield from _wrapped([_guard(option) or option.help], 6)
    if idle:
        yield from _wrapped([f"{', '.join(idle)}: off (parts of a façade)"], 4)


def _in_full(name: str, layer: type[Layer]) -> Iterator[str]:
    """The layer's recipe; of each option what it is for, what it protects from, and why it is set as it is."""
    yield name
    for paragraph in (layer.SUMMARY, *recipe(layer)):
        yield from _wrapped([paragraph], 2)
        yield ""
    yield "Options" if layer.OPTIONS else "It has no options."
    for key, option in layer.OPTIONS.items():
        yield from _option(key, option)
        yield from _wrapped([option.help, _guard(option)], 6)
        if key in layer.WHY:
            yield from _wrapped([f"why {option.default}: {layer.WHY[key]}"], 6)
    missing = {key: why for key, why in layer.WHY.items() if key not in layer.OPTIONS}
    if missing:
        yield from ("", "Left out, and why")
        for key, why in missing.items():
            yield from _wrapped([f"{key}: {why}"], 2)


def _option(key: str, option: Option) -> Iterator[str]:
    others = " | ".join(choice for choice in option.choices if choice != option.default)
    yield from _wrapped([f"{key}={option.default}{f'  (or {others})' if others else ''}"], 4)


def _guard(option: Option) -> str:
    """What a safeguard is there for, or would be if it were switched on."""
    if not option.protects:
        return ""
    if option.guards:
        return f"protects from {option.protects}"
    return f"off here; on, it protects from {option.protects}"


def _wrapped(texts: Sequence[str], indent: int) -> Iterator[str]:
    """Each text on lines of its own that fit the terminal."""
    blanks = " " * indent
    for text in texts:
        yield from textwrap.wrap(
            text, console.width(), initial_indent=blanks, subsequent_indent=blanks, break_on_hyphens=False
        )
