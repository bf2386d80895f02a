"""`--set dotted.key=value`: changes one field of a scenario as if its file had said so.

A value is written as in a file. A step into a part that the file leaves out starts from that part's defaults,
so that only the field named changes; items of a list are counted from 0: `faults.0.share=0.1`.
"""

from functools import lru_cache

from yaml import MappingNode, Mark, Node, ScalarNode, SequenceNode

from scenarios.errors import Mistake, ScenarioError
from scenarios.marked import MAPPING, NULL, OVERRIDE, TEXT, compose, describe, entry
from scenarios.resolved import dump
from scenarios.schema import Scenario


def override(root: MappingNode, said: str) -> None:
    """Put the value of `dotted.key=value` into the tree. Raises ScenarioError if there is no such place."""
    key, equals, text = said.partition("=")
    key = key.strip()
    steps = key.split(".")
    if not equals or not all(steps):
        remedy = "write for example --set business.contracts=500"
        raise ScenarioError([Mistake(f"{OVERRIDE}{said}", "", "no key and value", "dotted.key=value", remedy)])
    name = f"{OVERRIDE}{key}"
    mark = Mark(name, 0, 0, 0, None, 0)
    node: Node = root
    for depth, step in enumerate(steps[:-1]):
        below = _below(node, step, key, steps[:depth])
        if below is None or below.tag == NULL:
            below = _default(steps[: depth + 1], name) or MappingNode(MAPPING, [], mark, mark)
            _put(node, step, below, mark)
        node = below
    _below(node, steps[-1], key, steps[:-1])
    _put(node, steps[-1], compose(text, name) or ScalarNode(NULL, "", mark, mark), mark)


def _below(node: Node, step: str, key: str, path: list[str]) -> Node | None:
    """What stands at `step` below a node, or None if nothing does yet."""
    if isinstance(node, MappingNode):
        found = entry(node, step)
        return found[1] if found else None
    parent = ".".join(path)
    if isinstance(node, SequenceNode):
        found = entry(node, int(step)) if step.isascii() and step.isdigit() and len(step) < 10 else None
        if found:
            return found[1]
        expected = f"a position in {parent}, which has {len(node.value)} items counted from 0"
        raise ScenarioError([Mistake(f"{OVERRIDE}{key}", "", f'"{step}"', expected, f"or set {parent} as a whole")])
    found_here = f"{describe(node)} at {parent}"
    remedy = f"write --set {parent}=VALUE"
    raise ScenarioError([Mistake(f"{OVERRIDE}{key}", "", found_here, f"fields below {parent}", remedy)])


def _put(node: Node, step: str, value: Node, mark: Mark) -> None:
    if isinstance(node, SequenceNode):
        node.value[int(step)] = value
    elif isinstance(node, MappingNode):
        node.value = [(name, old) for name, old in node.value if name.value != step]
        node.value.append((ScalarNode(TEXT, step, mark, mark), value))


def _default(path: list[str], name: str) -> Node | None:
    """The defaults of a part of a scenario, as nodes that the override `name` says; None for what has none."""
    node = compose(_defaults(), name)
    for step in path:
        found = entry(node, step)
        if found is None:
            return None
        node = found[1]
    return node if isinstance(node, MappingNode | SequenceNode) else None


@lru_cache(maxsize=1)
def _defaults() -> str:
    return dump(Scenario(name="defaults"))
