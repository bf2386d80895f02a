"""What parameters an operation takes, and what each must look like: a check returns the value, or raises."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fakes.faces.stripe.errors import StripeError, invalid

Check: TypeAlias = Callable[[Any, str], Any]
"""`check(value, name)`: the value as the operation wants it."""

Spec: TypeAlias = Mapping[str, Check]

UNSET = ""
"""What a client sends to have a field emptied."""

CURRENCIES = (
    "usd", "aed", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp", "eur", "gbp", "hkd",
    "huf", "idr", "ils", "inr", "isk", "jpy", "kes", "krw", "mad", "mxn", "myr", "ngn", "nok", "nzd", "pen", "php",
    "pln", "qar", "ron", "sar", "sek", "sgd", "thb", "try", "twd", "uah", "uyu", "vnd", "zar",
)  # fmt: skip
"""Those that prices may be in."""

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


def positive(value: Any, name: str) -> int:
    """A whole number of 1 or more."""
    number = whole(value, name)
    if number < 1:
        raise invalid("This value must be greater than or equal to 1.", name, "parameter_invalid_integer")
    return number


def whole_or(*words: str) -> Check:
    """A whole number, or one of these words."""
    return lambda value, name: value if value in words else whole(value, name)


def decimal(value: Any, name: str) -> str:
    """A decimal number, as it was written."""
    written = text(value, name)
    if not written.removeprefix("-").replace(".", "", 1).isdigit():
        raise invalid(f"Invalid decimal: {value}", name)
    return written


def not_negative_decimal(value: Any, name: str) -> str:
    """A decimal number of 0 or more."""
    written = decimal(value, name)
    if written.startswith("-"):
        raise invalid(f"Invalid non-negative decimal: {value}", name)
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


def over(shown: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown once this was written over it; of an object its fields, each by itself."""
    return {
        **shown,
        **{
            name: {**shown[name], **value} if isinstance(value, dict) and isinstance(shown.get(name), dict) else value
            for name, value in written.items()
        },
    }


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object, whatever it has."""
    if value == UNSET:
        return {}
    if not isinstance(value, dict):
        raise invalid("Invalid object", name)
    return value


def unset_or(check: Check) -> Check:
    """What `check` says; None unsets."""
    return lambda value, name: None if value == UNSET else check(value, name)


def unknown(kind: str, *names: str) -> Check:
    """A list of ids of which there are none, each by itself or under one of these names; an empty one unsets."""

    def check(value: Any, name: str) -> list[Any]:
        for place, one in enumerate(many(anything)(value, name)):
            path, id_ = f"{name}[{place}]", one
            if names:
                given = fields(dict.fromkeys(names, text))(one, path)
                named = next(iter(given), names[0])
                path, id_ = f"{path}[{named}]", given.get(named, "")
            raise invalid(f"No such {kind}: '{id_}'", path, "resource_missing")
        return []

    return check


def impossible(why: str) -> Check:
    """What this account cannot do: only unsetting it is taken."""

    def check(value: Any, name: str) -> None:
        if value != UNSET:
            raise invalid(why, name)

    return check


def currency(value: Any, name: str) -> str:
    """A currency's three letters, in lower case."""
    written = text(value, name).lower()
    if written not in CURRENCIES:
        raise invalid(f"Invalid currency: {written}. These currencies are supported: {', '.join(CURRENCIES)}", name)
    return written


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


ADDRESS = unset_or(fields(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text_or_unset)))
SHIPPING = unset_or(fields({"address": ADDRESS, "name": text, "phone": text_or_unset, "carrier": text_or_unset}))
CUSTOM_FIELDS = unset_or(many(fields({"name": text, "value": text}, ("name", "value"))))
AUTOMATIC_TAX = fields({"enabled": flag, "liability": mapping}, ("enabled",))
DISCOUNTS = unknown("coupon", "coupon", "discount", "promotion_code")
TAX_RATES = unknown("tax rate")
PAYMENT_SETTINGS = fields({
    "default_mandate": text_or_unset, "payment_method_options": mapping, "payment_method_types": unset_or(many(text)),
    "save_default_payment_method": choice("off", "on_subscription"),
})  # fmt: skip
NO_TAXES = impossible("This account reckons no taxes.")
SOURCES = impossible("This account takes payment methods, not sources.")
CONNECTED: Spec = dict.fromkeys(
    ("application_fee_amount", "application_fee_percent", "on_behalf_of", "transfer_data"),
    impossible("This account has no connected accounts."),
)
PRICED: Spec = {
    "currency": currency,
    "product": text,
    "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
    "unit_amount": not_negative,
    "unit_amount_decimal": not_negative_decimal,
}
"""What every price has, be it on the list or not."""

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
