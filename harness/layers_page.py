"""The page of the documentation that states every built-in layer's settings, and why they are so.

`tieout layers --markdown` prints it, and a test holds docs/layers.md against it.
"""

from collections.abc import Iterator, Sequence

from harness.blocks.retry import (
    CONCURRENCY,
    LOAD_TIMEOUT_US,
    READ_TIMEOUT_US,
    RETRY_SPAN_US,
    WRITE_TIMEOUT_US,
    RetryPolicy,
)
from harness.layer import Layer, Option
from harness.layers import BUILT_IN
from harness.recipes import PROMISES, deviates, promise, reason
from harness.store import WRITE_US
from harness.switches import SWITCHES
from reports.wording import span
from sim.durations import SECOND

INTRODUCTION = """\
# The built-in layers and their settings

No pattern is favoured: all share the same clients, blocks, timeouts and retry policy, and have the same switches at the
same defaults, unless the pattern itself says otherwise. Where it does, it is said here, and why.

This page is printed by `tieout layers --markdown`. Every switch can be set alone, `event-driven:inbox=off`; what each
safeguard is worth under a scenario, `tieout ablate SCENARIO --layer NAME` measures."""


def layers_page() -> str:
    """The page, in Markdown."""
    parts = [INTRODUCTION, _promises(), _switches(), _reasons(), _own_options(), _safeguards(), _common()]
    return "\n\n".join(parts) + "\n"


def _promises() -> str:
    rows = [(f"`{name}`", layer.SUMMARY, promise(layer).removeprefix(PROMISES)) for name, layer in BUILT_IN.items()]
    return f"## What each is, and promises\n\n{_table(('layer', 'how it works', 'promise'), rows)}"


def _switches() -> str:
    """A row a shared switch, a column a layer: bold where the layer's default is its own, a dash where it has none."""
    rows = [
        (f"`{name}`", f"`{common.default}`", *(_default(layer, name) for layer in BUILT_IN.values()))
        for name, common in SWITCHES.items()
    ]
    head = ("switch", "common", *BUILT_IN)
    note = "Bold: not as most layers have it. A dash: the layer has no such switch."
    return f"## Switches\n\n{_table(head, rows)}\n\n{note}"


def _default(layer: type[Layer], name: str) -> str:
    if name not in layer.OPTIONS:
        return "–"
    default = f"`{layer.OPTIONS[name].default}`"
    return f"**{default}**" if deviates(layer, name) else default


def _reasons() -> str:
    """Why each switch that is not as in most layers is as it is, layer by layer."""
    return "## Why they differ" + "".join(f"\n\n{text}" for text in filter(None, map(_why, BUILT_IN.values())))


def _why(layer: type[Layer]) -> str:
    said = [
        f"- {f'`{name}={layer.OPTIONS[name].default}`' if name in layer.OPTIONS else f'no `{name}`'}: "
        f"{reason(layer, name)}."
        for name in SWITCHES
        if reason(layer, name)
    ]
    for name, (value, why) in layer.SETTINGS.items():
        said.append(f"- {_spoken(name)} {_value(name, value)}: {why}.")
    return "\n".join([f"**{layer.NAME}**", "", *said]) if said else ""


def _own_options() -> str:
    """The options that only one layer has."""
    rows = [
        (f"`{layer.NAME}`", f"`{name}={option.default}`", _choices(option), option.help)
        for layer in BUILT_IN.values()
        for name, option in layer.OPTIONS.items()
        if name not in SWITCHES
    ]
    return f"## Options of one layer alone\n\n{_table(('layer', 'option', 'or', 'what it is for'), rows)}"


def _safeguards() -> str:
    """Every option that protects from something: one that several layers have alike is told once."""
    own = [
        (name, option) for layer in BUILT_IN.values() for name, option in layer.OPTIONS.items() if name not in SWITCHES
    ]
    rows = [
        (f"`{name}`", option.protects, f"`{option.without}`", ", ".join(f"`{kind}`" for kind in option.against) or "–")
        for name, option in (*SWITCHES.items(), *own)
        if option.protects
    ]
    head = ("safeguard", "protects from", "taken away by", "put to the test by")
    return f"## What safeguards protect from\n\n{_table(head, list(dict.fromkeys(rows)))}"


def _common() -> str:
    """What no layer sets for itself."""
    policy = RetryPolicy()
    rows = [
        ("timeout of a read", _span(READ_TIMEOUT_US)),
        ("timeout of a write", _span(WRITE_TIMEOUT_US)),
        ("timeout of a bulk load", _span(LOAD_TIMEOUT_US)),
        ("calls under way at one system at a time", str(CONCURRENCY)),
        (
            "wait before a retry",
            f"drawn from 0 to {policy.base_us // SECOND} s, twice that each time, up to {policy.cap_us // SECOND} s",
        ),
        ("after a 429", "Retry-After, and then that wait"),
        ("what is tried again", "no answer, 429 and 5xx; an expired token once, with a new one"),
        ("one call is tried for at most", _span(RETRY_SPAN_US)),
        ("a durable write takes", _span(WRITE_US)),
    ]
    return f"## What all share\n\n{_table(('setting', 'value'), rows)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines([head, ["---"] * len(head), *rows]))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _choices(option: Option) -> str:
    return ", ".join(f"`{choice}`" for choice in option.choices if choice != option.default)


def _spoken(name: str) -> str:
    return name.removesuffix("_us").replace("_", " ")


def _value(name: str, value: int | tuple[int, ...]) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(_span(each) if name.endswith("_us") else str(each) for each in values)


def _span(span_us: int) -> str:
    return span(span_us / SECOND)
