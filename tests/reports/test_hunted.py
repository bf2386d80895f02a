"""What a hunt came to, as people read it."""

from reports.hunted import hunt_page

NOTHING = {
    "runs": 16, "places": 40, "complete": True, "found": None, "promises": [{"says": "duplicates == 0"}],
    "corpus": ".tieout/hunts/calm",
}  # fmt: skip


def test_what_held_is_said_of_the_runs_that_there_were():
    assert hunt_page(NOTHING) == (
        "nothing found in 16 runs, which came to 40 places. Held throughout: duplicates == 0.\n"
        "The search is kept in .tieout/hunts/calm, and goes on from there."
    )


def test_nothing_is_said_to_have_held_where_nothing_was_tried():
    page = hunt_page({**NOTHING, "runs": 0, "places": 0, "promises": [], "complete": False})

    assert page.startswith("interrupted: nothing was tried: no candidate has come to its end.\n")
    assert "Held" not in page
