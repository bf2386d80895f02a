"""What is kept of a find: a scenario file to commit, a test to paste, and a token that runs it again anywhere."""

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from textwrap import wrap

from harness.endings import Invalid
from harness.hunting.findings import Finding
from harness.hunting.trying import Thresholds
from harness.sweeps.trial import Trial
from scenarios.resolved import dump_said
from scenarios.schema import Scenario

TOKEN = "tieout1-"
"""What a token begins with, and the version of what it says."""

NAME_MAX = 60


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a token says: a scenario's text, a layer and a seed."""

    scenario: str
    layer: str
    seed: int


@dataclass(frozen=True, slots=True)
class Trophy:
    """A find, made small: its scenario, whose expectation the layer breaks with the seed."""

    scenario: Scenario
    layer: str
    seed: int
    finding: Finding

    @property
    def name(self) -> str:
        """The name of its scenario and its files."""
        return self.scenario.name

    def file(self) -> str:
        """The scenario's file."""
        told = [f"# {line}" for line in wrap(f"Found by tieout hunt: {self.finding.told}", 116)]
        command = f"# tieout run {self.name}.yaml --layer {self.layer} --seed {self.seed}"
        return "\n".join([*told, f"# It fails: {command.removeprefix('# ')}", dump_said(self.scenario)])

    def test(self) -> str:
        """A test to paste into a project that has the pytest plugin."""
        name = re.sub(r"\W+", "_", self.name)
        return (
            f"def test_{name}(tieout):\n"
            f'    """{self.finding.expectation}: {self.finding.way}."""\n'
            f'    tieout.run("{self.name}.yaml", layer="{self.layer}", seed={self.seed}).assert_held()\n'
        )

    def token(self) -> str:
        """All of it in one word."""
        said = json.dumps([dump_said(self.scenario), self.layer, self.seed], separators=(",", ":"))
        return TOKEN + urlsafe_b64encode(zlib.compress(said.encode(), 9)).decode().rstrip("=")


def trophy(trial: Trial, finding: Finding, thresholds: Thresholds) -> Trophy:
    """The trophy of a trial that breaks something. Raises ScenarioError."""
    scenario = trial.loaded()
    expect: dict[str, tuple[str, ...]] = {f"breaks.{kind}": ("== 0",) for kind in finding.kinds}
    for metric, text in thresholds:
        expect[metric] = (*expect.get(metric, ()), text)
    layer = re.sub(r"[\W_]+", "-", trial.layer.rpartition(".")[2]).strip("-").lower()
    way = re.sub(r"[\W_]+", "-", finding.way or finding.expectation).strip("-").lower()
    return Trophy(
        scenario.model_copy(
            update={
                "name": f"{layer}-{way}"[:NAME_MAX].rstrip("-"),
                "title": "The smallest scenario found that breaks it",
                "expect": expect,
                "seed": scenario.seed if trial.seed is None else trial.seed,
            }
        ),
        trial.layer,
        scenario.seed if trial.seed is None else trial.seed,
        finding,
    )


def read_token(token: str) -> Replayed:
    """What a token says. Raises Invalid for one that was cut or changed."""
    try:
        packed = token.removeprefix(TOKEN)
        said = json.loads(zlib.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
        scenario, layer, seed = said
        return Replayed(str(scenario), str(layer), int(seed))
    except (ValueError, zlib.error) as error:
        raise Invalid(
            f"the token {token[:24]!r}… cannot be read ({error}): copy the whole of it, from {TOKEN!r} to its end"
        ) from None
