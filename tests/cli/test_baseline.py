"""--baseline: what got better or worse, in every output, and what cannot be compared at all."""

import json
from xml.etree import ElementTree as xml

import pytest

from tests.cli.command_line import SMALL, tree

FEW = ("lost-responses", *SMALL, "--set", "business.contracts=40", "--quiet")
LAYERS = "point-to-point:idempotency=key,event-driven"
SEEDS = ("--seeds", "3", "--jobs", "1")


@pytest.fixture
def earlier(tieout):
    """A comparison of two layers that keep the books, in the folder `base`."""
    assert tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--out", "base").status == 0
    return "base"


def told(done):
    assert done.err == ""
    return json.loads(done.out)


@pytest.mark.usefixtures("earlier")
class TestNothingChanged:
    def test_the_same_again_is_the_same_byte_for_byte(self, tieout):
        done = tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--baseline", "base")

        assert done.status == 0
        assert "event-driven: the same runs, byte for byte, with seeds 0 to 2." in done.out
        assert "nothing got worse than in the baseline" in " ".join(done.out.split())

    def test_its_document_says_so_of_every_metric(self, tieout):
        document = told(tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--baseline", "base", "--json"))
        baseline = document["baseline"]

        assert (baseline["regressions"], baseline["improvements"], baseline["remarks"]) == ([], [], [])
        for layer in baseline["layers"].values():
            assert layer["identical"]
            assert {each["verdict"] for each in layer["metrics"].values()} == {"same", "told"}
            assert {each["difference"]["mean"] for each in layer["metrics"].values()} == {0}

    def test_a_single_run_is_held_against_that_seed_of_a_comparison(self, tieout):
        document = told(tieout("run", *FEW, "--seed", "2", "--baseline", "base", "--json"))

        layer = document["baseline"]["layers"]["event-driven"]
        assert (layer["identical"], layer["paired"], layer["seeds"]) == (True, True, [2])

    def test_a_document_does_as_well_as_its_directory(self, tieout):
        document = told(tieout("run", *FEW, "--baseline", "base/compare.json", "--json"))

        assert document["baseline"]["layers"]["event-driven"]["identical"]


@pytest.mark.usefixtures("earlier")
class TestSomethingGotWorse:
    WORSE = ("compare", *FEW, *SEEDS, "--layers", "point-to-point,event-driven", "--set", "expect={}")

    def test_the_exit_status_is_that_of_a_failure(self, tieout):
        done = tieout(*self.WORSE, "--baseline", "base")

        assert done.status == 1
        assert "worse than in the baseline: duplicates" in " ".join(done.out.split())
        assert "replay: tieout run lost-responses" in done.out

    def test_swapped_it_got_better(self, tieout):
        worse = told(tieout(*self.WORSE, "--baseline", "base", "--out", "worse", "--json"))["baseline"]
        better = tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--baseline", "worse", "--json")
        found = told(better)["baseline"]

        assert better.status == 0
        assert [each["metric"] for each in found["improvements"]] == [each["metric"] for each in worse["regressions"]]
        assert found["regressions"] == worse["improvements"] == []

    def test_junit_has_a_failed_case_for_each_metric_that_got_worse(self, tieout, here):
        document = told(tieout(*self.WORSE, "--baseline", "base", "--json", "--junit-xml", "j.xml"))
        suite = xml.parse(here / "j.xml").find("testsuite[@name='lost-responses.point-to-point.baseline']")

        failed = [case.get("name").partition(" ")[0] for case in suite if case.find("failure") is not None]
        assert failed == [each["metric"] for each in document["baseline"]["regressions"]] != []
        assert int(suite.get("tests")) > int(suite.get("failures")) == len(failed)
        assert "replay: tieout run lost-responses" in suite.find("testcase/failure").text

    def test_the_page_and_the_summary_tell_it(self, tieout, here):
        tieout(*self.WORSE, "--baseline", "base", "--github-summary", "s.md", "--out", "worse")

        assert "| worse | duplicates | 0 |" in (here / "s.md").read_text()
        assert '<h2 id="baseline-title">Against the baseline</h2>' in (here / "worse" / "report.html").read_text()

    @pytest.mark.parametrize("name", ["event_lag.p99", "event_lag.p99_s"])
    def test_a_metric_has_the_name_that_a_threshold_gives_it(self, tieout, name):
        document = told(tieout(*self.WORSE, "--baseline", "base", "--tolerance", f"{name}=20%", "--json"))

        assert document["baseline"]["tolerances"] == {"event_lag.p99_s": 0.2}

    def test_a_tolerance_of_any_lets_a_metric_pass(self, tieout):
        document = told(tieout(*self.WORSE, "--baseline", "base", "--tolerance", "duplicates=any", "--json"))

        assert "duplicates" not in [each["metric"] for each in document["baseline"]["regressions"]]
        assert document["baseline"]["tolerances"] == {"duplicates": None}

    def test_one_seed_of_a_single_run_is_enough_for_a_duplicate(self, tieout):
        done = tieout("run", *FEW, "--layer", "point-to-point", "--set", "expect={}", "--baseline", "base", "--json")

        assert done.status == 1
        assert {"layer": "point-to-point", "metric": "duplicates"} in told(done)["baseline"]["regressions"]

    def test_remarks_go_to_standard_error_with_a_document_and_below_the_table_without(self, tieout):
        asked = [word for word in FEW if word != "--quiet"]
        document = tieout("run", *asked, "--layer", "point-to-point", "--baseline", "base", "--json")
        page = tieout("run", *asked, "--layer", "point-to-point", "--baseline", "base")

        assert "tieout: warning: --baseline: point-to-point: one seed does not tell a change from luck" in document.err
        assert "one seed does not tell a change from luck" in " ".join(page.out.split())


class TestWhereItIs:
    def test_the_results_of_a_first_run_are_not_replaced(self, tieout, here):
        tieout("run", *FEW)
        before = tree(here / "runs" / "lost-responses" / "latest")

        done = tieout("run", *FEW, "--baseline", "runs/lost-responses/latest", "--json")

        assert done.status == 0
        assert "-against-baseline-" in told(done)["run_dir"]
        [kept] = [each for each in (here / "runs" / "lost-responses").iterdir() if "against" not in each.name
                  and each.name != "latest"]  # fmt: skip
        assert tree(kept) == before

    def test_to_replace_the_baseline_is_refused(self, tieout, here):
        tieout("run", *FEW, "--out", "base")
        before = tree(here / "base")

        done = tieout("run", *FEW, "--baseline", "base/run.json", "--out", "base")

        assert done.status == 2
        assert "is where the results go" in done.err
        assert tree(here / "base") == before


class TestWhatCannotBeCompared:
    @pytest.fixture(autouse=True)
    def nothing_runs(self, earlier, monkeypatch):
        """Fails the test if a run begins: what cannot be compared is to be found out before."""

        def begun(*_):
            raise AssertionError("a run began")

        monkeypatch.setattr("harness.commands.run.replicate", begun)
        monkeypatch.setattr("harness.commands.several.run_all", begun)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--baseline", "nowhere"), "nowhere cannot be read"),
            (("--baseline", "base", "--set", "business.contracts=41"), "it says something else under business"),
            (("--baseline", "base", "--seed", "9"), "one seed against another tells nothing"),
            (("--baseline", "base", "--layer", "hybrid"), "and none of hybrid"),
            (("--baseline", "base", "--tolerance", "105%"), "is no share from 0 to less than 100%"),
            (("--baseline", "base", "--tolerance", "lag=5%"), "no metric 'lag' is judged; there are duplicates, "),
            (("--baseline", "base", "--tolerance", "event_lag.p96=5%"), "did you mean 'event_lag.p9"),
            (("--tolerance", "5%"), "name one with --baseline"),
        ],
    )  # fmt: skip
    def test_it_is_refused_with_what_to_do(self, tieout, arguments, said):
        done = tieout("run", *FEW, *arguments)

        assert (done.status, done.out) == (2, "")
        assert said in done.err

    def test_another_scenario_is_refused(self, tieout):
        done = tieout("run", "calm-month", "--baseline", "base")

        assert done.status == 2
        assert "is of scenario 'lost-responses', not 'calm-month': make the baseline anew" in done.err

    def test_an_ablation_is_none(self, tieout, here):
        document = json.loads((here / "base" / "compare.json").read_text())
        (here / "ablate.json").write_text(
            json.dumps({**document, "schema": "tieout.ablate/1", "layer": "x", "safeguards": [], "pairs": []})
        )

        assert "is an ablation" in tieout("run", *FEW, "--baseline", "ablate.json").err

    def test_without_its_scenario_only_the_very_same_will_do(self, tieout, here):
        (here / "base" / "scenario.yaml").unlink()

        done = tieout("run", *FEW, "--set", "expect={}", "--baseline", "base")

        assert (done.status, "with other settings" in done.err) == (2, True)


