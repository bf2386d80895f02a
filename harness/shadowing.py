"""Whether a folder of the user's hides one of our packages, which have plain names."""

from importlib.machinery import PathFinder
from pathlib import Path

FLOORS = ("sim", "fakes", "scenarios", "harness", "reports")
HOUSE = Path(__file__).resolve().parents[1]


def shadowed() -> str | None:
    """What to say if an import of one of our packages would find another: which, where, and what to do."""
    for floor in FLOORS:
        spec = PathFinder.find_spec(floor)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found is not None and found != HOUSE / floor:
            return (
                f"{found} hides Tieout's own package {floor!r}: run from another folder, "
                "or call `tieout` (or `python -P -m harness`), which do not look for packages where you are"
            )
    return None
