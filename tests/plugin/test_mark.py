"""`@pytest.mark.tieout`: one test a seed, judged by itself or by the test."""

import pytest

HASTY = 'layer="order_sync:OrderSync:idempotency=none"'


def test_a_marked_test_is_one_test_a_seed(project):
    project.test('''
@pytest.mark.tieout(scenario="lost-responses", layer=OrderSync, seeds=2, set=SMALL)
def test_judged(): ...

@pytest.mark.tieout(scenario="lost-responses", layer=OrderSync, seeds=[3, 7], set=SMALL)
@pytest.mark.parametrize("word", ["a", "b"])
def test_handed(tieout_result, tieout_seed, word):
    assert tieout_result.seed == tieout_seed
    assert tieout_result.held and tieout_result.duplicates == tieout_result.missing == len(tieout_result.breaks) == 0

@pytest.mark.tieout("lost-responses", seeds=1, set=SMALL)
def test_the_default_layer(tieout_result):
    assert tieout_result.layer == "event-driven"
''')  # fmt: skip

    assert project.cases() == dict.fromkeys(
        [
            "test_judged[seed-0]", "test_judged[seed-1]", "test_the_default_layer[seed-0]",
            *(f"test_handed[seed-{seed}-{word}]" for word in "ab" for seed in (3, 7)),
        ],
        "passed",
    )  # fmt: skip


def test_the_tests_of_a_class_share_their_runs_and_may_add_to_its_mark(project):
    project.test('''
class Counted(OrderSync):
    built = []
    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self.built.append(surroundings.seed)

@pytest.mark.tieout(scenario="lost-responses", layer=Counted, seeds=2, set=SMALL)
class TestIt:
    def test_one(self): ...
    def test_two(self, tieout_result):
        assert Counted.built == [0, 1]
    @pytest.mark.tieout(seeds=1, expect="duplicates >= 0")
    def test_three(self, tieout_result):
        assert "duplicates >= 0" in [each.text for each in tieout_result.expectations]
        assert Counted.built == [0, 1, 0]
''')  # fmt: skip

    assert list(project.cases()) == ["test_one[seed-0]", "test_one[seed-1]", "test_two[seed-0]", "test_two[seed-1]",
                                     "test_three[seed-0]"]  # fmt: skip


def test_a_word_that_is_none_names_the_test_its_line_and_what_was_meant(project):
    project.test('''
@pytest.mark.tieout("calm-month", layer=OrderSync, seed=2)
def test_it(): ...
''')  # fmt: skip

    out = project.pytest(status=2).out

    assert "test_it.py:6: test_it: mark tieout: unknown 'seed'; did you mean" in out


def test_a_broken_expectation_fails_its_seed_with_the_story_and_a_command_that_replays_it(project):
    project.test(f'''
@pytest.mark.tieout(scenario="lost-responses", {HASTY}, seeds=[1], set=SMALL, expect="api_calls > 0")
def test_it(): ...
''')  # fmt: skip
    out = project.pytest(status=1).out

    assert "✗ duplicates == 0: seen " in out
    assert "first break: Duplicate" in out
    assert "What did it" in out
    assert "(lost response, " in out
    assert "What the layer did wrong" in out
    replay = next(line for line in out.splitlines() if line.startswith("replay: tieout "))
    assert out.count(replay) == 1
    again = project.tieout(replay.removeprefix("replay: "))
    seen = next(line for line in out.splitlines() if "amount_off" in line).rpartition("seen ")[2]
    assert again.returncode == 1, again.stderr
    assert seen in again.stdout
    assert "--expect 'api_calls > 0'" in replay


def test_how_many_seeds_is_an_option(project):
    project.test('''
@pytest.mark.tieout(scenario="lost-responses", layer=OrderSync, seeds=3, set=SMALL)
def test_it(): ...
''')  # fmt: skip

    assert list(project.cases("--tieout-seeds=1")) == ["test_it[seed-0]"]
    assert list(project.cases("--tieout-seed=8")) == ["test_it[seed-8]"]
    assert "tieout: seed 8 alone" in project.pytest("--collect-only", "--tieout-seed=8").out
    assert "test_it[seed-9]" in project.pytest("--collect-only", "-q", TIEOUT_SEED="9").out
    assert "test_it[seed-0]" in project.pytest("--collect-only", "-q", "--tieout-seeds=1", TIEOUT_SEED="9").out
    assert "TIEOUT_SEED: 'x' is no whole number" in project.pytest(TIEOUT_SEED="x", status=4).out
    assert "tieout: seeds as each test says" in project.pytest("--collect-only").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tieout-seeds=2", "--tieout-seed=1"], "both --tieout-seed and --tieout-seeds"),
        (["--tieout-seeds=0"], "'0' is no whole number from 1 on"),
    ],
)
def test_options_that_make_no_sense_are_refused(project, arguments, told):
    assert told in project.pytest(*arguments, status=4).out


def test_a_mark_that_makes_no_sense_is_told_of_before_any_test_runs(project):
    for mark, told in {
        'scenario="calm-month", seed=3': "unknown 'seed'; did you mean 'seeds'? It takes expect, faults, layer",
        "layer=OrderSync": "no scenario",
        'scenario="calm-month", seeds=0': "seeds=0",
    }.items():
        project.test(f"@pytest.mark.tieout({mark})\ndef test_it(): ...\n")
        out = project.pytest(status=2).out

        assert f"mark tieout: {told}" in out
        assert "pytest_plugin.py" not in out


def test_a_test_that_checks_nothing_fails(project):
    (project.folder / "bare.yaml").write_text("name: bare\nbusiness: {contracts: 5}\ncalendar: {months: 1}\n")
    project.test('@pytest.mark.tieout(scenario="bare.yaml", layer=OrderSync, seeds=1)\ndef test_it(): ...\n')

    assert "nothing was checked: say what is expected" in project.pytest(status=1).out


def test_a_seed_without_a_mark_is_told_of(project):
    project.test("def test_it(tieout_result): ...\n")

    assert "has no mark: write @pytest.mark.tieout(" in project.pytest(status=1).out
