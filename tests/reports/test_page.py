"""The page is one well-formed file without a network, answer first, from a number to its contracts."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources

import pytest

from reports.page import render
from tests.reports.samples import LAYERS, comparison, run, unfit
from tests.reports.test_figures import contrast

VOID = {"meta", "input", "br", "img", "link", "hr"}


class Page(HTMLParser):
    """What a page holds: its ids, links, text by element; and whether every element that opens also closes."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.external, self.texts = [], [], [], [], []
        self.tags = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        for name in ("href", "xlink:href", "src", "action", "data", "poster", "srcset"):
            if name in found:
                (self.links if found[name].startswith("#") else self.external).append(found[name])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html():
    return render(comparison(silent=True))


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_it_is_small_and_well_formed(html, page):
    assert len(html.encode()) < 3_000_000
    assert html.startswith("<!doctype html>")
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_loaded_from_anywhere(html, page):
    assert page.external == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert "url(" not in styles
    assert "@import" not in styles
    assert {tag for tag, _ in page.tags} & {"link", "img", "iframe", "object", "embed"} == set()
    assert "default-src 'none'" in html


def test_every_link_leads_somewhere(page):
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_the_answer_comes_first(page):
    text = page.text
    answer = text.index("event-driven kept better books than point-to-point and process-orchestration.")

    assert answer < text.index("FAIL point-to-point and process-orchestration broke duplicates == 0")
    assert answer < text.index("Measures by layer") < text.index("What the seeds tell apart")
    assert "USD 2,197,539.41 [2,037,820, 2,357,259]" in text


def test_a_fault_that_hit_nothing_is_shouted(page):
    assert "Planned faults that hit nothing outage of revenue hit nothing in any run" in page.text
    assert page.text.count("0: NOTHING") == 3


def test_a_number_of_breaks_leads_to_the_contracts(html, page):
    kinds = [each["kind"] for document in comparison()["runs"] for each in document["breaks"]["listed"]]
    assert kinds
    for place in range(5):
        assert f"#breaks-0-{place}" in page.links
    table = html[html.index('id="breaks-0-0"') :]
    assert re.match(r'id="breaks-0-0">\s*<tr class="group"><th colspan="8" scope="rowgroup">duplicate customer', table)
    assert re.search(r'<th scope="row">C-\d{6}</th>', table)


def test_a_break_is_listed_with_its_key_its_contract_and_whose_erp_it_is_in():
    document = run("one", series=False, flows=[])
    document["breaks"]["listed"] = [
        {"kind": "duplicate", "key": "INV-1", "contract": "C-7", "system": "erp", "entity": "emea"},
        {"kind": "duplicate", "key": "INV-2", "contract": None, "system": "billing", "entity": "emea"},
    ]
    html = render(document)

    assert '<thead><tr><th scope="col">key</th><th scope="col">contract</th><th scope="col">seed</th>' in html
    assert re.search(r'<th scope="row">INV-1</th><td>C-7</td><td>\d</td><td>erp-emea</td>', html)
    assert re.search(r'<th scope="row">INV-2</th><td></td><td>\d</td><td>billing</td>', html)
    cells = re.search(r"cause: row\.cells\[(\d)\]", html)[1]
    columns = re.findall(r'<th scope="col"[^>]*>(\w+)</th>', html[html.index('<th scope="col">key</th>') :])
    assert columns[int(cells)] == "cause"


def test_what_was_not_judged_is_not_shown_as_held():
    html = render(run(series=False, flows=[], expectations=[unfit()]))

    assert '<td class="mark">– not judged</td>' in html
    assert "<p>missing eventually == 0 was not judged: outage of erp still struck" in html
    assert '<p class="verdict unchecked">' in html


def test_the_document_is_embedded_whole(html):
    document = comparison(silent=True)
    found = re.search(r'<script type="application/json" id="tieout-document">(.*?)</script>', html, re.DOTALL)

    assert json.loads(found[1]) == document


def test_every_table_and_figure_can_be_read_aloud(page):
    tables = sum(tag == "table" for tag, _ in page.tags)
    headers = [found for tag, found in page.tags if tag == "th"]
    drawings = [found for tag, found in page.tags if tag == "svg"]
    scrolled = [found for tag, found in page.tags if found.get("class", "").startswith("scroll")]

    assert tables == sum(tag == "caption" for tag, _ in page.tags) > 10
    assert all(found.get("scope") in ("col", "row", "rowgroup") for found in headers)
    assert len(drawings) == 6
    assert all(found["role"] == "img" and "tables below" in found["aria-label"] for found in drawings)
    assert all(found["tabindex"] == "0" and found["aria-label"] for found in scrolled)
    assert {"header", "nav", "main", "footer", "h1"} <= {tag for tag, _ in page.tags}
    assert ("html", {"lang": "en"}) in page.tags


def test_what_reproduces_it_is_there(page):
    assert "tieout compare quarter-end-spike --layers all --seeds 5 --jobs 2" in page.text
    assert "5f1a0c2be1d44a9f8a6f4f0d0c1b2a39" in page.text
    for layer in LAYERS:
        assert f"tieout run quarter-end-spike --layer {layer} --seed 4" in page.text


def test_limits_are_printed_with_the_number_of_statements(page):
    assert "no public measurements" in page.text
    assert "This page tests 24 differences at 95 %" in page.text.replace("\xa0", " ")


