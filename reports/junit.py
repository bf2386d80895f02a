"""Expectations as JUnit XML, as Jenkins' junit-10.xsd has it: a suite a layer, a case an expectation and seed."""

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from reports.reading import Results
from reports.replay import replay_command
from reports.result import Document, Expectation, RunDocument, Settings
from reports.thresholds import expectation_text, fails, reached, seen_value
from reports.wording import plain


def junit_xml(documents: Document | Sequence[Document]) -> str:
    """The expectations of one document or several as an XML file. Times are wall seconds, to the millisecond."""
    every = [documents] if isinstance(documents, dict) else list(documents)
    suites = [_suite(results, layer, runs) for results in map(Results, every) for layer, runs in results.runs.items()]
    root = xml.Element("testsuites", name="tieout")
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", _time(sum(float(suite.get("time", "0")) for suite in suites)))
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _suite(results: Results, layer: str, runs: Sequence[RunDocument]) -> xml.Element:
    asked = sum(len(run["expectations"]) for run in runs)
    met = reached(runs)
    failed = sum(fails(each, met) for run in runs for each in run["expectations"])
    suite = xml.Element(
        "testsuite",
        name=plain(f"{results.scenario}.{layer}"),
        tests=str(asked),
        failures=str(failed),
        errors="0",
        skipped="0",
        time=_time(sum(run.get("wall_s", 0.0) for run in runs)),
    )
    properties = xml.SubElement(suite, "properties")
    for name, value in _properties(results, layer, runs):
        xml.SubElement(properties, "property", name=name, value=plain(value))
    for run in runs:
        for expectation in run["expectations"]:
            suite.append(_case(run, expectation, results.settings, failed=fails(expectation, met)))
    if not asked:
        xml.SubElement(suite, "system-out").text = "The scenario states no expectation: nothing was checked."
    remarks = [f"seed {run['seed']}: {remark}" for run in runs for remark in run.get("remarks", [])]
    remarks += [fault.sentence() for fault in results.silent_faults if layer in fault.seeds]
    if remarks:
        xml.SubElement(suite, "system-err").text = plain("\n".join(remarks))
    return suite


def _case(run: RunDocument, expectation: Expectation, settings: Settings, *, failed: bool) -> xml.Element:
    text = expectation_text(expectation)
    case = xml.Element(
        "testcase",
        name=plain(f"{text} [seed {run['seed']}]"),
        classname=plain(f"{run['scenario']}.{run['layer']}"),
        time=_time(run.get("wall_s", 0.0) / len(run["expectations"])),
    )
    if failed:
        seen = seen_value(expectation)
        failure = xml.SubElement(case, "failure", type="expectation", message=plain(f"{text}: seen {seen}"))
        failure.text = plain(
            f"value: {seen}\nlimit: {text}\nseed: {run['seed']}\nreplay: {replay_command(run, settings)}"
        )
    return case


def _properties(results: Results, layer: str, runs: Sequence[RunDocument]) -> list[tuple[str, str]]:
    found = [
        ("scenario", results.scenario),
        ("layer", layer),
        ("seeds", ",".join(str(run["seed"]) for run in runs)),
        ("tieout", results.program),
        ("scenario_digest", results.settings.get("scenario_digest", "")),
        *((f"fingerprint.{run['seed']}", run.get("fingerprint", "")) for run in runs),
    ]
    return [(name, value) for name, value in found if value]


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
