"""A story as text and as a picture: its sentences, its arithmetic, and a diagram whose marks are where they belong."""

import xml.etree.ElementTree as xml

from reports.lifelines import lifelines_svg
from reports.sequence import sequence_lines
from reports.stories import stories_text


def step(at_s, frm, to, words, **marks):
    marks = {"back": False, "fault": False, "parts": False, **marks}
    return {"at_s": at_s, "at": f"2026-03-02 10:00:{at_s:02}", "frm": frm, "to": to, "words": words, **marks}


STEPS = [
    step(1, "crm", "crm", "contract_signed C-000001 (event 7)"),
    step(2, "crm", "layer", "event 7, attempt 1: accepted"),
    step(3, "layer", "erp", "create_order C-000001 (call 9)"),
    step(4, "erp", "layer", "done, the answer is lost", back=True, fault=True, parts=True),
]


def story(**fields):
    return {
        "title": "Duplicate: order C-000001 is there more than once in ERP", "of": None, "meant": ["One order."],
        "happened": ["Two orders."], "commits": [], "last_seen": "", "arithmetic": [], "currency": "EUR",
        "parted": "At 10:00:04.", "fault": None, "cause": "A lost answer.", "mistake": "no_key",
        "did_wrong": ["No key."], "safeguards": [], "prevention": "A key.",
        "parties": ["crm", "layer", "erp"], "steps": STEPS, "left_out": 0, **fields,
    }  # fmt: skip


def page(*stories, width=80, key=None, breaks=None, colour=False):
    document = {
        "schema": "tieout.explain/1", "tieout": "0", "scenario": "lost", "layer": "mine:Layer", "seed": 3,
        "fingerprint": "f", "run_dir": "run", "key": key, "breaks": len(stories) if breaks is None else breaks,
        "slow": 0, "stories": list(stories),
    }  # fmt: skip
    return stories_text(document, width=width, colour=colour)


def test_a_part_without_a_sentence_has_no_heading():
    text = page(story())

    assert "What was meant to happen\n    One order." in text
    assert "Last seen" not in text


def test_the_arithmetic_is_in_columns_and_its_last_line_has_the_currency():
    lines = [{"words": "was to be", "minor": 135010}, {"words": "is", "minor": 135000}, {"words": "off", "minor": -10}]
    text = page(story(arithmetic=lines))

    assert [line.split() for line in text.splitlines() if line.startswith("    ") and line[-1].isdigit()] == [
        ["was", "to", "be", "1,350.10"], ["is", "1,350.00"], ["off", "EUR", "-0.10"],
    ]  # fmt: skip


def test_what_is_not_told_is_counted():
    assert "12 breaks; told is 1, 11 more with --all or by their key." in page(story(), breaks=12)
    assert "No break of C-000001: its whole life." in page(story(), breaks=0, key="C-000001")


def test_the_diagram_has_a_line_a_party_and_marks_where_it_parts():
    lines = [line for line, _ in sequence_lines(story(), 80)]
    header, answer = lines[0], next(line for line in lines if "answer is lost" in line)
    columns = [header.index(party) + len(party) // 2 for party in ("crm", "layer", "erp")]
    arrow = lines[lines.index(answer) + 1]

    assert header.split() == ["crm", "layer", "erp"]
    assert answer.startswith("10:00:04 >>>")
    assert arrow[columns[1] + 1] == "x"
    assert arrow[columns[1] : columns[2] + 1].count(".") == columns[2] - columns[1] - 2
    assert [line for line, style in sequence_lines(story(), 80) if style == "bold red"] == [answer, arrow]


def test_every_word_of_a_step_is_in_the_diagram_however_narrow():
    for width in (40, 60, 120):
        text = "\n".join(line for line, _ in sequence_lines(story(), width))
        for one in STEPS:
            assert one["words"] in text


def test_the_picture_is_well_formed_and_says_the_same():
    svg = xml.fromstring(lifelines_svg(story(steps=[*STEPS, step(5, "erp", "erp", "order <SO> & more")])))
    words = [text.text for text in svg.iter("text")]

    for one in STEPS:
        assert one["words"] in words
    assert "order <SO> & more" in words
    assert [group.get("class") for group in svg.iter("g")] == ["step", "step", "step", "step parts", "step"]


def test_a_story_without_steps_has_no_picture():
    assert lifelines_svg(story(steps=[], parties=[])) == ""
    assert "Step by step" not in page(story(steps=[], parties=[]))


def test_without_colour_there_is_no_escape():
    assert "\x1b" not in page(story())
    assert "\x1b" in page(story(), colour=True)
