"""One run, attempted: what ends it early is told with the run's name, the place of the error, and what to do."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

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
        raise RunFailed(
            f"{scenario}, {layer}, seed {seed}: {error}: its numbers cannot be trusted, and Tieout is at fault; "
            "please report it with the command below",
            layer,
            seed,
        ) from None
    except (NeverWaits, NeverReturns) as error:
        where = f" {place(error)}" if isinstance(error, NeverReturns) else ""  # raised in that very code
        raise NeverEnds(f"{scenario}, {layer}, seed {seed}: {error}{where}", layer, seed) from None
    except (Exception, SystemExit) as error:
        raise RunFailed(
            f"{scenario}, {layer}, seed {seed}: the run was ended by {type(error).__name__}: {error} {place(error)}",
            layer,
            seed,
            "".join(traceback.format_exception(error)).rstrip(),
        ) from None


def place(error: BaseException) -> str:
    """Where it was raised: in code that is neither ours nor Python's, if the error passed through any."""
    frames = traceback.extract_tb(error.__traceback__)
    foreign = [frame for frame in frames if not is_known(Path(frame.filename).resolve())]
    frame = (foreign or frames)[-1]
    return f"at {frame.filename}:{frame.lineno}, in {frame.name}"


def is_known(file: Path) -> bool:
    """Whether code is ours, Python's or installed, or nothing that one could open."""
    inside = any(floor in file.parents for floor in (*FLOORS, Path(sys.prefix), Path(sys.base_prefix)))
    return inside or not file.is_file()
