"""Which directory to explain. Runs of a comparison keep no tables: one is run again, and has to be the same run."""

import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.endings import Invalid
from harness.explain.late import slow_flow
from harness.explain.tables import RunTables
from harness.results import file_name
from reports.result import RunDocument


def place_of(folder: Path, run: RunDocument) -> Path:
    """Where below a comparison's directory one of its runs is."""
    return folder / "runs" / file_name(f"{run['layer']}-seed{run['seed']}")


def again(folder: Path, runs: Sequence[RunDocument]) -> str:
    """The message that names the run below a comparison to take: the one with the most breaks."""
    if not runs:
        return f"{folder} is of several runs, none of which has ended: there is nothing to explain"
    worst = max(runs, key=_breaks)
    return (
        f"{folder} is of {len(runs)} runs, and a story is of one: name one below it, such as the one with the most "
        f"breaks, `tieout explain {place_of(folder, worst)}`"
    )


def explain_command(folder: Path, document: Mapping[str, Any]) -> str:
    """The command that tells how the breaks of a run came to be, or what made it slow; of several runs, of the worst.

    Empty where there is nothing to tell of.
    """
    worst = max(document.get("runs", [document]), key=lambda run: (_breaks(run), _is_slow(run)), default=None)
    if worst is None or not (_breaks(worst) or _is_slow(worst)):
        return ""
    place = folder if worst is document else place_of(folder, worst)
    return shlex.join(["tieout", "explain", str(place)])


def _breaks(run: Any) -> int:
    number: int = run["breaks"]["open_at_close"]
    return number


def _is_slow(run: Any) -> bool:
    """Whether an expectation does not hold that is about how fast things arrive."""
    return any(slow_flow(each) is not None for each in run["expectations"])


@contextmanager
def with_tables(folder: Path, run: RunDocument, remark: Callable[[str], None]) -> Iterator[Path]:
    """A directory with the run's tables: its own, or those of the same run done again.

    Raises Invalid where it cannot be, or comes out otherwise.
    """
    if RunTables(folder).there() or not _of_several(folder):
        yield folder
        return
    remark(f"{folder} is of several runs, which keep no tables: running it again")
    with tempfile.TemporaryDirectory(prefix="tieout-explain-") as place:
        _run_again(folder, run, Path(place))
        yield Path(place)


def _of_several(folder: Path) -> bool:
    return folder.parent.name == "runs" and _scenario(folder).is_file()


def _scenario(folder: Path) -> Path:
    return folder.parent.parent / "scenario.yaml"


def _run_again(folder: Path, run: RunDocument, place: Path) -> None:
    # The simulation takes its time to import, and only this needs it.
    from harness.commands.options import scenario_of  # noqa: PLC0415
    from harness.replication import replicate  # noqa: PLC0415
    from harness.run_tables import write_tables  # noqa: PLC0415

    done = replicate(scenario_of(str(_scenario(folder)), ()), run["layer"], run["seed"])
    if done.document["fingerprint"] != run.get("fingerprint"):
        raise Invalid(
            f"{folder} does not come out the same any more (fingerprint {done.document['fingerprint']}, it was "
            f"{run.get('fingerprint')}): the layer or the program has changed since; compare again"
        )
    write_tables(place, done)
