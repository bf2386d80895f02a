"""Workflow commands for GitHub: the worst first, never more than it shows, and one line each whatever the text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.annotations import MOST, Annotation, annotations, promises_annotations
from tests.reports.samples import baseline, comparison, conformance, run, unfit


def read(command):
    """A command as GitHub's runner takes it apart."""
    level, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", command, re.DOTALL).groups()
    told = dict(pair.split("=", 1) for pair in properties.split(","))
    unescaped = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}

    def back(text, codes):
        return re.sub("|".join(codes), lambda code: unescaped[code[0]], text)

    return level, back(told["title"], unescaped), back(message, ["%0D", "%0A", "%25"])


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_command_is_one_line_and_reads_back_as_the_text(title, message):
    command = Annotation("error", f"t{title}", message).command()

    level, title_read, message_read = read(command)
    assert len(command.splitlines()) == 1
    assert (level, title_read.count("\n")) == ("error", "\n".join(f"t{title}".splitlines()).count("\n"))
    assert re.sub("[^\\n -~]", "", message_read) == re.sub("[^\\n -~]", "", "\n".join(message.splitlines()))


def test_githubs_five_escapes():
    command = Annotation("warning", "a: b, 5%", "c: d, 5%\nnext").command()

    assert command == "::warning title=a%3A b%2C 5%25::c: d, 5%25%0Anext"


def test_the_worst_come_first():
    found = annotations(comparison(seeds=2, silent=True, baseline=baseline()))

    levels = [each.level for each in found]
    assert levels == sorted(levels, key=["error", "warning", "notice"].index)
    assert found[0].title == "quarter-end-spike, point-to-point: duplicates == 0"
    assert "replay: tieout run quarter-end-spike --layer point-to-point --seed 0" in found[0].message
    assert "quarter-end-spike, event-driven: duplicates got worse" in [each.title for each in found]
    assert found[-1].title == "quarter-end-spike: better than the baseline"


def test_what_held_is_not_pointed_out():
    assert annotations(run(held=True)) == []


def test_what_was_not_judged_is_a_warning():
    (found,) = annotations(run(expectations=[*run(held=True)["expectations"], unfit()]))

    assert (found.level, found.title) == ("warning", "quarter-end-spike: an expectation was not judged")
    assert found.message.startswith("missing eventually == 0 was not judged: outage of erp still struck")


def test_what_strict_fails_is_an_error_with_its_reason():
    found = annotations(run(held=True, silent=True, settings={"strict": True}))

    assert [each.level for each in found] == ["error", "warning"]
    assert found[0].title == "quarter-end-spike: no success with --strict"
    assert found[0].message.endswith("with --strict: outage of revenue hit nothing.")


def test_nothing_checked_is_a_warning():
    assert [each.level for each in annotations(run(expectations=[]))] == ["warning"]


@pytest.mark.parametrize("number", [MOST, MOST + 1, 40])
def test_there_are_never_more_than_github_shows(number):
    asked = [
        {"name": f"m{each} == 0", "limit": 0, "value": 1, "held": False, "unit": "count"} for each in range(number)
    ]
    found = annotations(run(expectations=asked))

    assert len(found) == MOST
    if number > MOST:
        assert found[-1].message.startswith(f"{number - MOST + 1} more findings")


def test_a_broken_promise_is_an_error():
    [found] = promises_annotations(conformance())

    assert found.title == "mine:Layer: redelivery broken"
    assert found.message.endswith("replay: tieout run s --seed 1")
