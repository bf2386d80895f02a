"""A tree of YAML nodes becomes a Scenario; or every mistake in it, with its place and its remedy."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from scenarios.calendar import Calendar, fiscal
from scenarios.errors import Mistake, ScenarioError
from scenarios.faults import KINDS, FaultSpec, bad_window
from scenarios.marked import NULL, TEXT, describe, entry, order, place, plain, untidy
from scenarios.model import Model
from scenarios.schema import Scenario
from scenarios.values import KEY, nearest

Location: TypeAlias = tuple[str | int, ...]
Placed: TypeAlias = tuple[Node, Mistake]
Expectation: TypeAlias = Callable[[str, str], object]
"""Reads a metric's threshold, `expectation("event_lag", "p(99) < 15min")`, or raises ValueError with the reason."""

LayerReader: TypeAlias = Callable[[str], object]
"""Reads a layer's name with its options, or raises ValueError with the reason."""

_FAULT: TypeAdapter[FaultSpec] = TypeAdapter(FaultSpec)
_UNSAID = ...
"""What a key with nothing behind it says: no value of any field, so that none takes it for its default or for none."""


def checked(root: MappingNode, expectation: Expectation | None = None, layer: LayerReader | None = None) -> Scenario:
    """The scenario that a tree says. Raises ScenarioError with all mistakes, in the order of the file."""
    tree = plain(root, nothing=_UNSAID)
    mistakes = list(untidy(root))
    scenario = None
    try:
        scenario = Scenario.model_validate(tree)
    except ValidationError as error:
        mistakes += [_mistake(root, e["type"], e["loc"], e.get("ctx", {})) for e in error.errors()]
    mistakes += _windows(root, tree)
    mistakes += _expectations(root, expectation) if expectation else ()
    mistakes += _layers(root, layer) if layer else ()
    if scenario is None or mistakes:
        in_order = sorted(mistakes, key=lambda placed: order(placed[0]))
        raise ScenarioError(tuple(dict.fromkeys(mistake for _, mistake in in_order)))
    return scenario


def _windows(root: Node, tree: dict[str, Any]) -> Iterator[Placed]:
    """Windows outside the run, of all faults that are sound in themselves, whatever else is wrong."""
    try:
        calendar = fiscal(Calendar.model_validate(tree.get("calendar", {})))
    except ValidationError:
        return
    faults = tree.get("faults")
    for position, written in enumerate(faults if isinstance(faults, list) else ()):
        try:
            refused = bad_window(_FAULT.validate_python(written), calendar, "faults", position)
        except ValidationError:
            continue
        if refused:
            yield _mistake(root, refused.type, (), refused.context or {})


def _expectations(root: Node, expectation: Expectation) -> Iterator[Placed]:
    """Thresholds that cannot be read."""
    _, metrics, path = _find(root, ("expect",))
    for metric, thresholds in metrics.value if path and isinstance(metrics, MappingNode) else ():
        for position, threshold in enumerate(thresholds.value if isinstance(thresholds, SequenceNode) else ()):
            if threshold.tag == TEXT and isinstance(metric, ScalarNode):
                try:
                    expectation(metric.value, threshold.value)
                except ValueError as error:
                    field = f"expect.{metric.value}.{position}"
                    found = describe(threshold)
                    yield threshold, Mistake(place(threshold), field, found, "a threshold of a metric", str(error))


def _layers(root: Node, layer: LayerReader) -> Iterator[Placed]:
    """Layers that there are not, or not with these options."""
    _, compared, _ = _find(root, ("compare", "layers"))
    positions = range(len(compared.value)) if isinstance(compared, SequenceNode) else ()
    for steps in (("cutover", "from"), ("cutover", "to"), *(("compare", "layers", position) for position in positions)):
        _, node, path = _find(root, steps)
        if path == steps and node.tag == TEXT and node.value:
            try:
                layer(node.value)
            except ValueError as error:
                field = ".".join(map(str, steps))
                yield node, Mistake(place(node), field, describe(node), "a layer", str(error))