class TestWhatIsRemarked:
    def edited(self, here, **fields):
        """The baseline, its document and each of its runs with these fields."""
        path = here / "base" / "compare.json"
        document = json.loads(path.read_text())
        for run in document["runs"]:
            run.update(fields)
        path.write_text(json.dumps({**document, "tieout": fields.get("tieout", document["tieout"])}))

    def test_another_version(self, tieout, earlier, here):
        self.edited(here, tieout="0.0.9")
        document = told(tieout("run", *FEW, "--baseline", "base", "--json"))

        assert document["baseline"]["remarks"][0].startswith("the baseline was made by tieout 0.0.9")

    def test_other_seeds_are_compared_unpaired(self, tieout, earlier, here):
        path = here / "base" / "compare.json"
        document = json.loads(path.read_text())
        for run in document["runs"]:
            run["seed"] += 100
        path.write_text(json.dumps(document))

        found = told(tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--baseline", "base", "--json"))["baseline"]

        assert not found["layers"]["event-driven"]["paired"]
        assert "the baseline has seeds 100 to 102, this has seeds 0 to 2" in found["remarks"][0]
        assert found["regressions"] == []

    def test_another_business_of_the_same_seeds_is_compared_unpaired(self, tieout, earlier, here):
        self.edited(here, business_digest="0" * 32, fingerprint="0" * 32)
        found = told(tieout("compare", *FEW, *SEEDS, "--layers", LAYERS, "--baseline", "base", "--json"))["baseline"]

        assert not found["layers"]["event-driven"]["paired"]
        assert "make the baseline anew with this version" in found["remarks"][0]

    def test_seeds_and_layers_on_one_side_only_are_left_out(self, tieout, earlier):
        more = ("--seeds", "4", "--jobs", "1", "--layers", "event-driven,managed-batch")
        found = told(tieout("compare", *FEW, *more, "--baseline", "base", "--json"))["baseline"]

        assert list(found["layers"]) == ["event-driven"]
        assert found["layers"]["event-driven"]["seeds"] == [0, 1, 2]
        assert found["remarks"] == [
            "not in the baseline, and so not compared: managed-batch",
            "in the baseline only, and so not compared: point-to-point:idempotency=key",
            "event-driven: seed 3 is on one side only and left out: use the same seeds as the baseline",
        ]

    def test_an_expectation_may_change(self, tieout, earlier):
        done = tieout("run", *FEW, "--set", 'expect={missing: ["== 0"]}', "--baseline", "base", "--json")

        assert done.status == 0
        assert told(done)["baseline"]["layers"]["event-driven"]["identical"]
