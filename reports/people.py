"""What people had to do in a run, and what was planned for it beside its faults: close, exceptions, replays, cutover.

When the books were signed off is always told; of the rest, only what some run of the document has something of.
"""

from datetime import datetime

from reports.measures import CLOSE_CYCLE, PEOPLE, Measure
from reports.reading import Results
from reports.wording import count, span

TITLE = "The close and people's work"


def told_of_people(results: Results) -> tuple[Measure, ...]:
    """The measures of what people had to do that a report of these runs tells, in order."""
    seen = {m: [value for layer in results.layers for value in results.by_seed(layer, m)] for m in PEOPLE}
    return tuple(m for m in PEOPLE if any(seen[m]) or (m is CLOSE_CYCLE and None not in seen[m] and seen[m]))


def plans(results: Results) -> list[str]:
    """A sentence on the cutover, if there is one, and one on each planned replay: the same in every run."""
    run = results.first
    said = []
    if run and "cutover" in run:
        cutover = run["cutover"]
        both = f"for {span(cutover['overlap_s'])} both layers are told" if cutover["overlap_s"] else "without overlap"
        said.append(f"Cutover on {_when(cutover['at'])}: {cutover['to']} takes over, {both}.")
    for place, replay in enumerate(run.get("replays", []) if run else []):
        said.append(f"Replay on {_when(replay['at'])}: {_carried(results, place)} carried again.")
    return said


def _carried(results: Results, place: int) -> str:
    """How many events the replay at that place had carried again: over all runs, the fewest to the most."""
    carried = [run["replays"][place]["carried"] for runs in results.runs.values() for run in runs]
    low, high = count(min(carried)), count(max(carried))
    return f"{low if low == high else f'{low} to {high}'} {'event' if low == high == '1' else 'events'}"


def _when(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}"
