"""Verdicts as JUnit XML, as Jenkins' junit-10.xsd has it: a suite a layer, a case an expectation and seed."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as xml

from reports import against
from reports.reading import Results
from reports.replay import replay_command
from reports.result import AgainstLayer, Baseline, Document, Expectation, RunDocument, Settings
from reports.thresholds import expectation_text, fails, is_judged, reached, seen_value, unfit
from reports.wording import plain


def junit_xml(documents: Document | Sequence[Document]) -> str:
    """The expectations of one document or several as an XML file. Times are wall seconds, to the millisecond.

    What was held against a baseline has a further suite a layer, with a case a metric that was judged.
    """
    every = [documents] if isinstance(documents, dict) else list(documents)
    suites = list[xml.Element]()
    for results in map(Results, every):
        suites += [_suite(results, layer, runs) for layer, runs in results.runs.items()]
        found = against.baseline(results.document)
        suites += [_against(results, layer, found, each) for layer, each in found["layers"].items()] if found else []
    return _file(suites)


def promises_xml(document: Mapping[str, Any]) -> str:
    """The promises of a conformance run or a hunt as an XML file: a case a promise, skipped where none can be tried."""
    promises = document["promises"]
    name = f"{document['schema'].removeprefix('tieout.').partition('/')[0]}.{document['layer']}"
    suite = _empty_suite(
        name,
        tests=len(promises),
        failures=sum(promise["held"] is False for promise in promises),
        skipped=sum(promise["held"] is None for promise in promises),
    )
    _add_properties(suite, [("layer", document["layer"]), ("tieout", document.get("tieout", ""))])
    for promise in promises:
        case = _case_of(suite, f"{promise['name']}: {promise['says']}", name)
        if promise["held"] is None:
            xml.SubElement(case, "skipped", message="nothing of the kind can meet this layer")
        elif not promise["held"]:
            told = [
                f"{each['what']}: {'; '.join(each['found'])}\nreplay: {each['replay']}" for each in promise["breaks"]
            ]
            _fail(case, "promise", f"{promise['broken']} of {promise['runs']} runs broke it", "\n\n".join(told))
    if not document.get("complete", True):
        xml.SubElement(suite, "system-err").text = "Interrupted: promises that are not here were not judged."
    return _file([suite])


def _file(suites: Sequence[xml.Element]) -> str:
    root = xml.Element("testsuites", name="tieout")
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", _time(sum(float(suite.get("time", "0")) for suite in suites)))
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _suite(results: Results, layer: str, runs: Sequence[RunDocument]) -> xml.Element:
    met = reached(runs)
    every = [each for run in runs for each in run["expectations"]]
    suite = _empty_suite(
        f"{results.scenario}.{layer}",
        tests=len(every),
        failures=sum(fails(each, met) for each in every),
        skipped=sum(not is_judged(each) for each in every),
        seconds=sum(run.get("wall_s", 0.0) for run in runs),
    )
    _add_properties(suite, _properties(results, layer, runs))
    for run in runs:
        for expectation in run["expectations"]:
            _add_expectation(suite, run, expectation, results.settings, failed=fails(expectation, met))
    if not every:
        xml.SubElement(suite, "system-out").text = "The scenario states no expectation: nothing was checked."
    remarks = [f"seed {run['seed']}: {remark}" for run in runs for remark in run.get("remarks", [])]
    remarks += [fault.sentence() for fault in results.silent_faults if layer in fault.seeds]
    _add_remarks(suite, remarks)
    return suite


def _add_expectation(
    suite: xml.Element, run: RunDocument, expectation: Expectation, settings: Settings, *, failed: bool
) -> None:
    text = expectation_text(expectation)
    seconds = run.get("wall_s", 0.0) / len(run["expectations"])
    case = _case_of(suite, f"{text} [seed {run['seed']}]", f"{run['scenario']}.{run['layer']}", seconds)
    if failed:
        seen = seen_value(expectation)
        told = f"value: {seen}\nlimit: {text}\nseed: {run['seed']}\nreplay: {replay_command(run, settings)}"
        _fail(case, "expectation", f"{text}: seen {seen}", told)
    elif not is_judged(expectation):
        message = f"not judged: {unfit(expectation)} (seen {seen_value(expectation)})"
        xml.SubElement(case, "skipped", message=plain(message))


def _against(results: Results, layer: str, found: Baseline, each: AgainstLayer) -> xml.Element:
    """A suite of what a layer was held to by its baseline."""
    rows = against.judged_rows(layer, each)
    name = f"{results.scenario}.{layer}.baseline"
    suite = _empty_suite(name, tests=len(rows), failures=sum(row.verdict == "worse" for row in rows))
    seeds = ",".join(map(str, each["seeds"]))
    _add_properties(suite, [("baseline", found["path"]), ("baseline.tieout", found["tieout"]), ("seeds", seeds)])
    for row in rows:
        case = _case_of(suite, f"{row.metric} is not worse than in the baseline", name)
        if row.verdict == "worse":
            again = replay_command(results.runs[layer][0], results.settings)
            _fail(case, "regression", f"{row.sentence}, {row.basis}", f"baseline: {found['path']}\nreplay: {again}")
    _add_remarks(suite, found["remarks"])
    return suite


def _empty_suite(name: str, *, tests: int, failures: int, skipped: int = 0, seconds: float = 0.0) -> xml.Element:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped}
    told = {what: str(number) for what, number in counts.items()}
    return xml.Element("testsuite", {"name": plain(name), **told, "time": _time(seconds)})


def _add_properties(suite: xml.Element, pairs: Sequence[tuple[str, str]]) -> None:
    properties = xml.SubElement(suite, "properties")
    for name, value in pairs:
        if value:
            xml.SubElement(properties, "property", name=name, value=plain(value))


def _case_of(suite: xml.Element, name: str, classname: str, seconds: float = 0.0) -> xml.Element:
    return xml.SubElement(suite, "testcase", name=plain(name), classname=plain(classname), time=_time(seconds))


def _fail(case: xml.Element, kind: str, message: str, told: str) -> None:
    failure = xml.SubElement(case, "failure", type=kind, message=plain(message))
    failure.text = plain(told)


def _add_remarks(suite: xml.Element, remarks: Sequence[str]) -> None:
    if remarks:
        xml.SubElement(suite, "system-err").text = plain("\n".join(remarks))


def _properties(results: Results, layer: str, runs: Sequence[RunDocument]) -> list[tuple[str, str]]:
    return [
        ("scenario", results.scenario),
        ("layer", layer),
        ("seeds", ",".join(str(run["seed"]) for run in runs)),
        ("tieout", results.program),
        ("scenario_digest", results.settings.get("scenario_digest", "")),
        *((f"fingerprint.{run['seed']}", run.get("fingerprint", "")) for run in runs),
    ]


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
