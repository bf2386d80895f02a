"""The stories of a run's directory: of every break, of those of one key, or the life of a contract without any."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from harness.endings import Invalid
from harness.explain.evidence import Found, Slow
from harness.explain.late import late_of, slow_flow
from harness.explain.life import life_of
from harness.explain.origin import roots_of
from harness.explain.story import Setting, story_of
from harness.explain.tables import RunTables
from harness.explain.words import Clock
from harness.layers import BUILT_IN
from reports.result import RunDocument
from reports.story import ExplainDocument, Story, identity
from reports.thresholds import expectation_text, seen_value
from reports.wording import plain
from sim.durations import SECOND


def explained(folder: Path, run: RunDocument, key: str | None = None, most: int | None = None) -> ExplainDocument:
    """The document of `tieout explain`: the stories of every break, or of those of `key`, at most so many.

    Raises Invalid where the directory has no tables to tell from, or knows no such key.
    """
    tables = _tables(folder)
    breaks = tables.breaks()
    setting = setting_of(run)
    slow: list[Story] = []
    if key is None:
        asked = breaks
        slow = [] if breaks else _of_slow(tables, run, setting)
        stories = [*told(tables, asked[:most], setting), *slow]
    else:
        belonging = _known(tables, key)
        asked = [found for found in breaks if _concerns(found, key)]
        stories = told(tables, asked[:most], setting)
        if not asked:
            stories = [life_of(key, belonging, tables.evidence(belonging), setting)]
    return ExplainDocument(
        schema="tieout.explain/1", tieout=run.get("tieout", ""), scenario=run["scenario"], layer=run["layer"],
        seed=run["seed"], fingerprint=run.get("fingerprint", ""), run_dir=str(folder), key=key, breaks=len(asked),
        slow=len(slow), stories=stories,
    )  # fmt: skip


def stories_of_breaks(folder: Path, run: RunDocument, listed: Iterable[Mapping[str, Any]]) -> list[Story]:
    """The stories of those breaks that a run's document lists, as a report embeds them; none without tables."""
    tables = RunTables(folder)
    if not (tables.there() and tables.told_in_full() and "calendar" in run):
        return []
    found = {identity(one._asdict()): one for one in tables.breaks()}
    wanted = [found[identity(one)] for one in listed if identity(one) in found]
    return told(tables, wanted, setting_of(run))


def stories_of_slow(folder: Path, run: RunDocument) -> list[Story]:
    """The stories of the slowest events that a run's broken expectations are about; none without tables."""
    tables = RunTables(folder)
    if not (tables.there() and "calendar" in run):
        return []
    return _of_slow(tables, run, setting_of(run))


def _of_slow(tables: RunTables, run: RunDocument, setting: Setting) -> list[Story]:
    """The slowest event of what each broken expectation of how fast is about, each event once."""
    broken = [(flow, each) for each in run["expectations"] if (flow := slow_flow(each)) is not None]
    slowest = tables.slowest() if broken else []
    expected: dict[Slow, list[str]] = {}
    for flow, each in broken:
        for slow in [slow for slow in slowest if flow in slow.flow][:1]:
            expected.setdefault(slow, []).append(f"{expectation_text(each)} (seen: {plain(seen_value(each))})")
    return [_of_one(slow, texts, tables, run, setting) for slow, texts in expected.items()]


def _of_one(slow: Slow, expected: Sequence[str], tables: RunTables, run: RunDocument, setting: Setting) -> Story:
    ends_us = round(run["simulated_s"] * SECOND)
    key, until_us = slow.event.key, slow.reflected_us if slow.reflected_us >= 0 else ends_us
    evidence = tables.evidence([key, *tables.above([key]).get(key, ())])
    struck = tables.struck([fault["kind"] for fault in setting.faults], slow.event.at_us, until_us)
    notes = list(dict.fromkeys([*evidence.notes, *struck]))
    return late_of(slow, expected, ends_us, replace(evidence, notes=notes), setting)


def told(tables: RunTables, breaks: Sequence[Found], setting: Setting) -> list[Story]:
    """The stories of these breaks. The tables are read once for all of them."""
    if not breaks:
        return []
    of_contract = tables.kin()
    kin = [[one for one in of_contract.get(found.contract or "", ()) if one != found] for found in breaks]
    roots = [roots_of(found, others) for found, others in zip(breaks, kin, strict=True)]
    keys = dict.fromkeys(key for found in [*breaks, *chain.from_iterable(roots)] for key in _keys(found))
    twins = tables.accounts(
        [found.expected for found in breaks if found.kind == "duplicate_customer" and found.expected]
    )
    alike = {id_: tables.alike(found.contract or "", found.record) for id_, found in enumerate(breaks) if _lost(found)}
    evidence = tables.evidence([*keys, *twins.values(), *(key for several in alike.values() for key in several)])
    return [
        story_of(
            found,
            evidence.about([
                *_keys(found), twins.get(found.expected or "", found.key), *alike.get(id_, ()),
                *(key for root in roots[id_] for key in _keys(root)),
            ]),
            setting, kin[id_],
        )
        for id_, found in enumerate(breaks)
    ]  # fmt: skip


def setting_of(run: RunDocument) -> Setting:
    """What all stories of a run share."""
    name = run["layer"].partition(":")[0]
    return Setting(
        Clock(run["calendar"]), run.get("faults", []), run["layer"], run.get("layer_options", {}), name in BUILT_IN
    )


def _keys(found: Found) -> list[str]:
    return [key for key in (found.call, found.key, found.contract, found.account) if key]


def _lost(found: Found) -> bool:
    """Whether a document, or what was delivered, never arrived: another of its contract may have been taken for it."""
    return found.kind in ("missing_downstream", "usage_gap") and found.contract is not None


def _tables(folder: Path) -> RunTables:
    tables = RunTables(folder)
    if not tables.there():
        raise Invalid(
            f"{folder} has no tables to tell from: name the directory of a single run that `tieout run` wrote"
        )
    if not tables.told_in_full():
        raise Invalid(
            f"{folder} was written by an older version, whose tables say too little: run it again, then explain"
        )
    return tables


def _known(tables: RunTables, key: str) -> list[str]:
    """The keys that belong to a key. Raises Invalid, naming the nearest, if the run knows none such."""
    keys = tables.keys()
    if key not in keys:
        near = get_close_matches(key, keys, n=3, cutoff=0.5)
        raise Invalid(
            f"the run knows no contract, account or document {key!r}: "
            + (f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(keys[:3])} and so on")
        )
    return tables.belonging(key)


def _concerns(found: Found, key: str) -> bool:
    return key in (found.key, found.call, found.contract, found.account)
