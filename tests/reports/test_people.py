"""The close, what people did, replays and a cutover are told where there are any, in text and on the page."""

from reports.page import render
from reports.people import plans, told_of_people
from reports.reading import Results
from reports.terminal import comparison_table, run_summary
from tests.reports.samples import comparison, run

CUTOVER = {"to": "hybrid", "at": "2026-02-16T12:00-05:00", "at_s": 100.0, "overlap_s": 86_400.0}


def metrics(days=7, entries=0, minor=0, cleared=0):
    return {
        **run()["metrics"],
        "close_cycle": {"business_days": days, "hours": 24.0 * days},
        "manual_adjustments": {"count": entries, "amount_minor": minor, "share": 0.0},
        "manual_touches": cleared,
    }


def standing(status, number, at="audit"):
    return {"status": status, "at": at, "at_s": 0.0, "count": number, "minor": 0, "oldest_s": 0.0}


def replay(carried):
    return {"at": "2026-02-20T10:00-05:00", "at_s": 200.0, "carried": carried}


def test_a_run_without_a_close_says_nothing_of_people():
    assert told_of_people(Results(run())) == ()
    assert plans(Results(run())) == []
    assert "The close" not in run_summary(run())


def test_the_sign_off_is_told_and_what_nobody_had_to_do_is_not():
    text = run_summary(run(metrics=metrics(), business_status=[standing("exceptions", 4, at="2026-02")], replays=[]))

    assert "\ndays to sign-off             7\n" in text
    assert "adjusting entries" not in text
    assert "exceptions" not in text
    assert "events replayed" not in text


def test_what_people_did_and_what_still_waits_for_them_is_told():
    waiting = [standing("exceptions", 3), standing("exceptions_unowned", 2)]
    text = run_summary(run(metrics=metrics(8, 16, 214_303_804, 5), business_status=waiting, replays=[replay(4)]))

    for line in (
        "days to sign-off                 8",
        "adjusting entries               16",
        "money adjusted    USD 2,143,038.04",
        "exceptions cleared               5",
        "exceptions open                  3",
        "exceptions unowned               2",
        "events replayed                  4",
    ):
        assert line.split() in [shown.split() for shown in text.splitlines()], line


def test_a_cutover_says_when_and_to_what_and_for_how_long_both_are_told():
    assert plans(Results(run(cutover=CUTOVER))) == [
        "Cutover on 2026-02-16 12:00: hybrid takes over, for 1 d both layers are told."
    ]
    assert plans(Results(run(cutover=CUTOVER | {"overlap_s": 0.0}))) == [
        "Cutover on 2026-02-16 12:00: hybrid takes over, without overlap."
    ]


def test_a_replay_says_how_many_events_it_carried_over_all_runs():
    document = comparison(layers=("a", "b"), seeds=1)
    for each, carried in zip(document["runs"], (1, 12), strict=True):
        each["replays"] = [replay(carried), replay(1)]

    assert plans(Results(document)) == [
        "Replay on 2026-02-20 10:00: 1 to 12 events carried again.",
        "Replay on 2026-02-20 10:00: 1 event carried again.",
    ]
    assert "1 to 12 events carried again" in comparison_table(document)


def test_the_page_has_them_before_the_expectations():
    page = render(run(metrics=metrics(entries=2, minor=100), cutover=CUTOVER), {})

    assert page.index("The close and people") < page.index('id="expectations"')
    assert page.index("hybrid takes over") < page.index('id="expectations"')
    assert "USD 1.00" in page
