"""What a layer says of itself: its recipe, what it promises, and how its switches are set and why."""

import sys
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any

from harness.layer import Layer, Option
from harness.switches import SWITCHES

PROMISES = "It promises "
"""How the paragraph of a recipe begins that says what the layer promises."""


def recipe(layer: type[Layer]) -> Sequence[str]:
    """The paragraphs of its module's docstring, or of its own where the module has none."""
    module = sys.modules.get(layer.__module__)
    text = (module.__doc__ if module else None) or layer.__doc__ or ""
    return [" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n") if paragraph.strip()]


def promise(layer: type[Layer]) -> str:
    """What the layer promises, the first sentence that its recipe has of it; empty where it promises nothing."""
    said = next((paragraph for paragraph in recipe(layer) if paragraph.startswith(PROMISES)), "")
    first, more, _ = said.partition(". ")
    return f"{first}." if more else first


def reason(layer: type[Layer], name: str) -> str:
    """Why a switch is not set as most layers have it, or is not there; empty where it is as they have it."""
    return layer.WHY.get(name, "")


def deviates(layer: type[Layer], name: str) -> bool:
    """Whether a shared switch has another default in this layer than most layers have."""
    return name in SWITCHES and layer.OPTIONS[name].default != SWITCHES[name].default


def described(layer: type[Layer]) -> dict[str, Any]:
    """The layer as `tieout layers --json` tells of it."""
    return {
        "summary": layer.SUMMARY,
        "promise": promise(layer),
        "options": {name: _option(layer, name, option) for name, option in layer.OPTIONS.items()},
        "left_out": {name: why for name, why in layer.WHY.items() if name not in layer.OPTIONS},
    }


def _option(layer: type[Layer], name: str, option: Option) -> Mapping[str, Any]:
    return {
        "default": option.default,
        "choices": list(option.choices),
        "help": option.help,
        "safeguard": option.guards,
        "protects": option.protects,
        "without": option.without,
        "why": reason(layer, name),
    }
