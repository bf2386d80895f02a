"""The fixture `tieout`: runs within a test, with values to assert on."""

import re

HASTY = 'layer="order_sync:OrderSync:idempotency=none", set=SMALL'


def test_a_result_has_plain_values(project):
    project.test(f'''
from harness.testing.outcome import Break

def test_it(tieout):
    result = tieout.run("lost-responses", {HASTY}, seed=1)
    assert (result.scenario, result.seed) == ("lost-responses", 1)
    assert result.layer == "order_sync:OrderSync:idempotency=none"
    assert result.duplicates == sum(result.document["duplicates"].values()) > 0
    assert result.duplicates["orders"] == result.document["duplicates"]["orders"]
    assert result.missing == 0 and not result.missing
    assert len(result.breaks) == result.document["breaks"]["open_at_close"] == sum(result.breaks.by_kind.values())
    assert all(isinstance(each, Break) for each in result.breaks)
    assert {{each.cause for each in result.breaks}} == set(result.breaks.by_cause) == {{"lost_response"}}
    assert result.metrics["event_lag"]["p99_s"] == result.value("event_lag.p99")
    assert result.value("duplicates.orders") == result.duplicates["orders"]
    assert not result.held
    assert [each.text for each in result.broken] == ["duplicates == 0", "breaks == 0", "amount_off == 0"]
    assert sum(result.faults.values()) > 0
    with pytest.raises(KeyError, match="duplicates are counted of customers, orders"):
        result.duplicates["order"]
    with pytest.raises(ValueError, match="did you mean 'duplicates'"):
        result.assert_held("duplicate == 0")
''')  # fmt: skip
    project.pytest()


def test_an_ordinary_assertion_that_fails_tells_of_the_break(project):
    project.test(f'''
@pytest.fixture
def result(tieout):
    return tieout.run("lost-responses", {HASTY}, seed=1)

def test_number(result):
    assert result.duplicates == 0

def test_list(result):
    assert result.breaks == []

def test_truth(result):
    assert not result.breaks

def test_threshold(result):
    result.assert_held("event_lag.p99 < 1 s")

def test_no_breaks(result):
    result.assert_no_breaks()

def test_something_else(result):
    assert 1 == 2
''')  # fmt: skip
    out = project.pytest("--junit-xml=report.xml", status=1).out
    failures = out.partition("= FAILURES =")[2].partition("short test summary")[0].split("\n___")[1:]

    assert len(failures) == 6
    for told in failures:
        assert told.count("first break: Duplicate") == 1
        assert told.count("replay: tieout run lost-responses") == 1
        assert "harness/testing" not in told, "our own lines tell nobody anything"
    assert "✗ event_lag p(99) < 1 s: seen" in failures[3]
    assert (project.folder / "report.xml").read_text("utf-8").count("replay: tieout run lost-responses") >= 6
    assert "--expect 'event_lag.p99 < 1 s'" in failures[3]


