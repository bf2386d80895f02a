"""A project of a user's, with the plugin as it is installed: by its entry point."""

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "ci_project"
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]
OURS = (
    "TIEOUT_SEED",
    "PYTEST_ADDOPTS",
    "PYTEST_XDIST_WORKER",
    "PYTEST_CURRENT_TEST",
    "CI",
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
)

HEAD = """\
import pytest
from order_sync import OrderSync

SMALL = {"business.contracts": 20, "calendar.lead_in": "0 d"}
"""


@dataclass(frozen=True)
class Ended:
    """How pytest ended, and what it said."""

    status: int
    out: str


class Project:
    """A folder with a layer and tests."""

    def __init__(self, folder, installed):
        self.folder = folder
        self.failures = folder / ".tieout" / "failures"
        self._installed = installed

    def test(self, text, name="test_it.py"):
        (self.folder / name).write_text(HEAD + text, encoding="utf-8")

    def pytest(self, *arguments, status=0, **environment):
        """Run pytest here, warnings being errors; it ends with this status."""
        xdist = ["-p", "xdist"] if "-n" in arguments else []
        words = ["-m", "pytest", "-p", "tieout", *xdist, "-W", "error", "-p", "no:cacheprovider", *arguments]
        done = self.python(*words, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **environment)
        assert done.returncode == status, done.stdout + done.stderr
        assert "INTERNALERROR" not in done.stdout, done.stdout
        return Ended(done.returncode, done.stdout + done.stderr)

    def python(self, *words, **environment):
        """Run Python here, with the house and its entry points on the path."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        path = os.pathsep.join([str(self._installed), str(ROOT)])
        return subprocess.run(
            [sys.executable, *words], cwd=self.folder,
            env={**kept, "PYTHONPATH": path, "COLUMNS": "200", **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip

    def tieout(self, command):
        """Run a `tieout` command line here."""
        return self.python("-m", "harness", *shlex.split(command)[1:])

    def cases(self, *arguments, status=0):
        """The cases of pytest's JUnit file: each name, and whether it failed."""
        self.pytest("--junit-xml=report.xml", *arguments, status=status)
        found = xml.parse(self.folder / "report.xml").iter("testcase")
        return {case.get("name"): "failed" if case.find("failure") is not None else "passed" for case in found}


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A folder with the metadata that installing leaves: the entry points of pyproject.toml."""
    info = tmp_path_factory.mktemp("installed") / "tieout-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tieout\nVersion: 0\n")
    lines = [f"{name} = {value}" for name, value in ENTRY_POINTS.items()]
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines, ""]))
    return info.parent


@pytest.fixture
def project(tmp_path, installed):
    """An empty project with the example's layer."""
    shutil.copy(EXAMPLE / "order_sync.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return Project(tmp_path, installed)


@pytest.fixture
def example(tmp_path, installed):
    """A copy of the example project."""
    shutil.copytree(EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".tieout"))
    return Project(tmp_path / "project", installed)
