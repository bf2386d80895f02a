"""Which layer a name means: a built-in pattern with its options, or a class of the user's own.

`event-driven`, `event-driven:inbox=off,gate=none`, `my.module:MyLayer`, `my.module:MyLayer:depth=3`.
"""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from inspect import isabstract
from pathlib import Path

from harness.attempts import place
from harness.endings import LayerError
from harness.layer import Layer, Option, Surroundings
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.hybrid import Hybrid
from harness.patterns.managed_batch import ManagedBatch
from harness.patterns.point_to_point import PointToPoint
from harness.patterns.process_orchestration import ProcessOrchestration
from harness.patterns.sync_orchestration import SyncOrchestration
from harness.patterns.system_api import SystemApi

_BUILT_IN: tuple[type[Layer], ...] = (
    PointToPoint, SyncOrchestration, ProcessOrchestration, EventDriven, CanonicalHub, ManagedBatch, SystemApi, Hybrid,
)  # fmt: skip
BUILT_IN: Mapping[str, type[Layer]] = {layer.NAME: layer for layer in _BUILT_IN}


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """A layer and its options, as chosen on the command line. `text` is how it was asked for."""

    text: str
    layer: type[Layer]
    options: Mapping[str, str]

    def build(self, surroundings: Surroundings) -> Layer:
        """The layer, in its surroundings."""
        return self.layer(surroundings, self.options)

    def safeguards(self) -> tuple[str, ...]:
        """The options that guard it as it is chosen: those that are not at the value which takes them away."""
        options = self.layer.OPTIONS.items()
        return tuple(name for name, option in options if option.without and self.options[name] != option.without)

    def without(self, *names: str) -> "LayerChoice":
        """The same layer with these safeguards taken away; its text is how one would ask for that."""
        words = self.text.split(":")
        named = 1 if words[0] in BUILT_IN else 2
        given = [part for part in ":".join(words[named:]).split(",") if part and part.partition("=")[0] not in names]
        taken = [f"{name}={self.layer.OPTIONS[name].without}" for name in names]
        return choose(f"{':'.join(words[:named])}:{','.join(given + taken)}")


def choose(text: str) -> LayerChoice:
    """The layer that `text` means. Raises LayerError."""
    name, _, rest = text.partition(":")
    if name in BUILT_IN:
        return LayerChoice(text, BUILT_IN[name], _options(BUILT_IN[name], text, rest))
    if not rest or not name:
        near = get_close_matches(name, BUILT_IN, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the built-in ones are {', '.join(BUILT_IN)};"
        raise LayerError(f"unknown layer {text!r}: {hint} a layer of your own is written module:Class")
    attribute, _, options = rest.partition(":")
    layer = _imported(text, name, attribute)
    return LayerChoice(text, layer, _options(layer, text, options))


def choice_of(brought: object, text: str, options: str = "", *, module: str = "", attribute: str = "") -> LayerChoice:
    """The choice of a layer that is at hand, a class or a program, called `text`. Raises LayerError.

    A program that an importable `module` holds is imported anew for each of its lives; any other has but one.
    """
    layer = _layer(brought, text, module, attribute or getattr(brought, "__name__", type(brought).__name__))
    return LayerChoice(text, layer, _options(layer, text, options))


def _imported(text: str, module_name: str, attribute: str) -> type[Layer]:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # last: folders of the user's must not hide ours
    try:
        with redirect_stdout(sys.stderr):  # standard output is for data
            module = import_module(module_name)
    except (Exception, SystemExit) as error:
        raise LayerError(f"layer {text!r}: {_import_problem(module_name, error)}") from error
    layer = getattr(module, attribute, None)
    if layer is None:
        near = get_close_matches(attribute, dir(module), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise LayerError(f"layer {text!r}: module {module_name} has no attribute {attribute!r}{hint}")
    return _layer(layer, text, module_name, attribute)


def _layer(brought: object, text: str, module: str, attribute: str) -> type[Layer]:
    """The layer that an object is, or has been imported as."""
    if not (isinstance(brought, type) and issubclass(brought, Layer)):
        return _program(text, module, attribute, brought)
    if isabstract(brought):
        missing = " and ".join(sorted(brought.__abstractmethods__))
        raise LayerError(f"layer {text!r}: {attribute} does not define {missing}: write it as harness.layer.Layer says")
    return brought


def _program(text: str, module: str, attribute: str, brought: object) -> type[Layer]:
    """The layer that a program of the user's own is."""
    from harness.foreign.layer import foreign  # noqa: PLC0415  only who brings a program needs the faces
    from harness.foreign.shapes import SHAPES  # noqa: PLC0415

    layer = foreign(module, attribute, brought)
    if layer is None:
        raise LayerError(f"layer {text!r}: {attribute} is neither a subclass of harness.layer.Layer nor {SHAPES}")
    return layer


def _import_problem(module_name: str, error: BaseException) -> str:
    stem = module_name.removesuffix(".py").replace("/", ".").strip(".")
    if stem != module_name:
        return f"{module_name!r} is no module's name: write {stem}:Class"
    if isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}."):
        return (
            f"there is no module {error.name!r} here or among the installed packages: "
            "run from the folder that holds it, or install it"
        )
    where = "" if isinstance(error, SyntaxError) else f" {place(error)}"
    return f"importing {module_name} failed with {type(error).__name__}: {error}{where}"


def _options(layer: type[Layer], text: str, given: str) -> Mapping[str, str]:
    for name, option in layer.OPTIONS.items():
        if not isinstance(option, Option) or {option.default, option.without or option.default} - {*option.choices}:
            raise LayerError(
                f"layer {text!r}: OPTIONS[{name!r}] is {option!r}: write a harness.layer.Option of its choices"
            )
    options = {name: option.default for name, option in layer.OPTIONS.items()}
    parts = [part.partition("=") for part in given.split(",") if part]
    for name, _, value in parts:
        known = layer.OPTIONS.get(name)
        if known is None:
            names = ", ".join(layer.OPTIONS) or "none"
            raise LayerError(f"layer {text!r}: no option {name!r}; its options are {names}")
        if value not in known.choices:
            raise LayerError(f"layer {text!r}: {name} is one of {', '.join(known.choices)}, not {value!r}")
        if [other for other, _, _ in parts].count(name) > 1:
            raise LayerError(f"layer {text!r}: {name} is given twice: give it once")
        options[name] = value
    return options