def test_a_run_has_a_page_of_its_own():
    page = Page(render(run("point-to-point")))

    assert "point-to-point: 50 duplicates, 27 missing, 131 breaks open at close" in page.text
    assert "What the seeds tell apart" not in page.text
    assert "#layer-0" in page.links


def test_a_document_with_nothing_optional_has_a_page():
    bare = {
        "schema": "tieout.run/1", "scenario": "s", "layer": "mine", "seed": 3, "metrics": {}, "duplicates": {},
        "missing": {}, "expectations": [],
        "breaks": {"open_at_close": 1, "amount_minor": 5, "by_kind": {"x": 1}, "by_cause": {"y": 1},
                   "listed": [{"kind": "x", "key": "C-1"}]},
    }  # fmt: skip
    page = Page(render(bare))

    assert "The scenario states none, so nothing was checked." in page.text
    assert "C-1" in page.text


def test_a_comparison_cut_short_still_has_a_page():
    assert "No seed has been finished by every layer" in Page(render(comparison(layers=(), seeds=0))).text

    document = comparison(seeds=2)
    document["runs"] = [each for each in document["runs"] if each["layer"] != LAYERS[2] or each["seed"] == 0]
    document |= {"complete": False, "seeds": 1}
    text = Page(render(document)).text
    assert "The comparison was interrupted: only seeds that every layer has finished are compared." in text


def test_runs_without_a_seed_in_common_are_still_shown():
    document = comparison(seeds=1) | {"layers": {}, "differences": {}, "complete": False, "seeds": 0}
    del document["runs"][1:]
    text = Page(render(document)).text

    assert "No seed has been finished by every layer, so there is nothing to compare." in text
    assert "tieout run quarter-end-spike --layer point-to-point --seed 0" in text


def test_hostile_strings_stay_text():
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}\x1b"
    document = run(hostile, scenario=hostile, series=False, flows=[], remarks=[hostile], held=False)
    document["breaks"] = {
        "open_at_close": 1, "amount_minor": 1, "by_kind": {hostile: 1}, "by_cause": {hostile: 1},
        "listed": [{"kind": hostile, "key": hostile, "cause": hostile, "detail": hostile, "system": hostile,
                    "period": hostile, "amount_minor": 1}],
    }  # fmt: skip
    document["faults"] = [{"name": hostile, "kind": hostile, "target": hostile, "from_s": 0, "until_s": 9, "hits": 0}]
    document["calls"] = [{"system": hostile, "operation": hostile, "outcome": hostile, "count": 3}]
    document["expectations"][0]["limit"] = hostile

    html = render(document)
    page = Page(html)

    assert [tag for tag, _ in page.tags].count("script") == 2
    assert "img" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, found in page.tags for name in found)
    assert "{{7*7}}" in page.text
    assert "\x1b" not in html


def test_a_long_list_of_breaks_is_cut_fairly_and_says_so():
    document = comparison(layers=LAYERS[:1], seeds=8)
    for each in document["runs"]:
        each["breaks"]["listed"] = each["breaks"]["listed"] * 3
        each["breaks"]["open_at_close"] = len(each["breaks"]["listed"])
    total = sum(each["breaks"]["open_at_close"] for each in document["runs"])
    page = Page(render(document))
    rows = page.text.count(" records of C-")

    assert 1150 < rows <= 1200 < total
    assert f"{total - rows:,} more are not on this page" in page.text


def test_text_has_contrast_in_both_schemes():
    css = resources.files("reports").joinpath("page.css").read_text(encoding="utf-8")
    for scheme in (css[: css.index("@media")], css[css.index("@media") : css.index("* {")]):
        colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", scheme))
        for paper in ("paper", "raised"):
            for ink in ("ink", "soft", "link", "good", "bad", "open"):
                assert contrast(colour[ink], colour[paper]) >= 4.5, (ink, paper)
        for word in ("good", "bad", "open"):
            assert contrast(colour[word], colour[f"{word}-paper"]) >= 4.5
            assert contrast(colour["ink"], colour[f"{word}-paper"]) >= 4.5


def test_nothing_heavy_is_imported_before_it_is_used():
    names = "import reports.page, reports.terminal, reports.junit, reports.result, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", names], capture_output=True, check=True, text=True).stdout.split()

    assert {"matplotlib", "jinja2", "rich", "numpy"} & set(loaded) == set()


DIGESTS = """
from hashlib import sha256
from reports.figures import files
from reports.junit import junit_xml
from reports.page import render
from reports.terminal import comparison_table
from tests.reports.samples import comparison

document = comparison(seeds=2, silent=True)
texts = [render(document).encode(), junit_xml(document).encode(), comparison_table(document).encode()]
print(*(sha256(each).hexdigest() for each in [*texts, *files(document, formats=("svg", "png")).values()]))
"""


def test_the_same_document_gives_the_same_bytes_under_any_hash_seed():
    digests = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "4242")
    ]

    assert len(digests[0].split()) == 15
    assert digests[0] == digests[1]


def test_all_metrics_say_what_they_are_ratios_of_and_that_nothing_was_there():
    nothing = {"count": 0, "never_share": 0.0, "p95_s": None}
    late = {"count": 3, "never_share": 0.5, "p95_s": None}
    metrics = {**run()["metrics"], "goodput": 1.18, "dead_letters": {"age": nothing}, "work_queue": {"age": late}}
    text = Page(render(run(metrics=metrics), {})).text

    assert "goodput (changes an hour that arrived everywhere) 1.18" in text
    assert "dead_letters.age.p95_s n/a" in text
    assert "work_queue.age.p95_s never" in text
