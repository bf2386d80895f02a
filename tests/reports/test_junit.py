"""JUnit XML in the shape of Jenkins' junit-10.xsd, with what a failure needs to be replayed."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as xml

import pytest

from reports.ablation import as_given
from reports.junit import junit_xml, promises_xml
from tests.reports.ablations import ablation
from tests.reports.samples import LAYERS, baseline, comparison, conformance, run, unfit


@dataclass(frozen=True)
class Rule:
    """What junit-10.xsd has of an element: attributes it must and may have, children, and whether it holds text."""

    must: frozenset = frozenset()
    may: frozenset = frozenset()
    children: frozenset = frozenset()
    text: bool = False


def rule(must="", may="", children="", *, text=False):
    return Rule(frozenset(must.split()), frozenset(may.split()), frozenset(children.split()), text)


# The schema's rules in our own words, for what these files use. Its file is under the MIT licence, and not copied here.
RULES = {
    "testsuites": rule(may="name time tests failures errors", children="testsuite"),
    "testsuite": rule(
        "name tests failures errors", "group time skipped timestamp hostname id package file log url",
        "testsuite properties testcase system-out system-err",
    ),
    "properties": rule(children="property"),
    "property": rule("name value"),
    "testcase": rule("name", "time classname group", "skipped error failure system-out system-err"),
    "failure": rule(may="type message", text=True),
    "skipped": rule(may="type message", text=True),
    "system-out": rule(text=True),
    "system-err": rule(text=True),
}  # fmt: skip
TIMES = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
"""The schema's pattern for the time of a suite; older versions of it allow three decimals and no more."""


def broken_rules(text):
    """Every way in which an XML file is not as the schema has it, and every count that does not add up."""
    root = xml.fromstring(text)
    found = [] if root.tag == "testsuites" else [f"root {root.tag}"]
    for element in root.iter():
        known = RULES.get(element.tag)
        if known is None:
            found.append(f"element {element.tag}")
            continue
        found += [f"{element.tag} lacks {name}" for name in known.must - element.attrib.keys()]
        found += [f"{element.tag} has {name}" for name in element.attrib.keys() - known.must - known.may]
        found += [f"{element.tag} holds {child.tag}" for child in element if child.tag not in known.children]
        if not known.text and ((element.text or "").strip() or any((child.tail or "").strip() for child in element)):
            found.append(f"{element.tag} holds text")
        if not TIMES.fullmatch(element.get("time", "0.000")):
            found.append(f"time {element.get('time')}")
    for suite in root:
        cases = suite.findall("testcase")
        counted = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "errors": 0,
            "skipped": sum(case.find("skipped") is not None for case in cases),
        }
        found += [f"{name} is {suite.get(name)}" for name, number in counted.items() if suite.get(name) != str(number)]
        names = [(case.get("classname"), case.get("name")) for case in cases]
        found += ["a case twice"] if len(set(names)) < len(names) else []
    for name in ("tests", "failures", "errors"):
        if root.get(name) != str(sum(int(suite.get(name, "0")) for suite in root)):
            found.append(f"{name} of all is {root.get(name)}")
    return found


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(junit_xml(run(silent=True)), id="run"),
        pytest.param(junit_xml(run(expectations=[])), id="nothing asked"),
        pytest.param(junit_xml(comparison(seeds=2, silent=True)), id="compare"),
        pytest.param(junit_xml(as_given(ablation())), id="ablate"),
        pytest.param(junit_xml(comparison(seeds=2, baseline=baseline())), id="baseline"),
        pytest.param(promises_xml(conformance()), id="conformance"),
        pytest.param(promises_xml(conformance("<a&b>\x00", complete=False)), id="interrupted"),
    ],
)
def test_it_follows_the_schema(written):
    assert broken_rules(written) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (('tests="', 'testz="'), "testsuite lacks tests"),
        (("<properties>", "<properties>words"), "properties holds text"),
        (('time="3.210"', 'time="3.2104"'), "time 3.2104"),
        (("<failure", "<oops/><failure"), "element oops"),
        (("<testcase ", '<testcase id="1" '), "testcase has id"),
    ],
)
def test_the_rules_find_what_breaks_them(edit, told):
    assert told in broken_rules(junit_xml(run("point-to-point")).replace(*edit))


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


def test_what_was_not_judged_is_skipped():
    root = xml.fromstring(junit_xml(run(expectations=[*run(held=True)["expectations"], unfit()])))

    (suite,) = root
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "4", "failures": "0", "skipped": "1",
    }  # fmt: skip
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message").startswith("not judged: outage of erp still struck on the run's last day")
    assert skipped.get("message").endswith("(seen 36)")


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


class TestPromises:
    def test_one_that_is_broken_fails_with_each_way_to_see_it_again(self):
        failure = xml.fromstring(promises_xml(conformance())).find("testsuite/testcase/failure")

        assert failure.get("message") == "2 of 9 runs broke it"
        assert failure.text == "delivery 1 comes again: 2 orders; 2 invoices\nreplay: tieout run s --seed 1"

    def test_one_that_nothing_can_be_tried_against_is_skipped(self):
        suite = xml.fromstring(promises_xml(conformance())).find("testsuite")

        assert [case.get("name") for case in suite if case.find("skipped") is not None] == ["ties: whatever is first"]
        assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")


def test_a_metric_that_got_worse_is_a_failed_case():
    suite = xml.fromstring(junit_xml(comparison(seeds=2, baseline=baseline()))).findall("testsuite")[-1]

    assert suite.get("name") == "quarter-end-spike.event-driven.baseline"
    assert [case.get("name") for case in suite.findall("testcase")] == [
        "duplicates is not worse than in the baseline",
        "event_lag.p95_s is not worse than in the baseline",
        "calls_per_contract is not worse than in the baseline",
    ]
    failure = suite.find("testcase/failure")
    assert failure.get("message") == "duplicates 0 → 2 (+2), as a fact of these seeds"
    assert failure.text.endswith("replay: tieout run quarter-end-spike --layer event-driven --seed 0")
