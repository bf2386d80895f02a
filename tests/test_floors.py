"""The house has floors, and a floor imports only what lies below it (the house's plan in one table)."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]

MAY_IMPORT = {
    "sim": set(),
    "fakes": {"sim"},
    "scenarios": {"fakes", "sim"},
    "reports": set(),
    "harness": {"scenarios", "fakes", "sim", "reports"},
}
"""What each floor may import of the house, beside itself."""

NARROWER = {
    "harness/oracle": {
        "fakes.agreements",
        "fakes.arrangements",
        "harness.oracle",
        "scenarios.truth",
        "sim.calendar",
        "sim.errors",
        "sim.record",  # how a record is made, and nothing that is worked out
    },
    "harness/audit": {
        "fakes.agreements",
        "fakes.records",
        "harness.audit",
        "harness.oracle",
        "reports.wording",  # how an amount is written, and nothing that is worked out
        "sim.durations",
    },
    "fakes/books": {"fakes.agreements", "fakes.arrangements", "fakes.records", "fakes.books", "sim.calendar"},
}
"""Parts that may import only these: oracle and audit share no arithmetic with the fakes, books know of no system."""


PARTS_OF_PYTEST = {"harness/pytest_plugin.py", "harness/testing/items.py"}
"""What only pytest imports: the plugin, and what it runs tests with."""


def modules_of(part):
    return sorted((HOUSE / part).rglob("*.py"))


def imported(source, package=()):
    """Every module that Python source imports, wherever in it, by full name; `package` is where it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            yield (base if node.level else node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "__import__"}:
            yield from (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))


def imports_of(path):
    return list(imported(path.read_text("utf-8"), path.relative_to(HOUSE).parts[:-1]))


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_a_floor_imports_only_the_floors_below_it(floor):
    others = MAY_IMPORT.keys() - MAY_IMPORT[floor] - {floor}
    paths = modules_of(floor)
    assert paths, f"there is no floor {floor}"
    for path in paths:
        wrong = sorted(name for name in imports_of(path) if name.partition(".")[0] in others)
        assert not wrong, f"{path.relative_to(HOUSE)} imports {wrong}; {floor} may import {sorted(MAY_IMPORT[floor])}"


def test_nobody_needs_pytest_but_pytest():
    modules = {path.removesuffix(".py").replace("/", ".") for path in PARTS_OF_PYTEST}
    for floor in MAY_IMPORT:
        for path in modules_of(floor):
            if path.relative_to(HOUSE).as_posix() not in PARTS_OF_PYTEST:
                assert not modules & set(imports_of(path)), path


@pytest.mark.parametrize("part", NARROWER)
def test_a_part_that_must_stand_alone_imports_little_of_the_house(part):
    for path in modules_of(part):
        house = [name for name in imports_of(path) if name.partition(".")[0] in MAY_IMPORT]
        wrong = [name for name in house if not any(f"{name}.".startswith(f"{known}.") for known in NARROWER[part])]
        assert not wrong, f"{path.relative_to(HOUSE)} imports {wrong}; {part} may import {sorted(NARROWER[part])}"


def test_no_floor_imports_the_tests_or_what_developers_need():
    for floor in MAY_IMPORT:
        for path in modules_of(floor):
            known = {"pytest"} if path.relative_to(HOUSE).as_posix() in PARTS_OF_PYTEST else set()
            developers = {"tests", "pytest", "hypothesis", "benchmarks"} - known
            wrong = developers & {name.partition(".")[0] for name in imports_of(path)}
            assert not wrong, f"{path.relative_to(HOUSE)} imports {sorted(wrong)}"


def test_every_package_of_the_house_is_a_floor():
    packages = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks", "examples"} == MAY_IMPORT.keys()


def test_integrations_as_users_have_them_know_nothing_of_the_house():
    """But for the project that has a layer written for it, and tests it."""
    integrations = [path for path in modules_of("examples") if "ci_project" not in path.parts]
    assert integrations
    for path in integrations:
        wrong = MAY_IMPORT.keys() & {name.partition(".")[0] for name in imports_of(path)}
        assert not wrong, f"{path.relative_to(HOUSE)} imports {sorted(wrong)}"


def test_imports_are_found_wherever_they_stand():
    source = """
import fakes.billing as b
from sim import clock
def late():
    from harness.laws import check_calls
    import_module("reports.page")
from . import near
from ..books.ledger import Ledger
"""
    assert sorted(imported(source, ("fakes", "deep"))) == [
        "fakes.billing", "fakes.books.ledger", "fakes.deep", "harness.laws", "reports.page", "sim",
    ]  # fmt: skip
