"""The scenarios that come with the program: one YAML file each, its story and its question in its first lines."""

from functools import lru_cache
from importlib.resources import files

_SUFFIX = ".yaml"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The names of all scenarios of the library, in alphabetical order."""
    every = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in every if name.endswith(_SUFFIX)))


def text(name: str) -> str:
    """The file of a scenario of the library, word for word."""
    return files(__name__).joinpath(f"{name}{_SUFFIX}").read_text(encoding="utf-8")