def test_a_mistake_is_told_where_the_test_makes_it_and_nothing_of_ours(project):
    project.test('''
def test_word(tieout):
    tieout.run("calm-month", layers=OrderSync)

def test_threshold(tieout):
    tieout.run("calm-month", layer=OrderSync, set=SMALL).assert_held("duplicate == 0")

def test_value(tieout):
    tieout.run("calm-month", layer=OrderSync, set=SMALL).value("duplicate")

@pytest.mark.tieout("calm-mont", layer=OrderSync, seeds=1)
def test_scenario(tieout_result): ...
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "TypeError: tieout.run: unknown 'layers'; did you mean 'layer'? It takes expect, faults, layer," in out
    assert out.count("ValueError: 'duplicate' is no metric; did you mean 'duplicates'?") >= 2
    assert "harness/" not in out.replace("harness.", "")
    assert "traceback entries are hidden" not in out
    assert not [*project.failures.glob("test-scenario*")], "a misspelt name is no example"


def test_fields_and_faults_are_changed_for_one_run(project):
    project.test('''
def test_it(tieout):
    down = [{"kind": "outage", "system": "erp", "from": "2026-05-29 12:00", "for": "4 h", "name": "no ERP"}]
    result = tieout.run("calm-month", layer=OrderSync, set={"business.contracts": 20}, faults=down, seed=4,
                        expect="api_calls == 1")
    assert list(result.faults) == ["no ERP"] and result.faults["no ERP"] > 0
    assert result.held
''')  # fmt: skip
    out = project.pytest(status=1).out
    replay = next(line for line in out.splitlines() if "replay: " in line).partition("replay: ")[2]
    again = project.tieout(replay)

    assert "no ERP" in again.stdout
    assert again.returncode == 1
    assert "api_calls == 1" in again.stdout


def test_a_scenario_may_lie_beside_the_test(project):
    (project.folder / "deep").mkdir()
    (project.folder / "deep" / "mine.yaml").write_text("name: mine\ncalendar: {months: 1}\nbusiness: {contracts: 5}\n")
    project.test('''
def test_it(tieout):
    assert tieout.run("mine.yaml", layer=OrderSync, expect="duplicates == 0").held
    assert tieout.run("mine.yaml", layer=OrderSync).seed == 0
''', "deep/test_deep.py")  # fmt: skip

    project.pytest()


MISTAKES = {
    '"calm-mont"': 'did you mean "calm-month"?',
    '"calm-month", layer="event-drivn"': "did you mean event-driven?",
    '"calm-month", layer=object': "is neither a subclass of harness.layer.Layer nor an ASGI app",
    '"calm-month", set={"business.contract": 5}': "business.contract",
    '"calm-month", set=[5]': "set takes texts, not 5",
    '"calm-month", expect="duplicate == 0"': "did you mean 'duplicates'?",
    '"calm-month", layer=OrderSync, options={"idempotency": "maybe"}': "idempotency is one of key, none, not 'maybe'",
    "3": "a scenario is a name from `tieout scenarios` or a YAML file's path, not 3",
}


def test_a_mistake_is_told_at_the_line_that_makes_it(project):
    calls = (f"def test_{number}(tieout):\n    tieout.run({asked})\n" for number, asked in enumerate(MISTAKES))
    project.test("\n".join(calls))
    out = project.pytest(status=1).out

    for asked, told in MISTAKES.items():
        _, _, after = out.partition(f">       tieout.run({asked})\n")
        assert told in after.partition("\n___")[0], asked
    assert "harness/testing" not in out
    assert not project.failures.exists()


def test_an_error_in_a_layer_is_told_with_its_line_and_a_command(project):
    project.test('''
class Broken(OrderSync):
    def endpoints(self):
        raise RuntimeError("no such thing")

def test_it(tieout):
    tieout.run("calm-month", layer=Broken, set=SMALL, seed=2)
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "the run was ended by RuntimeError: no such thing at" in out
    assert re.search(r'test_it.py", line \d+, in endpoints\n.*raise RuntimeError', out)
    assert "replay: tieout run calm-month --set business.contracts=20 --set 'calendar.lead_in=0 d'" \
           " --layer test_it:Broken --seed 2" in out  # fmt: skip
    assert "replication.py" not in out


def test_a_layer_that_no_command_can_name_is_replayed_by_pytest(project):
    project.test('''
def test_it(tieout):
    class Local(OrderSync):
        pass
    result = tieout.run("calm-month", layer=Local, set=SMALL, expect="api_calls == 1")
    assert result.held
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "replay: pytest test_it.py::test_it --tieout-seed 0" in out
    assert "`tieout run` could find the layer at the top of a module alone" in out


def test_a_layer_in_a_folder_of_tests_is_named_from_where_we_are(project):
    (project.folder / "tests" / "unit").mkdir(parents=True)
    project.test('''
class Mine(OrderSync): ...

def test_it(tieout):
    assert tieout.run("calm-month", layer=Mine, set=SMALL, expect="api_calls == 1").held
''', "tests/unit/test_mine.py")  # fmt: skip
    out = project.pytest(status=1).out
    replay = next(line for line in out.splitlines() if "replay: " in line).partition("replay: ")[2]

    assert "--layer tests.unit.test_mine:Mine" in replay
    assert "broke api_calls == 1" in project.tieout(replay).stdout
