"""What waits in the business is drawn and told where a document says so, and the close has its table of steps."""

from xml.etree import ElementTree as xml

import pytest

from reports.figures import files
from reports.page import render
from tests.reports.samples import CALENDAR, HOUR_S, comparison, run
from tests.reports.test_figures import SVG
from tests.reports.test_page import Page

HOURS = CALENDAR["audited_at_s"] // HOUR_S
AUDITED_S = CALENDAR["audited_at_s"]
STEPS = [
    {"step": "cut-off", "from_s": AUDITED_S, "until_s": AUDITED_S, "count": 0, "minor": 0},
    {"step": "adjusting entries", "from_s": AUDITED_S, "until_s": AUDITED_S + 7200, "count": 12, "minor": 345_600},
    {"step": "sign-off", "from_s": AUDITED_S + 7200, "until_s": AUDITED_S + 10_800, "count": 0, "minor": 0},
]


def waiting(layer="event-driven", **fields):
    """A run in which five invoices are blocked for two days, and one exception is old."""
    blocked = [5 * (1000 <= hour < 1048) for hour in range(HOURS)]
    document = run(layer, **fields)
    document["series"]["business_status"] = {"invoices_blocked": blocked, "exceptions_over_3_d": [1] * HOURS}
    document["business_status"] = [
        {"status": "invoices_blocked", "at": at, "at_s": at_s, "count": n, "minor": n * 10_000, "oldest_s": n * 3600.0}
        for at, at_s, n in (("2026-01", 45 * 86_400.0, 5), ("audit", float(AUDITED_S), 0))
    ]
    document["close"] = {"signed_off_s": AUDITED_S + 10_800, "steps": STEPS}
    return document


def words(drawn, name="waiting"):
    return [text.text for text in xml.fromstring(drawn[f"{name}.svg"]).iter(f"{SVG}text")]


def test_each_status_has_a_panel_and_each_layer_a_line():
    documents = [waiting(layer) for layer in ("event-driven", "point-to-point")]
    drawn = files(comparison(("event-driven", "point-to-point"), seeds=1) | {"runs": documents})
    assert {"invoices blocked", "exceptions over 3 d", "event-driven", "point-to-point", "1 Feb"} <= set(words(drawn))


def test_it_is_drawn_the_same_each_time():
    assert files(waiting())["waiting.svg"] == files(waiting())["waiting.svg"]


@pytest.mark.parametrize("series", [{}, {"business_status": {}}])
def test_where_nothing_waits_nothing_is_drawn(series):
    document = run()
    document["series"] |= series
    assert "waiting.svg" not in files(document)
    assert "Business status" not in render(document)


def test_the_page_tells_of_period_ends_and_of_the_close():
    text = Page(render(waiting())).text
    assert "Business status: what waits" in text
    assert "invoices blocked end of 2026-01 event-driven 5 USD 500.00 5 h" in text
    assert "invoices blocked at the audit event-driven 0 USD 0.00" in text
    assert "event-driven adjusting entries 2026-04-09 18:00 2026-04-09 20:00 12 USD 3,456.00" in text


def test_without_a_close_the_page_has_no_section_of_it():
    page = Page(render(run()))
    assert "close" not in page.ids and "#close" not in page.links


def test_steps_of_every_layer_are_told():
    documents = [waiting(layer) for layer in ("event-driven", "point-to-point")]
    page = Page(render(comparison(("event-driven", "point-to-point"), seeds=1) | {"runs": documents}))
    assert "close" in page.ids
    assert page.text.count("sign-off") >= 2
