"""The replay command keeps what decides the run and drops what does not."""

import pytest

from reports.replay import replay_command
from tests.reports.samples import run

RUN = run("point-to-point", seed=3)


@pytest.mark.parametrize(
    ("made_by", "replays"),
    [
        ("", "tieout run quarter-end-spike"),
        ("tieout compare my.yaml --seeds 5 --set a.b=9 --json", "tieout run my.yaml --set a.b=9"),
        ("tieout compare s --layers a,b --set=x=1 --jobs=2 --out 'a b' --quiet", "tieout run s --set=x=1"),
        ("python -m harness run s --seed 3 --layer a", "python -m harness run s"),
        ("tieout run 'a b.yaml' --junit-xml x.xml", "tieout run 'a b.yaml'"),
        ("tieout ablate s --layer a --pairs --seeds 5 --set a.b=9", "tieout run s --set a.b=9"),
        ("something else", "tieout run quarter-end-spike"),
    ],
)  # fmt: skip
def test_the_scenario_and_its_overrides_are_kept(made_by, replays):
    assert replay_command(RUN, {"command": made_by}) == f"{replays} --layer point-to-point --seed 3"


def test_a_layers_options_are_part_of_its_name():
    chosen = run("a:inbox=off", layer_options={"inbox": "off", "keys": "on"})

    assert replay_command(chosen, {}) == "tieout run quarter-end-spike --layer a:inbox=off --seed 0"


def test_words_for_a_shell_are_quoted():
    assert replay_command(run("x;rm", scenario="$HOME"), {}) == "tieout run '$HOME' --layer 'x;rm' --seed 0"
