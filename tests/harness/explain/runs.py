"""Runs to be explained: small scenarios, and the stories of their breaks."""

import tempfile
from pathlib import Path

import yaml

from harness.explain import explained
from harness.replication import replicate
from harness.run_tables import write_tables
from scenarios.schema import Scenario

CALM = {
    "name": "explained",
    "calendar": {"quarter_start": "2026-03-01", "months": 1},
    "business": {"contracts": 60, "profile": "moderate"},
}


def told(layer, *, key=None, seed=0, business=None, **fields):
    """What `tieout explain` says of a run of `layer`, with these fields of a scenario beside CALM's."""
    text = yaml.safe_dump({**CALM, **fields, "business": {**CALM["business"], **(business or {})}})
    done = replicate(Scenario.model_validate(yaml.safe_load(text)), layer, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), done)
        return explained(Path(folder), done.document, key)


def of(document, **wanted):
    """The stories of the breaks that have these values."""
    return [story for story in document["stories"] if wanted.items() <= story["of"].items()]


def text(story):
    """All sentences of a story, one after the other."""
    parts = [*story["meant"], *story["happened"], story["last_seen"], story["parted"], story["cause"]]
    return " ".join([*parts, story["prevention"]])
