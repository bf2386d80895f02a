"""What a run leaves behind: readable, consistent with its document, and made anew by `tieout report`."""

import json
from pathlib import Path
from xml.etree import ElementTree as xml

import duckdb
import pytest
import yaml

from harness import cli
from scenarios.load import load
from tests.cli.command_line import SMALL, tree

LOSSY = ("lost-responses", "--set", "business.contracts=60", "--set", "faults.1.share=0.2")

TABLES = {
    "actual/adjustments", "actual/billed_documents", "actual/contracts", "actual/customers", "actual/external_ids",
    "actual/fulfilments", "actual/invoice_lines", "actual/invoices", "actual/journal", "actual/locks",
    "actual/open_items", "actual/receivables", "actual/recognitions", "actual/rollforward", "actual/slowest",
    "actual/versions",
    "breaks", "expected/charge_lines", "expected/ledger", "expected/receivables", "expected/revenue",
    "expected/rollforward", "trace/calls", "trace/deliveries", "trace/events", "trace/in_hand", "trace/keys",
    "trace/loads", "trace/notes", "trace/subscriptions", "truth/accounts", "truth/contracts", "truth/fulfilments",
}  # fmt: skip


@pytest.fixture(scope="module")
def lossy(tmp_path_factory):
    """The directory of a run in which many answers of the ERP get lost, and the layer doubles what it did."""
    folder = tmp_path_factory.mktemp("lossy") / "run"
    assert cli.run(["run", *LOSSY, "--layer", "point-to-point", "--quiet", "--out", str(folder)]) == 1
    return folder


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """The directory of a small comparison."""
    folder = tmp_path_factory.mktemp("compared") / "comparison"
    assert cli.run(["compare", *LOSSY, "--seeds", "2", "--jobs", "1", "--quiet", "--out", str(folder)]) == 1
    return folder


@pytest.fixture(scope="module")
def document(lossy):
    return json.loads((lossy / "run.json").read_text())


def ask(folder, question):
    """The rows that DuckDB finds, the tables below the folder named by their paths in braces."""
    places = {name.replace("/", "_"): f"'{folder}/{name}.parquet'" for name in TABLES}
    return duckdb.connect().execute(question.format(**places)).fetchall()


def test_a_run_has_the_files_of_the_contract(lossy):
    files = {path.relative_to(lossy).as_posix() for path in lossy.rglob("*") if path.is_file()}

    assert {name.removesuffix(".parquet") for name in files if name.endswith(".parquet")} == TABLES
    assert {"run.json", "scenario.yaml", "manifest.json", "report.html"} <= files
    figures = {name for name in files if name.startswith("figures/")}
    assert {"figures/counts.svg", "figures/lags.svg", "figures/backlog.svg"} <= figures
    assert files == {f"{name}.parquet" for name in TABLES} | figures | {
        "run.json", "scenario.yaml", "manifest.json", "report.html",
    }  # fmt: skip


