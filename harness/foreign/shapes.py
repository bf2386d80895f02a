"""What an object is that somebody brings as an integration: it is recognised by how it is called."""

from inspect import Parameter, Signature, iscoroutinefunction, signature
from typing import Any, Literal, TypeAlias

Shape: TypeAlias = Literal["asgi", "wsgi", "async worker", "worker"]

SHAPES = "an ASGI app, a WSGI app, or a function without arguments that works until the run ends"
"""What there is, for people."""


def shape_of(brought: Any) -> Shape | None:
    """What an object is, or None if it is nothing that can be run."""
    if not callable(brought) or isinstance(brought, type):
        return None
    called = brought if iscoroutinefunction(brought) else getattr(brought, "__call__", brought)  # noqa: B004
    try:
        needed = _needed(signature(brought))
    except (TypeError, ValueError):
        return None
    if needed == 3:
        return "asgi"
    if needed == 2 and not iscoroutinefunction(called):
        return "wsgi"
    if needed == 0:
        return "async worker" if iscoroutinefunction(called) else "worker"
    return None


def _needed(of: Signature) -> int:
    """How many arguments must be given by position."""
    by_position = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in by_position and one.default is Parameter.empty for one in of.parameters.values())
