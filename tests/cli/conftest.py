import sys

import pytest

from harness import cli
from tests.cli.command_line import OURS, Ended


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder that we are in, as after logging in to a machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def tieout(here, capsys, monkeypatch):
    """The command line, run in this process: `tieout("run", "calm-month")` says how it ended.

    No figures are drawn: that takes longer than all the rest. `tieout_drawn` draws them.
    """
    monkeypatch.setattr("reports.figures.files", lambda document: {})
    return _command_line(capsys)


@pytest.fixture
def tieout_drawn(here, capsys):
    """The command line, run in this process, with all that it does."""
    return _command_line(capsys)


def _command_line(capsys):
    def run(*arguments):
        capsys.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run