def test_the_figures_are_pictures_of_their_own(lossy):
    for path in (lossy / "figures").iterdir():
        assert xml.fromstring(path.read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_breaks_are_those_of_the_document(lossy, document):
    found = document["breaks"]

    assert found["open_at_close"] > 10
    assert ask(lossy, "SELECT count(*), sum(amount_minor) FROM {breaks} WHERE kind <> 'timing_difference'") == [
        (found["open_at_close"], found["amount_minor"])
    ]
    by_kind = ask(lossy, "SELECT kind, count(*) FROM {breaks} WHERE kind <> 'timing_difference' GROUP BY kind")
    assert dict(by_kind) == found["by_kind"]
    by_cause = ask(lossy, "SELECT cause, count(*) FROM {breaks} WHERE kind <> 'timing_difference' GROUP BY cause")
    assert dict(by_cause) == found["by_cause"]


def test_the_journal_balances_entry_by_entry(lossy):
    assert ask(lossy, "SELECT count(DISTINCT id) > 50 FROM {actual_journal}") == [(True,)]
    assert ask(lossy, "SELECT id FROM {actual_journal} GROUP BY id HAVING sum(minor) <> 0") == []


def test_receivables_agree_with_their_control_account(lossy):
    assert ask(
        lossy,
        "SELECT (SELECT sum(total_minor) FROM {actual_open_items}) "
        "- (SELECT sum(minor) FROM {actual_journal} WHERE account LIKE '1100%')",
    ) == [(0,)]


def test_an_invoice_is_the_sum_of_its_lines(lossy):
    assert ask(lossy, "SELECT count(*) > 20 FROM {actual_invoices}") == [(True,)]
    wrong = (
        "SELECT id FROM {actual_invoices} i JOIN {actual_invoice_lines} l ON l.invoice = i.id "
        "GROUP BY id, total_minor HAVING sum(minor) <> total_minor"
    )
    assert ask(lossy, wrong) == []


def test_what_was_agreed_is_what_the_document_counts(lossy, document):
    measured_us = int(document["calendar"]["measured_from_s"] * 1_000_000)
    quarter_end_us = int(document["calendar"]["quarter_end_s"] * 1_000_000)
    signed = (
        "SELECT count(*) FROM {truth_contracts} WHERE kind = 'signed' "
        f"AND at_us >= {measured_us} AND at_us < {quarter_end_us}"
    )
    assert ask(lossy, signed) == [(document["truth"]["contracts"],)]


def test_the_trace_counts_the_calls_of_the_document(lossy, document):
    asked = "SELECT operation, outcome, count(*) FROM {trace_calls} WHERE sent_us >= %d GROUP BY ALL"
    measured_us = int(document["calendar"]["measured_from_s"] * 1_000_000)
    counted = {
        (f"{entry['system']}.{entry['operation']}", entry["outcome"]): entry["count"] for entry in document["calls"]
    }
    assert {(where, how): count for where, how, count in ask(lossy, asked % measured_us)} == counted


def test_days_are_dates_and_months_are_readable(lossy):
    kinds = dict(ask(lossy, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {truth_contracts})"))
    assert (kinds["signed_day"], kinds["price_change_minor"], kinds["contract"]) == ("DATE", "BIGINT", "VARCHAR")
    assert ask(lossy, "SELECT min(month) FROM {expected_revenue}") == [("2026-02",)]
    assert ask(lossy, "SELECT min(signed_day)::VARCHAR FROM {truth_contracts} WHERE at_us >= 0")[0][0] > "2026-02-1"


def test_a_table_without_rows_has_its_columns_and_types_all_the_same(tieout, here):
    assert tieout("run", "calm-month", "--out", "run", *SMALL).status == 0

    assert ask(here / "run", "SELECT count(*), sum(amount_minor) FROM {breaks}") == [(0, None)]
    assert ask(here / "run", "SELECT cause || kind, delta_minor + 1 FROM {breaks}") == []


def test_the_scenario_written_is_the_scenario_run(lossy, document):
    again = load(str(lossy / "scenario.yaml"))

    assert again == load("lost-responses", [part for part in LOSSY[1:] if part != "--set"])
    manifest = json.loads((lossy / "manifest.json").read_text())
    assert manifest["scenario_digest"] == document["scenario_digest"]
    assert yaml.safe_load((lossy / "scenario.yaml").read_text())["business"]["contracts"] == 60


def test_the_manifest_says_what_it_takes_to_run_it_again(lossy, document):
    manifest = json.loads((lossy / "manifest.json").read_text())

    for name in ("tieout", "layer", "layer_options", "seed", "fingerprint", "scenario", "scenario_digest"):
        assert manifest[name] == document[name]
    assert manifest["holds"] == document["schema"]
    assert manifest["command"].startswith("tieout run lost-responses --set business.contracts=60")
    assert manifest["python"].startswith("3.")
    assert manifest["platform"]
    assert manifest["packages"]["simpy"]
    assert manifest["holidays"] == ["2026-02-16"], "the business calendar's data changes from release to release"


def test_the_manifest_of_a_comparison_names_every_run(compared):
    manifest = json.loads((compared / "manifest.json").read_text())
    runs = json.loads((compared / "compare.json").read_text())["runs"]

    assert len(manifest["runs"]) == 6
    assert [(run["layer"], run["seed"], run["fingerprint"]) for run in manifest["runs"]] == [
        (run["layer"], run["seed"], run["fingerprint"]) for run in runs
    ]


def test_a_comparison_keeps_every_run(compared):
    kept = {path.name: json.loads((path / "run.json").read_text()) for path in (compared / "runs").iterdir()}

    layers = ("point-to-point", "process-orchestration", "event-driven")
    assert set(kept) == {f"{layer}-seed{seed}" for layer in layers for seed in (0, 1)}
    assert all(run["series"]["backlog"] for run in kept.values())


@pytest.mark.parametrize("which", ["lossy", "compared"])
def test_the_report_is_made_anew_byte_for_byte(tieout_drawn, which, request):
    folder = request.getfixturevalue(which)
    before = tree(folder)
    (folder / "report.html").write_text("scribbled over")
    (folder / "figures" / "lags.svg").unlink()

    done = tieout_drawn("report", folder)

    assert (done.status, done.out, done.err) == (0, f"{folder / 'report.html'}\n", "")
    assert tree(folder) == before


def test_one_run_of_a_comparison_can_be_reported_alone(tieout, compared):
    done = tieout("report", compared / "runs" / "event-driven-seed1", "--quiet")

    assert (done.status, done.out) == (0, "")
    assert "event-driven" in (compared / "runs" / "event-driven-seed1" / "report.html").read_text()


def test_a_document_that_was_cut_is_refused(tieout, here):
    (here / "run.json").write_text('{"schema": "tieout.run/1", "scen')

    done = tieout("report", here)

    assert (done.status, done.out) == (2, "")
    assert f"{here / 'run.json'}:1:28: this is not JSON" in done.err


def test_the_junit_file_tells_every_verdict(tieout, here):
    done = tieout("run", *LOSSY, "--layer", "point-to-point", "--junit-xml", "results/junit.xml", "--seed", "3")

    assert done.status == 1
    root = xml.parse(here / "results" / "junit.xml").getroot()
    cases = root.findall(".//testcase")
    names = ("duplicates", "missing", "breaks", "amount_off")
    assert all(case.get("name").startswith(f"{name} ") for name, case in zip(names, cases, strict=True))
    assert all(case.get("name").endswith(" [seed 3]") for case in cases)
    assert int(root.get("tests")) == len(cases) == 4
    assert int(root.get("failures")) == len(root.findall(".//failure")) >= 2
    replay = "replay: tieout run lost-responses --set business.contracts=60 --set faults.1.share=0.2"
    assert replay in root.find(".//failure").text


def test_the_default_place_is_free_of_time_and_found_by_latest(tieout, here):
    first = tieout("run", "calm-month", *SMALL)
    folder = here / first.out.splitlines()[-1].removeprefix("Report: ").removesuffix("/report.html")

    assert folder.parent == here / "runs" / "calm-month"
    assert folder.name.startswith("event-driven-seed0-")
    latest = folder.parent / "latest"
    assert latest.readlink() == Path(folder.name)
    tieout("run", "calm-month", "--seed", "1", *SMALL)
    assert latest.readlink().name.startswith("event-driven-seed1-")
    assert len(list(folder.parent.iterdir())) == 3


def test_running_again_replaces_the_directory(tieout, here):
    tieout("run", "calm-month", *SMALL)
    folder = (here / "runs" / "calm-month" / "latest").resolve()
    before = tree(folder)
    (folder / "stray.txt").write_text("left over")
    (folder / "run.json").write_text("scribbled over")

    tieout("run", "calm-month", *SMALL)

    after = tree(folder)
    changed = {name for name in before if before[name] != after.get(name)}
    assert set(after) == set(before)
    assert changed <= {"run.json", "report.html"}, "wall_s alone differs from run to run"
    assert [path.name for path in folder.parent.iterdir() if path.name != "latest"] == [folder.name]


def test_different_comparisons_do_not_replace_each_other(tieout, here):
    for arguments in (
        ("--layers", "event-driven,point-to-point", "--seed", "0"),
        ("--layers", "event-driven,process-orchestration", "--seed", "0"),
        ("--layers", "event-driven,point-to-point", "--seed", "1"),
        ("--layers", "event-driven,point-to-point", "--seeds", "1"),
    ):
        tieout("compare", "calm-month", "--jobs", "1", *arguments, *SMALL)

    kept = [path for path in (here / "runs" / "calm-month").iterdir() if path.name != "latest"]
    assert len(kept) == 4


def test_a_place_named_by_the_user_gets_no_link_beside_it(tieout, here):
    tieout("run", "calm-month", "--out", "results/mine", *SMALL)

    assert [path.name for path in (here / "results").iterdir()] == ["mine"]
