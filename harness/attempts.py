"""One run, attempted: what ends it early is told with the run's name, the place of the error, and what to do."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType

from harness.endings import NeverEnds, RunFailed, Surroundings, Trouble
from scenarios.errors import ScenarioError
from sim.errors import InvariantBroken, NeverReturns, NeverWaits

HOUSE = Path(__file__).resolve().parents[1]
FLOORS = tuple(HOUSE / floor for floor in ("sim", "fakes", "scenarios", "harness", "reports"))


@contextmanager
def attempt(scenario: str, layer: str, seed: int) -> Iterator[None]:
    """Run the block as the run so named: its errors become RunFailed, and what it prints goes to standard error."""
    try:
        with redirect_stdout(sys.stderr):  # standard output is for data
            yield
    except (Trouble, ScenarioError):
        raise
    except MemoryError:
        raise Surroundings(
            f"{scenario}, {layer}, seed {seed}: out of memory: free some, or ask for less with --set business.contracts"
        ) from None
    except InvariantBroken as error:
        broken = f"{error}: its numbers cannot be trusted, and Tieout is at fault; please report it"
        raise RunFailed(
            f"{scenario}, {layer}, seed {seed}: {broken} with the command below", layer, seed, broken
        ) from None
    except NeverWaits as error:
        raise NeverEnds(f"{scenario}, {layer}, seed {seed}: {error}", layer, seed, str(error)) from None
    except NeverReturns as error:  # raised in that very code
        raise NeverEnds(
            f"{scenario}, {layer}, seed {seed}: {error} {place(error)}", layer, seed, f"{error} (in {_code(error)})"
        ) from None
    except (Exception, SystemExit) as error:
        raise RunFailed(
            f"{scenario}, {layer}, seed {seed}: the run was ended by {type(error).__name__}: {error} {place(error)}",
            layer,
            seed,
            f"{type(error).__name__} in {_code(error)}",
            "".join(traceback.format_exception(error)).rstrip(),
        ) from None


def place(error: BaseException) -> str:
    """Where it was raised: in code that is neither ours nor Python's, if the error passed through any."""
    frame, line = _raised(error)
    return f"at {frame.f_code.co_filename}:{line}, in {frame.f_code.co_name}"


def _code(error: BaseException) -> str:
    """The module and the function that it was raised in: the same on each machine, and whatever lines come and go."""
    frame, _ = _raised(error)
    return f"{frame.f_globals.get('__name__', 'code')}.{frame.f_code.co_qualname.replace('.<locals>', '')}"


def _raised(error: BaseException) -> tuple[FrameType, int]:
    """The frame that it was raised in, as `place` says, and the line."""
    frames = list(traceback.walk_tb(error.__traceback__))
    foreign = [each for each in frames if not is_known(Path(each[0].f_code.co_filename).resolve())]
    return (foreign or frames)[-1]


def is_known(file: Path) -> bool:
    """Whether code is ours, Python's or installed, or nothing that one could open."""
    inside = any(floor in file.parents for floor in (*FLOORS, Path(sys.prefix), Path(sys.base_prefix)))
    return inside or not file.is_file()
