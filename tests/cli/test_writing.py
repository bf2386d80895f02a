"""Where results cannot be written: exit 4, a clear error, and no half-written run."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness import run_dir
from tests.cli.command_line import ROOT, SMALL, Ended, surroundings, tree

RUN = ("run", "calm-month", *SMALL)


def refused(done, *said):
    assert (done.status, done.out) == (4, "")
    last = done.err.splitlines()[-1]
    assert last.startswith("tieout: ")
    for part in said:
        assert part in last
    assert "Traceback" not in done.err


@pytest.fixture
def nothing_runs(monkeypatch):
    """Fails the test if a run begins: what cannot be written is to be found out before."""

    def begun(*_):
        raise AssertionError("a run began")

    monkeypatch.setattr("harness.commands.run.replicate", begun)
    monkeypatch.setattr("harness.commands.several.run_all", begun)


@pytest.mark.usefixtures("nothing_runs")
class TestBeforeAnyWorkIsDone:
    def test_a_file_in_the_place_is_left_alone(self, tieout, here):
        (here / "mine").write_text("my notes")

        refused(tieout(*RUN, "--out", "mine"), "mine is a file", "name a folder with --out")
        assert tree(here) == {"mine": b"my notes"}

    def test_a_folder_with_other_files_is_left_alone(self, tieout, here):
        (here / "mine").mkdir()
        (here / "mine" / "notes.txt").write_text("my notes")

        refused(tieout(*RUN, "--out", "mine"), "mine is a folder with files that are no run's")
        assert tree(here) == {"mine": None, "mine/notes.txt": b"my notes"}

    @pytest.mark.parametrize("manifest", ['{"manifest_version": 3}', "[]", "not JSON", '{"schema": "tieout.run/1"}'])
    def test_a_folder_with_a_manifest_of_something_else_is_left_alone(self, tieout, here, manifest):
        (here / "mine").mkdir()
        (here / "mine" / "manifest.json").write_text(manifest)

        refused(tieout(*RUN, "--out", "mine"), "no run's")
        assert tree(here) == {"mine": None, "mine/manifest.json": manifest.encode()}

    def test_a_path_through_a_file_is_refused(self, tieout, here):
        (here / "mine").write_text("my notes")

        refused(tieout(*RUN, "--out", "mine/sub/run"), "cannot write mine/sub/run", "is a file, not a folder", "--out")
        assert tree(here) == {"mine": b"my notes"}

    def test_the_current_folder_with_files_is_refused(self, tieout, here):
        (here / "notes.txt").write_text("my notes")

        refused(tieout(*RUN, "--out", "."), "no run's")

    def test_a_link_that_leads_to_itself_is_refused(self, tieout, here):
        (here / "loop").symlink_to("loop")

        refused(tieout(*RUN, "--out", "loop/run"), "cannot write loop/run")

    def test_a_folder_one_may_not_write_to_is_refused(self, tieout, here, monkeypatch):
        # Not by its permissions: whoever is root may write there all the same.
        made = Path.mkdir

        def forbidden(path, *args, **kwargs):
            if here / "locked" in path.parents:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            made(path, *args, **kwargs)

        (here / "locked").mkdir()
        monkeypatch.setattr(Path, "mkdir", forbidden)

        refused(tieout(*RUN, "--out", "locked/run"), "cannot write locked/run (Permission denied)", "--out")

    def test_so_it_is_for_comparisons(self, tieout, here):
        (here / "mine").write_text("my notes")

        refused(tieout("compare", "calm-month", "--out", "mine"), "mine is a file")

    def test_a_junit_file_that_is_a_folder_is_refused(self, tieout, here):
        (here / "junit.xml").mkdir()

        refused(tieout(*RUN, "--junit-xml", "junit.xml"), "junit.xml is a folder", "--junit-xml")
        assert tree(here) == {"junit.xml": None}

    def test_a_file_that_is_no_junit_file_is_left_alone(self, tieout, here):
        (here / "keep.yaml").write_text("name: keep")

        refused(
            tieout("run", "keep.yaml", "--junit-xml", "keep.yaml"), "keep.yaml is a file that is no XML", "--junit-xml"
        )
        assert tree(here) == {"keep.yaml": b"name: keep"}

    def test_a_junit_file_below_a_file_is_refused(self, tieout, here):
        (here / "notes").write_text("my notes")

        refused(tieout(*RUN, "--junit-xml", "notes/junit.xml"), "cannot write notes/junit.xml", "--junit-xml")


def test_an_empty_folder_and_one_reached_by_a_link_are_written_to(tieout, here):
    (here / "disk").mkdir()
    (here / "results").symlink_to("disk")

    assert tieout(*RUN, "--out", "results").status == 0
    assert tieout(*RUN, "--out", "results").status == 0
    assert (here / "results").is_symlink()
    assert json.loads((here / "disk" / "run.json").read_text())["scenario"] == "calm-month"


def full_disk(after, monkeypatch):
    """Let `after` files be written, then have the disk full."""
    written = Path.write_bytes, Path.write_text
    count = 0

    def limited(write):
        def write_if_there_is_space(path, *args, **kwargs):
            nonlocal count
            count += 1
            if count > after:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return write(path, *args, **kwargs)

        return write_if_there_is_space

    monkeypatch.setattr(Path, "write_bytes", limited(written[0]))
    monkeypatch.setattr(Path, "write_text", limited(written[1]))


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_full_disk_leaves_no_half_written_run(tieout, here, monkeypatch, after):
    full_disk(after, monkeypatch)

    refused(tieout(*RUN, "--quiet"), "No space left on device", "nothing of it was kept", "--out")
    assert tree(here) == {}


def test_a_full_disk_leaves_the_earlier_run_as_it_was(tieout, here, monkeypatch):
    assert tieout(*RUN, "--out", "mine").status == 0
    before = tree(here)
    full_disk(2, monkeypatch)

    refused(tieout(*RUN, "--out", "mine"), "cannot write mine (No space left on device)")
    assert tree(here) == before


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_run_as_it_was(tieout, here, monkeypatch):
    assert tieout(*RUN, "--out", "mine").status == 0
    before = tree(here)
    renamed = Path.rename

    def busy(path, target):
        if ".partial-" in path.name:
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", busy)

    refused(tieout(*RUN, "--out", "mine"), "cannot write mine (Device or resource busy)")
    assert tree(here) == before


def test_a_full_disk_leaves_no_half_written_report(tieout, here, monkeypatch):
    assert tieout(*RUN, "--out", "mine").status == 0
    before = tree(here)
    full_disk(0, monkeypatch)

    refused(tieout("report", "mine"), "cannot write mine/report.html (No space left on device)")
    assert tree(here) == before


LIMITED = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
"""Begins a program whose files the kernel stops growing at a size."""


@pytest.mark.parametrize("size", [100, 20_000, 100_000])
def test_files_that_may_not_grow_leave_no_half_written_run(here, size):
    # A real process that the kernel stops writing: the document, a table or the report, depending on the size.
    program = LIMITED.format(size=size) + "runpy.run_module('harness', run_name='__main__', alter_sys=True)"
    done = subprocess.run(
        [sys.executable, "-c", program, *RUN, "--quiet"],
        cwd=here, env=surroundings(), text=True, capture_output=True, check=False,
    )  # fmt: skip

    refused(Ended(done.returncode, done.stdout, done.stderr), "File too large")
    assert tree(here) == {}


def test_a_table_that_may_not_grow_is_an_error_of_the_system(here):
    program = (
        f"{LIMITED.format(size=1000)}from pathlib import Path; from harness.tables import ParquetWriter\n"
        "try:\n    ParquetWriter(Path('.')).rows('table', ('number:int',), [(n * n,) for n in range(50000)])\n"
        "except OSError as error:\n    print('a table was not written' in str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=here, env=surroundings(), text=True, capture_output=True, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_folder_that_was_made_for_a_run_goes_with_it(here):
    with pytest.raises(KeyboardInterrupt), run_dir.whole_directory(here / "a" / "b" / "run") as folder:
        (folder / "run.json").write_text("{}")
        raise KeyboardInterrupt

    assert tree(here) == {}


def test_the_root_of_the_project_is_found():
    assert (ROOT / "pyproject.toml").is_file()
