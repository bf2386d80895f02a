"""Paths lead to what is done there, and to nothing else."""

import pytest

from fakes.faces.paths import Nowhere, PathTree


@pytest.fixture
def tree():
    tree = PathTree()
    for method, path in (
        ("GET", "/things"), ("POST", "/things"), ("GET", "/things/search"), ("GET", "/things/{id}"),
        ("DELETE", "/things/*/parts/*"), ("GET", "/by/{field}/{value:path}"),
    ):  # fmt: skip
        tree.add(method, path, f"{method} {path}")
    return tree


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/things", ("POST /things", [])),
        ("POST", "things", ("POST /things", [])),
        ("GET", "/things/search", ("GET /things/search", [])),  # a literal goes before a name
        ("GET", "/things/7", ("GET /things/{id}", ["7"])),
        ("DELETE", "/things/7/parts/8", ("DELETE /things/*/parts/*", ["7", "8"])),
        ("GET", "/by/key/a/b//c", ("GET /by/{field}/{value:path}", ["key", "a/b//c"])),
    ],
)
def test_a_path_leads_to_what_is_done_there(tree, method, path, found):
    assert tree.find(method, path) == found


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("PUT", "/things", ("GET", "POST")),
        ("GET", "/", ()),
        ("GET", "/thing", ()),
        ("GET", "/things/", ()),  # no segment is empty
        ("GET", "/things/7/parts", ()),
        ("GET", "/things/*/parts/8", ("DELETE",)),
    ],
)
def test_a_path_that_leads_nowhere_says_by_which_methods_it_would(tree, method, path, methods):
    with pytest.raises(Nowhere) as nowhere:
        tree.find(method, path)
    assert nowhere.value.methods == methods
