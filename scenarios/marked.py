"""YAML with the place of every value: nodes that know their line and column, and the plain values they say.

YAML 1.2 scalars: only `true` and `false` are booleans, and `no`, `12:30:00`, `010` and `2026-01-01` are text.
Decimal fractions are exact `Decimal`s. Anchors' aliases, tags, repeated keys and keys that are no plain words are
refused: a scenario says everything where it stands, once.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from scenarios.errors import Mistake, ScenarioError

NULL = "tag:yaml.org,2002:null"
TRUTH = "tag:yaml.org,2002:bool"
WHOLE = "tag:yaml.org,2002:int"
NUMBER = "tag:yaml.org,2002:float"
TEXT = "tag:yaml.org,2002:str"
MAPPING = "tag:yaml.org,2002:map"

OVERRIDE = "--set "
"""What the name of a text begins with when it was said on the command line."""

_SAYS: dict[str, Callable[[str], Any]] = {
    NULL: lambda _: None,
    TRUTH: lambda text: text.lower() == "true",
    WHOLE: int,
    NUMBER: Decimal,
    TEXT: str,
}

# Longer numbers than these stay text, and so are refused where a number is expected.
SCALARS = (
    (NULL, re.compile(r"(~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    (TRUTH, re.compile(r"(true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    (WHOLE, re.compile(r"[-+]?(0|[1-9][0-9]{0,17})$"), list("-+0123456789")),
    (
        NUMBER,
        re.compile(r"[-+]?((0|[1-9][0-9]{0,17})(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?$"),
        list("-+.0123456789"),
    ),
)
"""What plain words are not text: their tag, their form, and the characters they may begin with."""


class _Composer(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own form

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        where = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            remedy = "write the value out: scenario files have no aliases"
            raise ScenarioError([Mistake(where, "", f"the alias *{event.anchor}", "a value", remedy)])
        if event.tag is not None:
            raise ScenarioError([Mistake(where, "", f"the tag {event.tag}", "a value without a tag", "drop the tag")])
        return super().compose_node(parent, index)


for _scalar in SCALARS:
    _Composer.add_implicit_resolver(*_scalar)


def compose(text: str, name: str) -> Node | None:
    """The nodes of a YAML text, or None if it says nothing: the caller's own. Raises ScenarioError if it is no YAML."""
    node = _composed(text, name)
    return None if node is None else _copy(node)


def _copy(node: Node) -> Node:
    """The same nodes once more, to be changed as somebody likes."""
    value = node.value
    if isinstance(node, MappingNode):
        value = [(_copy(key), _copy(below)) for key, below in value]
    elif isinstance(node, SequenceNode):
        value = [_copy(item) for item in value]
    return type(node)(node.tag, value, node.start_mark, node.end_mark)


@lru_cache(maxsize=256)  # who tries thousands of scenarios says most of each again and again
def _composed(text: str, name: str) -> Node | None:
    try:
        composer = _Composer(text, name)
        return composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = ", ".join(part for part in (error.problem, error.context) if part)
        raise _no_yaml(_place(mark) if mark else name, f"something else ({reason})") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        raise _no_yaml(_at(name, line, column), f"the character U+{ord(text[error.position]):04X}") from error
    except RecursionError as error:
        raise _no_yaml(name, "lists or mappings nested too deeply") from error


def place(node: Node) -> str:
    """Where a node begins: file:line:column, or the `--set` that said it."""
    return _place(node.start_mark)


def order(node: Node) -> tuple[bool, int, int]:
    """A sort key that follows the file, and puts what the command line said after it."""
    return node.start_mark.name.startswith(OVERRIDE), node.start_mark.line, node.start_mark.column


def entry(node: Node | None, key: str | int) -> tuple[Node, Node] | None:
    """The (key, value) nodes below `node` at a key, or at a position of a list. The last of repeated keys."""
    if isinstance(node, MappingNode) and isinstance(key, str):
        return next(((name, value) for name, value in reversed(node.value) if name.value == key), None)
    if isinstance(node, SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
        return node.value[key], node.value[key]
    return None


def plain(node: Node, nothing: Any = None) -> Any:
    """The value that a node says, of dicts, lists, text, numbers, booleans and None. Keys are text.

    Where nothing is written, not even the word null, it is `nothing`.
    """
    if isinstance(node, MappingNode):
        return {key.value: plain(value, nothing) for key, value in node.value if isinstance(key, ScalarNode)}
    if isinstance(node, SequenceNode):
        return [plain(item, nothing) for item in node.value]
    if node.tag == NULL and not node.value:
        return nothing
    return _SAYS[node.tag](node.value)


def untidy(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[Node, Mistake]]:
    """What cannot be read as a plain value: repeated keys, and keys that are no words."""
    if isinstance(node, SequenceNode):
        for position, item in enumerate(node.value):
            yield from untidy(item, (*path, str(position)))
    if isinstance(node, MappingNode):
        seen: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                remedy = "write one word before the colon, or put the text in quotes"
                yield key, Mistake(place(key), ".".join(path), describe(key), "a field's name", remedy)
                continue
            below = (*path, key.value)
            if key.value in seen:
                remedy = f"keep one of them: the first is on line {seen[key.value].start_mark.line + 1}"
                yield key, Mistake(place(key), ".".join(below), "the field a second time", "it once", remedy)
            seen.setdefault(key.value, key)
            yield from untidy(value, below)


def describe(node: Node) -> str:
    """What a node says, in a few words."""
    if isinstance(node, MappingNode):
        return _enclosed("{", [str(key.value) for key, _ in node.value if isinstance(key, ScalarNode)], "}")
    if isinstance(node, SequenceNode):
        return _enclosed("[", [describe(item) for item in node.value], "]")
    if node.tag == NULL:
        return "nothing"
    text = node.value if len(node.value) <= 60 else f"{node.value[:57]}..."
    return f'"{text}"' if node.tag == TEXT else text


def _enclosed(left: str, parts: list[str], right: str) -> str:
    whole = ", ".join(parts)
    if len(whole) > 60:
        whole = f"{parts[0]}, ..." if len(parts[0]) <= 60 else "..."
    return f"{left}{whole}{right}"


def _no_yaml(where: str, found: str) -> ScenarioError:
    remedy = "check indentation, colons and quotes at this place"
    return ScenarioError([Mistake(where, "", found, "YAML", remedy)])


def _place(mark: Any) -> str:
    return _at(mark.name, mark.line + 1, mark.column + 1)


def _at(name: str, line: int, column: int) -> str:
    return name if name.startswith(OVERRIDE) else f"{name}:{line}:{column}"
