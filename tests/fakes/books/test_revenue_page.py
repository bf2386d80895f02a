"""The page of the revenue rules says what the code does: its examples run, and every function of the books is on it."""

import ast
import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
BOOKS = HOUSE / "fakes" / "books"
PAGE = (HOUSE / "docs" / "revenue.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][2:]

OF_THE_SIMULATOR = {"charges", "ledger", "obligations", "recognition", "rounding"}
"""Modules of the books which are no rule of revenue that the page tells of."""


def words(cell):
    return set(re.findall(r"`([\w.]+)`", cell))


def modules_of(path):
    """The modules of the books that a file imports from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.removeprefix("fakes.books.") for name in froms if name.startswith("fakes.books.")}


def public_functions(module):
    tree = ast.parse((HOUSE / "fakes" / "books" / f"{module}.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}


def test_its_examples_come_out_as_printed():
    examples = doctest.DocTestParser().get_doctest(PAGE, {}, "docs/revenue.md", None, 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner().run(examples).failed == 0


@pytest.mark.parametrize("module", sorted(path.stem for path in BOOKS.glob("*.py")))
def test_what_docstrings_show_comes_out_as_printed(module):
    assert doctest.testmod(import_module(f"fakes.books.{module}")).failed == 0


def test_the_modules_that_the_systems_use_are_those_that_it_says():
    told = re.search(r"use few of these modules: (.*?)\. All others", PAGE, re.DOTALL)
    users = [path for path in (HOUSE / "fakes").rglob("*.py") if path.parent != BOOKS]
    found, new = set(), {module for path in users for module in modules_of(path)}
    while new:
        found |= new
        new = {one for module in new for one in modules_of(BOOKS / f"{module}.py")} - found
    assert words(told.group(1)) == found


def test_every_rule_is_named_beside_its_module():
    modules = {path.stem for path in (HOUSE / "fakes" / "books").glob("*.py")} - {"__init__"}
    told = {}
    for row in ROWS:
        for module in words(row[-2]):
            told.setdefault(module, set()).update(words(row[-1]))
    assert told.keys() == modules - OF_THE_SIMULATOR
    missing = {module: sorted(public_functions(module) - named) for module, named in told.items()}
    assert not any(missing.values()), missing
