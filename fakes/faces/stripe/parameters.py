"""What parameters an operation takes, and what each must look like: a check returns the value, or raises."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fakes.faces.stripe.errors import StripeError, invalid

Check: TypeAlias = Callable[[Any, str], Any]
"""`check(value, name)`: the value as the operation wants it."""

Spec: TypeAlias = Mapping[str, Check]

UNSET = ""
"""What a client sends to have a field emptied."""

_DIGITS_MAX = 12
_METADATA_MAX, _METADATA_KEY_MAX, _METADATA_VALUE_MAX = 50, 40, 500


def checked(given: Mapping[str, Any], spec: Spec, required: tuple[str, ...] = (), within: str = "") -> dict[str, Any]:
    """The parameters of a request, or of the object `within` one. Raises StripeError for the first that is wrong."""
    values = {}
    for name, value in given.items():
        path = f"{within}[{name}]" if within else name
        check = spec.get(name)
        if check is None:
            raise invalid(f"Received unknown parameter: {path}", path, "parameter_unknown")
        values[name] = check(value, path)
    for name in required:
        if name not in values:
            path = f"{within}[{name}]" if within else name
            raise invalid(f"Missing required param: {path}.", path, "parameter_missing")
    return values


def text(value: Any, name: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", name)
    if not value:
        raise _empty(name)
    return value


def text_or_unset(value: Any, name: str) -> str | None:
    """A text; None unsets."""
    return None if value == UNSET else text(value, name)


def whole(value: Any, name: str) -> int:
    """A whole number."""
    if value == UNSET:
        raise _empty(name)
    digits = value[1:] if isinstance(value, str) and value[:1] == "-" else value
    if not isinstance(digits, str) or not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS_MAX:
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    return int(value)


def not_negative(value: Any, name: str) -> int:
    """A whole number of 0 or more."""
    number = whole(value, name)
    if number < 0:
        raise invalid(f"Invalid non-negative integer: {value}", name, "parameter_invalid_integer")
    return number


def decimal(value: Any, name: str) -> str:
    """A decimal number, as it was written."""
    written = text(value, name)
    if not written.removeprefix("-").replace(".", "", 1).isdigit():
        raise invalid(f"Invalid decimal: {value}", name)
    return written


def flag(value: Any, name: str) -> bool:
    """Yes or no."""
    if value not in {"true", "false"} if isinstance(value, str) else True:
        raise invalid(f"Invalid boolean: {value}", name)
    return bool(value == "true")


def moment(value: Any, name: str) -> int:
    """Seconds since 1970."""
    seconds = not_negative(value, name)
    if seconds > 1 << 34:
        raise invalid(f"Invalid timestamp: {value}", name, "parameter_invalid_integer")
    return seconds


def moment_or(*words: str) -> Check:
    """Seconds since 1970, or one of these words."""
    return lambda value, name: value if value in words else moment(value, name)


def choice(*words: str) -> Check:
    """One of these words."""

    def check(value: Any, name: str) -> str:
        if value not in words:
            raise invalid(f"Invalid {name}: must be one of {', '.join(words[:-1])} or {words[-1]}", name)
        return str(value)

    return check


def many(each: Check) -> Check:
    """A list."""

    def check(value: Any, name: str) -> list[Any]:
        if value == UNSET:
            return []
        if not isinstance(value, list):
            raise invalid("Invalid array", name)
        return [each(one, f"{name}[{place}]") for place, one in enumerate(value)]

    return check


def fields(spec: Spec, required: tuple[str, ...] = ()) -> Check:
    """An object."""

    def check(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid("Invalid object", name)
        return checked(value, spec, required, name)

    return check


def metadata(value: Any, name: str) -> dict[str, str] | None:
    """Keys and values of the client's own; an empty value unsets a key, None all of them."""
    if value == UNSET:
        return None
    if not isinstance(value, dict):
        raise invalid("Invalid object", name)
    if len(value) > _METADATA_MAX:
        raise invalid(f"You can only specify up to {_METADATA_MAX} metadata keys.", name)
    for key, one in value.items():
        if not isinstance(one, str):
            raise invalid(
                f"Metadata values must be strings, but for key '{key}' you passed in a value of another type.", name
            )
        if len(key) > _METADATA_KEY_MAX or len(one) > _METADATA_VALUE_MAX:
            raise invalid(
                f"Metadata keys are of up to {_METADATA_KEY_MAX} characters and values of up to {_METADATA_VALUE_MAX}.",
                f"{name}[{key}]",
            )
    return value


def merged(known: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata after what was given for it was merged in."""
    if given is None:
        return {}
    both = {**known, **given}
    if len(both) > _METADATA_MAX:
        raise invalid(f"You can only specify up to {_METADATA_MAX} metadata keys.", "metadata")
    return {key: value for key, value in both.items() if value != UNSET}


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object, whatever it has."""
    if value == UNSET:
        return {}
    if not isinstance(value, dict):
        raise invalid("Invalid object", name)
    return value


def anything(value: Any, name: str) -> Any:
    """What is taken, and given back where it is shown; nothing else comes of it."""
    return value


def taken(*names: str) -> Spec:
    """Parameters that are taken as they are."""
    return dict.fromkeys(names, anything)


def _empty(name: str) -> StripeError:
    return invalid(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a field; however "
        f"'{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        name, "parameter_invalid_empty",
    )  # fmt: skip


RANGE = fields(dict.fromkeys(("gt", "gte", "lt", "lte"), moment))


def moment_range(value: Any, name: str) -> dict[str, int]:
    """An instant, or bounds for one."""
    if isinstance(value, dict):
        return dict(RANGE(value, name))
    exactly = moment(value, name)
    return {"gte": exactly, "lte": exactly}


def limit(value: Any, name: str) -> int:
    """How many objects a page has: 1 to 100."""
    number = whole(value, name)
    if not 1 <= number <= 100:
        word = "greater than or equal to 1" if number < 1 else "less than or equal to 100"
        raise invalid(f"This value must be {word} (it currently is '{number}').", name, "parameter_invalid_integer")
    return number


PAGING: Spec = {"limit": limit, "starting_after": text, "ending_before": text, "created": moment_range}
"""What every list takes."""

SEARCHING: Spec = {"limit": limit, "page": text, "query": text}
"""What every search takes."""
