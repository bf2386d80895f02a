"""`tieout explain`: the stories of a run's breaks, of a key, in text, JSON and on the page; and what it refuses."""

import json
import re

import pytest

from tests.cli.command_line import SMALL

LOSSY = ("lost-responses", *SMALL, "--set", "faults.1.share=0.4", "--layer", "point-to-point", "--quiet")


@pytest.fixture
def lossy(tieout, here):
    assert tieout("run", *LOSSY, "--out", "run").status == 1
    return json.loads((here / "run" / "run.json").read_text(encoding="utf-8"))


def test_the_stories_are_told_from_the_directory_alone(tieout, lossy):
    done = tieout("explain", "run")

    assert done.status == 0
    assert done.err == ""
    assert f"{lossy['breaks']['open_at_close']} breaks" in done.out
    for heading in ("What was meant to happen", "What happened", "Where the two part", "What did it", "Step by step"):
        assert heading in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_json_has_every_story_in_one_document(tieout, lossy):
    document = json.loads(tieout("explain", "run", "--json").out)

    assert document["schema"] == "tieout.explain/1"
    assert document["fingerprint"] == lossy["fingerprint"]
    assert len(document["stories"]) == document["breaks"] == lossy["breaks"]["open_at_close"]


def test_a_key_narrows_it_down(tieout, lossy):
    found = lossy["breaks"]["listed"][0]
    document = json.loads(tieout("explain", "run", found["key"], "--json").out)

    assert 1 <= document["breaks"] < lossy["breaks"]["open_at_close"]
    for story in document["stories"]:
        assert found["key"] in (story["of"]["key"], story["of"]["contract"], story["of"]["account"])


@pytest.mark.parametrize("name", ["gate=none", "run[1]*", "an engineer's"])
def test_any_name_will_do_for_a_runs_directory(tieout, lossy, here, name):
    (here / "run").rename(here / name)

    assert "What happened" in tieout("explain", name).out


def test_an_unknown_key_is_told_with_the_nearest(tieout, lossy):
    done = tieout("explain", "run", "C-0001")

    assert done.status == 2
    assert re.search(r"knows no contract, account or document 'C-0001': did you mean C-0000\d\d", done.err)


def test_what_is_no_runs_directory_is_told(tieout, here):
    (here / "empty").mkdir()
    done = tieout("explain", "empty")

    assert done.status == 2
    assert "name a directory that a finished run" in done.err


def test_a_run_without_tables_is_told(tieout, lossy, here):
    (here / "alone").mkdir()
    (here / "alone" / "run.json").write_text(json.dumps(lossy), encoding="utf-8")
    done = tieout("explain", "alone")

    assert done.status == 2
    assert "has no tables to tell from" in done.err


def test_a_run_names_the_command_that_explains_it_before_its_report(tieout, here):
    done = tieout("run", *LOSSY, "--out", "run")

    assert done.out.splitlines()[-2:] == ["Explain: tieout explain run", "Report: run/report.html"]


def test_a_run_without_a_break_names_none(tieout, here):
    done = tieout("run", "calm-month", *SMALL, "--quiet", "--out", "run")

    assert "Explain:" not in done.out


def test_a_comparison_names_the_run_below_it_which_is_run_again(tieout, here):
    scenario, *sets, _, _, _ = LOSSY
    done = tieout("compare", scenario, *sets, "--layers", "event-driven,point-to-point", "--seeds", "1", "--jobs", "1",
                  "--quiet", "--out", "several")  # fmt: skip
    command = done.out.splitlines()[-2].removeprefix("Explain: tieout ").split()
    whole = tieout("explain", "several")
    below = tieout(*command)

    assert command == ["explain", "several/runs/point-to-point-seed0"]
    assert whole.status == 2
    assert "`tieout explain several/runs/point-to-point-seed0`" in whole.err
    assert below.status == 0
    assert "running it again" in below.err
    assert "What did it" in below.out


def test_a_run_that_comes_out_otherwise_is_refused(tieout, here):
    scenario, *sets, _, _, _ = LOSSY
    tieout("compare", scenario, *sets, "--layers", "point-to-point,event-driven", "--seeds", "1", "--jobs", "1",
           "--quiet", "--out", "several")  # fmt: skip
    place = here / "several" / "runs" / "point-to-point-seed0" / "run.json"
    document = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps({**document, "fingerprint": "0" * 32}), encoding="utf-8")
    done = tieout("explain", "several/runs/point-to-point-seed0")

    assert done.status == 2
    assert "does not come out the same any more" in done.err


def test_the_page_leads_from_a_break_to_its_story(tieout, lossy, here):
    page = (here / "run" / "report.html").read_text(encoding="utf-8")
    places = re.findall(r'<th scope="row"><a href="#(story-\d+)">', page)

    assert len(places) == min(60, lossy["breaks"]["open_at_close"])
    for place in places:
        assert f'<details class="story" id="{place}">' in page
    assert tieout("report", "run").status == 0
    assert (here / "run" / "report.html").read_text(encoding="utf-8") == page