def _mistake(root: Node, kind: str, loc: Location, context: Mapping[str, Any]) -> Placed:
    """What pydantic has against the value at `loc`, in an author's words."""
    at = context.get("at", ("kind",) if kind.startswith("union_tag") else ())
    key, node, path = _find(root, (*_walk(loc)[1], *at))
    found = describe(node)
    match kind:
        case "refused":
            expected, remedy = context["expected"], context["remedy"]
            if KEY in (*loc, *at):
                node, found = key, describe(key)
            elif at and path[-1:] != at[-1:]:
                path, found = (*path, at[-1]), "its default"
        case "missing":
            path = (*path, loc[-1])
            found, expected, remedy = "nothing", "a value", _add(loc)
        case "extra_forbidden":
            known = _fields(loc[:-1])
            node, found = key, "an unknown field"
            listed = any(isinstance(step, int) for step in loc)
            expected, remedy = f"one of {', '.join(known)}", _meant(str(loc[-1]), known, listed=listed)
        case "union_tag_not_found":
            path = (*path, "kind")
            found, expected, remedy = "nothing", " | ".join(KINDS), "add it: what goes wrong"
        case "union_tag_invalid":
            close = nearest(str(context["tag"]), KINDS)
            expected, remedy = " | ".join(KINDS), f'did you mean "{close}"?' if close else "choose one of them"
        case "model_type" | "model_attributes_type" | "dict_type":
            known = _fields(loc)
            expected = f"the fields {', '.join(known)}" if known else "fields of the form name: value"
            remedy = "write them below it, indented"
            if node.tag == NULL and known and not any(field.is_required() for field in known.values()):
                remedy = f"{remedy}, or {{}} for their defaults"
        case "tuple_type":
            expected, remedy = "a list", "write it in brackets, such as [a, b]"
        case _:
            raise AssertionError(f"no words for pydantic's {kind} at {path}")
    return node, Mistake(place(node), ".".join(map(str, path)), found, expected, remedy)


def _add(loc: Location) -> str:
    """What to do about a missing field: its description, as a request."""
    about = _fields(loc[:-1])[str(loc[-1])].description or ""
    return f"add it: {about[:1].lower()}{about[1:].rstrip('.')}"


def _find(root: Node, steps: Location) -> tuple[Node, Node, Location]:
    """The key and value nodes at the end of `steps`, or of as many as the tree has; and those that it has."""
    key = value = root
    path: Location = ()
    for step in steps:
        found = entry(value, step)
        if found:
            key, value = found
            path = (*path, step)
    return key, value, path


def _fields(loc: Location) -> Mapping[str, FieldInfo]:
    """The fields, by their words in a file, of the model at `loc`; none if no model is there."""
    models, _ = _walk(loc)
    return _words(models[0]) if len(models) == 1 else {}


def _walk(loc: Location) -> tuple[list[type[Model]], Location]:
    """What may stand at `loc`, and its steps in a file: pydantic adds which of several models it took for meant."""
    models: list[type[Model]] = [Scenario]
    steps: Location = ()
    for step in loc:
        if isinstance(step, str) and len(models) > 1:
            models = [model for model in models if _tag(model) == step]
            continue
        steps = (*steps, step)
        if isinstance(step, str):
            field = _words(models[0]).get(step) if models else None
            models = list(_models(field)) if field else []
    return models, steps


def _words(model: type[Model]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(field: FieldInfo) -> Iterator[type[Model]]:
    waiting = [field.annotation]
    while waiting:
        kind = waiting.pop(0)
        if isinstance(kind, type) and issubclass(kind, Model):
            yield kind
        waiting.extend(get_args(kind))


def _tag(model: type[Model]) -> str:
    """What pydantic calls a model that is one of several."""
    return str(model.model_fields["kind"].default) if "kind" in model.model_fields else model.__name__.lower()


def _meant(word: str, known: Mapping[str, FieldInfo], *, listed: bool) -> str:
    """What the author of an unknown field probably wanted. One of an entry of a list belongs to no other section."""
    homes = [home for home, field in _words(Scenario).items() for model in _models(field) if word in _words(model)]
    close = nearest(word, tuple(known))
    if close:
        return f'did you mean "{close}"?'
    if len(homes) == 1 and not listed:
        return f'write it below "{homes[0]}"'
    return "drop it, or choose one of them"
