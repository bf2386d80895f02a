"""The page of an ablation: its answer, a cell a difference, a sentence a safeguard, and figures of the intervals."""

import re

import pytest

from reports.figures import files
from reports.page import render
from tests.reports.ablations import ablation, interval, pair, safeguard
from tests.reports.test_page import Page

HARM = {
    "duplicates": interval(12.4, 9.1, 15.7),
    "breaks": interval(14.0, 10, 18),
    "amount_off": interval(5e6, -1e6, 9e6),
}
COST = {"durable_writes": interval(5400.0, 5300, 5500), "event_lag.p95_s": interval(None, None, None)}
NEEDED = safeguard(
    "idempotency", "key", "none", harm=HARM, cost=COST,
    appears=[{"kind": "duplicate", "record": "journal_entry", "cause": "lost_response", **interval(8.0, 6, 10)}],
)  # fmt: skip
IDLE = safeguard("journal", "on<b>", "off")
DOCUMENT = ablation(NEEDED, IDLE, pairs=[pair("idempotency", "journal", beyond={"breaks": interval(3.0, 1, 5)})])


@pytest.fixture(scope="module")
def html():
    return render(DOCUMENT)


def test_it_is_one_well_formed_file_whose_links_all_lead_somewhere(html):
    page = Page(html)

    assert page.external == []
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_the_answer_comes_first_then_the_tables_then_the_figures(html):
    places = [
        html.index(words)
        for words in (
            "event-driven needs idempotency", "Harm: what there is more of without it",
            "Cost: what there is more of with it", "The layer as given",
            'id="safeguards"', 'id="pairs"', 'id="harm"', 'id="cost"', 'id="limits"',
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_each_difference_has_its_interval_and_is_faint_where_that_includes_zero(html):
    cells = dict.fromkeys(
        re.findall(r'<td class="number( faint)?"[^>]*data-label="[^"]*"><span class="mean">([^<]*)', html)
    )

    assert ("", "+12.4") in cells
    assert (" faint", "+50,000") in cells
    assert "[9.1, 15.7]" in html


def test_every_safeguard_has_its_sentence_and_what_it_protects_from(html):
    text = Page(html).text

    for each in DOCUMENT["safeguards"]:
        assert each["sentence"].replace(" %", "\N{NO-BREAK SPACE}%") in html.replace("&lt;", "<").replace("&gt;", ">")
    assert "It protects from an event told twice." in text
    assert DOCUMENT["pairs"][0]["sentence"] in text
    assert "duplicate journal entry lost response +8 [6, 10]" in text


def test_what_a_name_says_is_no_markup(html):
    assert "on<b>" not in html


def test_the_figures_show_each_safeguard_and_the_same_bytes_every_time():
    drawn = files(DOCUMENT)

    assert list(drawn) == ["harm.svg", "cost.svg", "counts.svg"], (
        "nothing is broken in these runs, so no figure of causes"
    )
    assert b"idempotency" in drawn["harm.svg"]
    assert b"+12.4" in drawn["harm.svg"]
    assert files(DOCUMENT) == drawn


def test_an_ablation_in_which_nothing_was_finished_has_a_page_too():
    text = Page(render(ablation() | {"layers": {}, "runs": [], "seeds": 0, "complete": False})).text

    assert "No seed has been finished by every variant" in text


def test_one_seed_has_a_page_without_intervals():
    document = ablation(safeguard(harm={"duplicates": interval(7.0, None, None)}), seeds=1)

    assert "by one seed, which gives no interval" in Page(render(document)).text
