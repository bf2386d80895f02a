"""Whether a layer's endpoints can be subscribed: told before the run begins, and not by an error in its midst."""

from collections.abc import Sequence
from difflib import get_close_matches
from inspect import iscoroutinefunction

from fakes.news import OF_A_PRODUCT
from harness.endings import LayerError
from harness.layer import MODES, TARGETS, TOLD, Endpoint, Layer


def endpoints_of(layer: Layer) -> Sequence[Endpoint]:
    """The layer's endpoints, each found to be one. Raises LayerError."""
    name = type(layer).__name__
    endpoints = layer.endpoints()
    if not isinstance(endpoints, list | tuple) or not all(isinstance(each, Endpoint) for each in endpoints):
        raise LayerError(f"layer {name}: endpoints() returned {endpoints!r}: return a list of harness.layer.Endpoint")
    names: list[str] = []
    for endpoint in endpoints:
        where = f"layer {name}, endpoint {endpoint.name!r}"
        if endpoint.name in names:
            raise LayerError(f"{where}: another endpoint has this name: give each its own")
        names.append(endpoint.name)
        if endpoint.source not in TOLD:
            raise LayerError(f"{where}: no source {endpoint.source!r}{_near(endpoint.source, [*TOLD])}")
        for type_ in sorted(endpoint.types):
            if type_ not in TOLD[endpoint.source] and type_ != OF_A_PRODUCT:
                hint = _near(type_, sorted(TOLD[endpoint.source]))
                raise LayerError(f"{where}: {endpoint.source} tells of no {type_!r}{hint}")
        if endpoint.mode not in MODES:
            raise LayerError(f"{where}: no mode {endpoint.mode!r}{_near(endpoint.mode, MODES)}")
        for target in sorted(endpoint.targets):
            if target not in TARGETS:
                raise LayerError(f"{where}: no target {target!r}{_near(target, TARGETS)}")
        if not iscoroutinefunction(endpoint.handler):
            raise LayerError(f"{where}: its handler is no coroutine function: define it with `async def`")
    return endpoints


def _near(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f": did you mean {near[0]!r}?" if near else f": there are {', '.join(dict.fromkeys(known))}"
