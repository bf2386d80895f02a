"""Forms with bracket keys, as Stripe's clients send them: `items[0][price]=…&metadata[order]=…&expand[]=…`.

>>> decoded("items[0][price]=p&items[1][price]=q&metadata[a]=b&expand[]=customer")
{'items': [{'price': 'p'}, {'price': 'q'}], 'metadata': {'a': 'b'}, 'expand': ['customer']}
"""

from typing import Any
from urllib.parse import parse_qsl

from fakes.faces.stripe.errors import invalid

_FIELDS_MAX = 4_000
_DEPTH_MAX = 8
NOT_A_FORM = "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "


def decoded(text: str) -> dict[str, Any]:
    """The parameters of a form or query, nested as their keys say. Raises StripeError for what is no form."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    except ValueError:
        raise invalid(NOT_A_FORM) from None
    root: dict[str, Any] = {}
    nested = False
    for key, value in pairs:
        if "[" in key:
            nested = True
            _place(root, key, value)
        elif isinstance(root.get(key), dict):
            raise invalid(f"Invalid object: {key}", key)
        else:
            root[key] = value
    return {key: _listed(value) for key, value in root.items()} if nested else root


def _place(root: dict[str, Any], key: str, value: str) -> None:
    first, *rest = key.split("[")
    names = [first, *(name[:-1] for name in rest)]
    if not first or len(names) > _DEPTH_MAX or not all(name.endswith("]") for name in rest):
        raise invalid(f"Received unknown parameter: {key}", key, "parameter_unknown")
    at = root
    for name in names[:-1]:
        inner = at.setdefault(name or str(len(at)), {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid object: {first}", first)
        at = inner
    last = names[-1] or str(len(at))
    if isinstance(at.get(last), dict):
        raise invalid(f"Invalid object: {first}", first)
    at[last] = value


def _listed(value: Any) -> Any:
    """Objects whose keys are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    if all(key.isascii() and key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
