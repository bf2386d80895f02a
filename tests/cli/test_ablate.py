"""`tieout ablate`: a layer without each of its safeguards; the layer as given decides how it ends."""

import json
from xml.etree import ElementTree as xml

import pytest

from tests.cli.command_line import tree

LOSSY = ("lost-responses", "--set", "business.contracts=60", "--jobs", "1", "--quiet")


def test_what_appears_without_a_key_is_told_in_words_and_numbers(tieout):
    done = tieout("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seeds", "3")

    assert done.status == 0, done.err
    words = " ".join(done.out.split())
    assert "lost-responses: point-to-point:idempotency=key without each of its safeguards, seeds 0 to 2" in words
    assert "needs idempotency" in words
    assert "Without idempotency=key: " in words
    assert "by lost response" in words
    assert words.count("verdict: PASS") == 1


def test_the_layer_as_given_decides_the_status_not_what_it_would_be_without(tieout):
    guarded = tieout("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seed", "0")
    bare = tieout("ablate", *LOSSY, "--layer", "point-to-point", "--seed", "0")

    assert (guarded.status, bare.status) == (0, 1)


def test_its_directory_holds_the_document_the_page_and_every_run(tieout, here):
    done = tieout(
        "ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seeds", "2", "--json", "--out", "mine"
    )

    written = tree(here / "mine")
    assert json.loads(written["ablate.json"]) == json.loads(done.out)
    assert {"report.html", "scenario.yaml", "manifest.json"} <= set(written)
    runs = [json.loads(found) for name, found in written.items() if name.endswith("/run.json")]
    assert len(runs) == 2 * 3
    manifest = json.loads(written["manifest.json"])
    assert manifest["holds"] == "tieout.ablate/1"
    assert {run["fingerprint"] for run in manifest["runs"]} == {run["fingerprint"] for run in runs}


def test_its_report_can_be_built_anew(tieout, here):
    tieout("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seed", "0", "--out", "mine")
    before = (here / "mine" / "report.html").read_text()
    (here / "mine" / "report.html").unlink()

    done = tieout("report", "mine")

    assert done.status == 0
    assert (here / "mine" / "report.html").read_text() == before
    assert "ablation" in before


def test_a_finished_ablation_is_replaced_by_the_same_again(tieout, here):
    arguments = ("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seed", "0")
    tieout(*arguments)
    first = sorted(tree(here / "runs"))

    assert tieout(*arguments).status == 0
    assert sorted(tree(here / "runs")) == first
    assert len(list((here / "runs" / "lost-responses").glob("ablate-*-seed0-*"))) == 1


def test_its_junit_file_is_about_the_layer_as_given(tieout, here):
    tieout("ablate", *LOSSY, "--layer", "point-to-point:idempotency=key", "--seed", "0", "--junit-xml", "junit.xml")

    suites = xml.parse(here / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["lost-responses.point-to-point:idempotency=key"]
    assert suites.get("failures") == "0"


def test_jobs_change_nothing(tieout):
    arguments = ("ablate", "calm-month", "--layer", "process-orchestration", "--seeds", "2", "--json", "--quiet")
    small = ("--set", "business.contracts=12", "--set", "calendar.lead_in=0 d", "--out", "mine")

    one, two = (json.loads(tieout(*arguments, *small, "--jobs", jobs).out) for jobs in ("1", "2"))

    for document in (one, two):
        del document["settings"]["command"]
        for run in document["runs"]:
            del run["wall_s"]
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--layer", "point-to-point:attempts=1"), "has no safeguard to take away: its options are idempotency, "),
        (("--layer", "event-drivn"), "did you mean event-driven?"),
        ((), "missing option '--layer'"),
        (("--layer", "event-driven", "--seed", "1", "--seeds", "2"), "--seed and --seeds are both given"),
    ],
)
def test_what_cannot_be_ablated_ends_with_2_and_one_line(tieout, here, arguments, told):
    done = tieout("ablate", "calm-month", *arguments)

    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert told in done.err
    assert tree(here) == {}


CRASHES = """\
name: crashes
title: The layer is killed three times an hour, and ERP takes its time
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: 60, profile: flat}
systems: {erp: {service: {median: 5 s, sigma: 0.5}}}
faults: [{kind: crash, every: 20 min, down: 1 min}]
"""


def test_a_crash_shows_what_the_journal_is_for_and_what_it_costs(tieout, here):
    (here / "crashes.yaml").write_text(CRASHES)
    layer = "process-orchestration:dead_letters=off,gate=none,attempts=1"

    done = tieout("ablate", "crashes.yaml", "--layer", layer, "--seeds", "2", "--jobs", "1", "--json", "--quiet")

    first = json.loads(done.out)["safeguards"][0]
    assert first["name"] == "journal", "the most harmful to lose"
    assert first["hits"]["crash"] > 0
    assert first["harm"]["breaks"]["mean"] > 0
    assert "crash" in {each["cause"] for each in first["appears"] if each["mean"] > 0}
    assert first["cost"]["durable_writes"]["low"] > 0
