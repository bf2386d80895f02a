"""`tieout layers`: the built-in layers and their safeguards."""

import json

import click

from harness import console
from harness.endings import HELD
from harness.layer import Option
from harness.layers import BUILT_IN


@click.command("layers")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(as_json: bool) -> int:
    """List the built-in layers and their options."""
    if as_json:
        told = {
            name: {"summary": layer.SUMMARY, "options": {key: _told(option) for key, option in layer.OPTIONS.items()}}
            for name, layer in BUILT_IN.items()
        }
        console.output(json.dumps(told, indent=2))
        return HELD
    for name, layer in BUILT_IN.items():
        console.output(f"{name}\n  {layer.SUMMARY}")
        for key, option in layer.OPTIONS.items():
            console.output(f"    {f'{key}={option.default}':25} {option.help} ({' | '.join(option.choices)})")
    return HELD


def _told(option: Option) -> dict[str, object]:
    return {"default": option.default, "choices": list(option.choices), "help": option.help}
