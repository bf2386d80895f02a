"""Scenarios that cannot be used: exit 2, one clear message a mistake, no traceback, and nothing written."""

from pathlib import Path

import pytest

from tests.cli.command_line import SCENARIO, tree

BASE = "name: mine\ntitle: Mine\n"

# What is added to a sound scenario, and what the message must say: where, what was found, what was expected.
MISTAKES = {
    "an unknown field": ("calender: {months: 3}", ":3:1: calender: found an unknown field", 'did you mean "calendar"?'),
    "a field in the wrong place": ("contracts: 5", ":3:1: contracts: found an unknown field", 'below "business"'),
    "a wrong type": ("calendar: {months: three}", ":3:20: calendar.months", "a whole number from 1 to 3"),
    "text for a mapping": ("business: many", ":3:11: business: found", "indented"),
    "a day that is none": ("calendar: {quarter_start: 2026-02-30}", "2026-02-30", "February 2026 has days 01 to 28"),
    "a quarter from mid-month": ("calendar: {quarter_start: 2026-01-15}", "quarter_start", "the first day of a month"),
    "a negative number": ("business: {contracts: -5}", ":3:23: business.contracts: found -5", "write 1 or more"),
    "a negative rate": ("faults: [{kind: lost_response, system: erp, share: -0.1}]", "share: found -0.1", "0 to 1"),
    "a rate above one": ("faults: [{kind: lost_response, system: erp, share: 5}]", "faults.0.share: found 5", "5 %"),
    "an unknown system": ("faults: [{kind: lost_response, system: sap, share: 0.1}]", '"sap"', "crm | billing | erp"),
    "an unknown kind": ("faults: [{kind: outtage, system: erp}]", '"outtage"', 'did you mean "outage"?'),
    "a fault after the run": (
        "faults: [{kind: outage, system: erp, from: 2031-01-01, for: 1 h}]", "faults.0.from", "2026"
    ),
    "a fault that lasts less than no time": (
        "faults: [{kind: outage, system: erp, from: 2026-02-01, for: -1 h}]", "faults.0.for", '"-1 h"'
    ),
    "a crash that the run is too short for": (
        "faults: [{kind: crash, from: 2026-02-01, down: 400 d}]", ':3:48: faults.0.down: found "400 d"', "shorten it"
    ),
    "an hour that is none": ("calendar: {business_hours: '08:00-25:00'}", "business_hours", "25:00"),
    "an unknown time zone": ("calendar: {timezone: Mars/Olympus}", "calendar.timezone", "Mars/Olympus"),
    "an unknown metric": ("expect: {duplicats: ['== 0']}", "expect.duplicats.0", "did you mean 'duplicates'?"),
    "a threshold that compares nothing": ("expect: {duplicates: ['none']}", ":3:23: expect.duplicates.0", "== 0"),
    "a threshold without a unit": ("expect: {event_lag: ['p(99) < 15']}", "15 has no unit", "15 min"),
    "a layer that there is not": (
        "cutover: {to: hybird, at: 2026-02-16}", ':3:15: cutover.to: found "hybird", expected a layer', "mean hybrid?"
    ),
    "a layer's option that there is not": (
        "cutover: {from: event-driven:colour=red, to: hybrid, at: 2026-02-16}", ":3:17: cutover.from", "'colour'"
    ),
    "a layer to compare that there is not": (
        "compare: {layers: [hybrid, zzz]}", ':3:28: compare.layers.1: found "zzz"', "the built-in ones are"
    ),
    "the same field twice": ("title: Again", "title", "once"),
}  # fmt: skip


@pytest.mark.parametrize("command", [("run",), ("compare",), ("scenarios", "check")], ids=" ".join)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_remedy(tieout, here, command, mistake):
    added, *said = MISTAKES[mistake]
    (here / "mine.yaml").write_text(f"{BASE}{added}\n")
    before = tree(here)

    done = tieout(*command, "mine.yaml")

    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("tieout: mine.yaml:")
    assert done.err.count("\n") == 1, "one line a mistake"
    for part in said:
        assert part in done.err
    assert tree(here) == before


def test_every_mistake_is_told_in_the_order_of_the_file(tieout, here):
    (here / "mine.yaml").write_text(
        f"{BASE}calendar: {{months: 9}}\nbusiness: {{contracts: none}}\nexpect: {{speed: ['> 1']}}\n"
    )

    done = tieout("run", "mine.yaml", "--set", "business.profile=flatter")

    lines = done.err.splitlines()
    assert done.status == 2
    assert len(lines) == 4
    assert [line.split(":")[2] for line in lines if "mine.yaml" in line] == ["3", "4", "5"]
    assert any("--set business.profile" in line and "flatter" in line for line in lines)


