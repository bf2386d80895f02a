"""What is kept of a find: a scenario file to commit, a test to paste, and a token that runs it again anywhere."""

import json
import re
import shlex
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

from harness.endings import Invalid
from harness.hunting.findings import Finding
from harness.hunting.trying import Thresholds
from harness.sweeps.trial import Trial
from scenarios.resolved import dump_said
from scenarios.schema import CompareSpec, Scenario

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

    @property
    def test_name(self) -> str:
        """The name of its test, and of that one's file."""
        return f"test_{self.name.replace('-', '_')}"

    def named(self, name: str) -> "Trophy":
        """The same under another name."""
        return replace(self, scenario=self.scenario.model_copy(update={"name": name}))

    def command(self, file: str | Path) -> str:
        """The command line by which the layer is seen to break the expectation of the scenario in that file."""
        return shlex.join(["tieout", "run", str(file), "--layer", self.layer, "--seed", str(self.seed)])

    def file(self) -> str:
        """The scenario's file."""
        told = wrap(f"Found by tieout hunt: {self.finding.told}", 116)
        lines = [*told, f"It fails: {self.command(f'{self.name}.yaml')}"]
        return "\n".join([*(f"# {line}" for line in lines), dump_said(self.scenario)])

    def test(self) -> str:
        """A test to paste into a project that has the pytest plugin."""
        told = self.finding.expectation + (f": {self.finding.way}" if self.finding.way else "")
        file, layer = _quoted(f"{self.name}.yaml"), _quoted(self.layer)
        return (
            f"def {self.test_name}(tieout):\n"
            f'    """{told}."""\n'
            f"    tieout.run({file}, layer={layer}, seed={self.seed}).assert_held()\n"
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
    seed = scenario.seed if trial.seed is None else trial.seed
    return Trophy(
        scenario.model_copy(
            update={
                "name": _name(trial.layer.rpartition(".")[2], finding.way or finding.expectation),
                "title": "The smallest scenario found that breaks it",
                "expect": expect,
                "compare": CompareSpec(),  # of no run's concern
                "seed": seed,
            }
        ),
        trial.layer,
        seed,
        finding,
    )


def _name(*parts: str) -> str:
    """The parts as the name of a scenario: small letters and digits of ASCII, what is between them a hyphen."""
    words = re.findall(r"[a-z0-9]+", " ".join(parts).lower())
    return "-".join(words)[:NAME_MAX].rstrip("-") or "found"


def _quoted(text: str) -> str:
    """The text as Python says it, in the quotes of our tests."""
    return json.dumps(text, ensure_ascii=False)


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
