"""A further product is a folder among the faces, and nothing else has to know of it."""

import pytest

import fakes.faces
from harness.foreign import registry


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """A product that has just been written, the simplest there can be."""
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "__init__.py").write_text('SYSTEM = "billing"\nHOSTS = ("api.acme.test",)\n')
    (folder / "face.py").write_text("def make(door, credentials):\n    return door, credentials\n")
    monkeypatch.setattr(fakes.faces, "__path__", [*fakes.faces.__path__, str(tmp_path)])
    registry._products.cache_clear()
    yield
    registry._products.cache_clear()


def test_it_is_a_face_of_its_system_under_its_hosts(acme):
    assert registry.faces_of("billing") == ("generic", "acme", "stripe")
    assert registry.hosts_of("acme", "billing") == ("api.acme.test",)
    assert registry.maker("acme", "billing")("door", "credentials") == ("door", "credentials")
    assert registry.faces_of("erp") == ("generic", "netsuite")