UNUSABLE = {
    "empty.yaml": (b"", "an empty file"),
    "comments.yaml": (b"# nothing\n", "a file of comments alone"),
    "list.yaml": (b"- name: mine\n", "expected a scenario"),
    "prose.yaml": (b"A quarter end, in which billing is down.\n", "expected a scenario"),
    "cut.yaml": (b"name: [\n", "cut.yaml:2:1"),
    "tabs.yaml": (b"name: mine\n\ttitle: Mine\n", "tabs.yaml:2:"),
    "page.html": (b"<!doctype html><p>Not found</p>\n", "expected a scenario"),
    "latin.yaml": (b"name: mine\ntitle: caf\xe9\n", "latin.yaml:2:11: found the byte 0xE9"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\0\0", "found the byte 0x89"),
    "endless.yaml": (b"# " + b"a" * (1 << 20), "more than 1 MiB"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_is_no_scenario_is_refused(tieout, here, name):
    data, said = UNUSABLE[name]
    (here / name).write_bytes(data)
    before = tree(here)

    done = tieout("run", name)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"tieout: {name}")
    assert said in done.err
    assert "Traceback" not in done.err
    assert tree(here) == before


def test_a_directory_is_refused_and_a_file_in_it_suggested(tieout, here):
    (here / "mine").mkdir()
    (here / "mine" / "first.yaml").write_text(SCENARIO)

    done = tieout("run", "mine")

    assert (done.status, done.out) == (2, "")
    assert "mine: found a directory" in done.err
    assert "mine/first.yaml" in done.err


def test_a_path_through_a_file_is_refused(tieout, here):
    (here / "mine.yaml").write_text(SCENARIO)

    done = tieout("run", "mine.yaml/other.yaml")

    assert (done.status, done.out) == (2, "")
    assert "mine.yaml/other.yaml: found no such file or scenario" in done.err


def test_a_file_that_may_not_be_read_is_refused(tieout, here, monkeypatch):
    # Not by its permissions: whoever is root may read it all the same.
    (here / "mine.yaml").write_text(SCENARIO)
    opened = Path.open

    def forbidden(path, *args, **kwargs):
        if path.name == "mine.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", forbidden)
    done = tieout("run", "mine.yaml")

    assert (done.status, done.out) == (2, "")
    assert "mine.yaml: found a file that cannot be read (Permission denied)" in done.err
    assert "check its permissions" in done.err


def test_a_name_nearly_of_the_library_is_corrected(tieout, here):
    done = tieout("run", "calm-mnth")

    assert (done.status, done.out) == (2, "")
    assert 'did you mean "calm-month"?' in done.err
    assert tree(here) == {}


def test_an_empty_name_is_no_scenario(tieout):
    done = tieout("run", "")

    assert (done.status, done.out) == (2, "")
    assert "name is empty" in done.err


OVERRIDES = {
    "business.contracts": ("no key and value", "business.contracts=500"),
    "=5": ("no key and value", "business.contracts=500"),
    "business.contract=5": ("found an unknown field", 'did you mean "contracts"?'),
    "business.contracts=many": ("--set business.contracts: found", "a whole number"),
    "business.contracts.few=5": ("fields below business.contracts", "--set business.contracts=VALUE"),
    "faults.3.share=0.1": ("a position in faults", "counted from 0"),
    "expect.duplicates.0=none": ("--set expect.duplicates.0", "compares nothing"),
    "calendar={": ("--set calendar", "expected YAML"),
}


@pytest.mark.parametrize("override", OVERRIDES)
def test_a_bad_override_is_told_by_its_own_words(tieout, here, override):
    done = tieout("run", "lost-responses", "--set", override)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("tieout: --set ")
    for part in OVERRIDES[override]:
        assert part in done.err
    assert tree(here) == {}


def test_checking_goes_on_after_a_bad_file(tieout, here):
    (here / "bad.yaml").write_text("name: 5\n")
    (here / "good.yaml").write_text(SCENARIO)

    done = tieout("validate", "bad.yaml", "good.yaml", "calm-month")

    assert done.status == 2
    assert done.out.splitlines() == ["good.yaml: ok", "calm-month: ok"]
    assert "tieout: bad.yaml:1:7: name" in done.err
