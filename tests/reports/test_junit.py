"""JUnit XML in the shape of Jenkins' junit-10.xsd, with what a failure needs to be replayed."""

import re
from xml.etree import ElementTree as xml

from reports.junit import junit_xml
from tests.reports.samples import LAYERS, comparison, run

# Element: its attributes and children by the schema, as far as this report uses it.
ALLOWED = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"failure"}),
    "failure": ({"type", "message"}, set()),
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}


def test_it_follows_the_schema():
    root = xml.fromstring(junit_xml(comparison(seeds=2, silent=True)))

    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+\.\d{3}", element.get("time"))


def test_there_is_a_suite_a_layer_and_a_case_an_expectation_and_seed():
    root = xml.fromstring(junit_xml(comparison(seeds=5)))

    assert [suite.get("name") for suite in root] == [f"quarter-end-spike.{layer}" for layer in LAYERS]
    for suite in root:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.get("tests")) == 15
        assert sum(case.find("failure") is not None for case in cases) == int(suite.get("failures"))
        assert len({case.get("name") for case in cases}) == 15
    assert int(root.get("tests")) == 45
    assert int(root.get("failures")) == sum(int(suite.get("failures")) for suite in root) > 0


def test_a_failure_carries_value_limit_and_the_command():
    root = xml.fromstring(junit_xml(comparison(seeds=2)))

    failure = root.find("testsuite/testcase[@name='duplicates == 0 [seed 1]']/failure")

    assert failure.get("message") == "duplicates == 0: seen 59"
    assert failure.text == (
        "value: 59\nlimit: duplicates == 0\nseed: 1\n"
        "replay: tieout run quarter-end-spike --layer point-to-point --seed 1"
    )


def test_the_seeds_are_properties_of_the_suite():
    root = xml.fromstring(junit_xml(comparison(seeds=2)))

    for suite in root:
        assert suite.find("properties/property[@name='seeds']").get("value") == "0,1"


def test_a_fault_that_hit_nothing_is_told():
    root = xml.fromstring(junit_xml(run(silent=True)))

    assert "outage of revenue hit nothing in any run" in root.findtext("testsuite/system-err")


def test_several_documents_make_one_file():
    root = xml.fromstring(junit_xml([run(), run("point-to-point")]))

    assert [suite.get("name") for suite in root] == [
        "quarter-end-spike.event-driven",
        "quarter-end-spike.point-to-point",
    ]


def test_without_expectations_the_suite_says_that_nothing_was_checked():
    root = xml.fromstring(junit_xml(run(expectations=[])))

    assert root.get("tests") == "0"
    assert "nothing was checked" in root.findtext("testsuite/system-out")


def test_hostile_names_stay_text():
    hostile = "<a&b>\x00\"'\x1b"
    root = xml.fromstring(junit_xml(run(hostile, scenario=hostile, held=False)))

    assert root.find("testsuite").get("name").startswith("<a&b>�\"'�.")
