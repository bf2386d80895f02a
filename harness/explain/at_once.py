"""The stories of a run that has just ended and was not written anywhere: from its tables, as those of any run."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from harness.explain.late import slow_flow
from harness.explain.stories import stories_of_breaks, stories_of_slow
from harness.replication import Replication
from harness.run_tables import write_tables
from reports.result import RunDocument
from reports.story import Story


def stories_at_once(done: Replication, listed: Sequence[Mapping[str, Any]]) -> list[Story]:
    """The stories of those of its breaks that are `listed`, as a run's document lists them.

    Without any, those of the slowest events that its broken expectations are about.
    """
    if not listed and not any(slow_flow(each) is not None for each in done.document["expectations"]):
        return []
    with tempfile.TemporaryDirectory(prefix="tieout-explain-") as place:
        write_tables(Path(place), done)
        document = cast(RunDocument, done.document)
        return stories_of_breaks(Path(place), document, listed) or stories_of_slow(Path(place), document)
