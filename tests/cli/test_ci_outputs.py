"""What CI reads: on GitHub by itself, elsewhere where it is asked for, and never in the way of a document."""

import json

import pytest

from tests.cli.command_line import SMALL

HELD = ("run", "calm-month", *SMALL, "--quiet")
BROKEN = ("run", "lost-responses", "--layer", "point-to-point", *SMALL, "--set", "business.contracts=40", "--quiet")


@pytest.fixture
def on_github(here, monkeypatch):
    """A job on GitHub, and the file of its step's summary."""
    page = here / "step-summary.md"
    page.touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    return page


class TestOnGitHub:
    def test_the_summary_is_appended_to(self, tieout, on_github):
        on_github.write_text("of another command\n")

        tieout(*HELD)
        tieout(*BROKEN)

        page = on_github.read_text()
        assert page.startswith("of another command\n## ✅ PASS: calm-month")
        assert "## ❌ FAIL: lost-responses" in page

    def test_all_that_is_appended_stays_below_the_limit(self, tieout, on_github):
        on_github.write_text("x" * ((1 << 20) - 700))

        tieout(*BROKEN)

        assert (1 << 20) - 700 < on_github.stat().st_size < 1 << 20
        assert on_github.read_text().rstrip().splitlines()[-1].startswith("_Left out")

    def test_nothing_is_appended_to_what_is_full(self, tieout, on_github):
        on_github.write_text("x" * ((1 << 20) - 5))

        assert tieout(*BROKEN).status == 1
        assert on_github.stat().st_size == (1 << 20) - 5

    def test_annotations_go_to_standard_error_and_leave_the_document_alone(self, tieout, on_github):
        done = tieout(*BROKEN, "--json")

        assert json.loads(done.out)["schema"] == "tieout.run/1"
        lines = done.err.splitlines()
        assert lines[0].startswith("::error title=lost-responses%2C point-to-point%3A duplicates == 0::seen ")
        assert all(line.startswith("::") for line in lines)
        assert 1 <= len(lines) <= 10

    def test_what_held_points_nothing_out(self, tieout, on_github):
        assert tieout(*HELD).err == ""

    def test_a_summary_that_cannot_be_written_is_a_warning(self, tieout, on_github, here, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here))

        done = tieout(*HELD)

        assert done.status == 0
        assert "tieout: warning: cannot write" in done.err

    @pytest.mark.parametrize("command", ["compare", "ablate", "conformance", "hunt"])
    def test_other_commands_do_so_too(self, tieout, on_github, command):
        asked = {
            "compare": ("compare", "lost-responses", "--layers", "point-to-point", "--seeds", "2", *BROKEN[4:]),
            "ablate": ("ablate", "lost-responses", "--layer", "point-to-point", "--seeds", "1", *BROKEN[4:]),
            "conformance": ("conformance", "point-to-point", "--only", "redelivery", "--seeds", "1", "--quiet"),
            "hunt": ("hunt", "two-contracts", "--layer", "event-driven:idempotency=none", "--jobs", "1", "--quiet"),
        }[command]

        done = tieout(*asked)

        assert done.status == 1
        assert done.err.startswith("::error title=")
        assert on_github.read_text().startswith("## ❌ FAIL: ")


class TestElsewhere:
    def test_nothing_is_said_or_written(self, tieout, here, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "page.md"))

        assert tieout(*BROKEN).err == ""
        assert not (here / "page.md").exists()

    def test_a_summary_that_is_asked_for_is_written(self, tieout, here):
        tieout(*HELD, "--github-summary", "new/page.md")

        assert (here / "new" / "page.md").read_text().startswith("## ✅ PASS: calm-month")

    def test_what_is_asked_for_goes_there_alone(self, tieout, on_github, here):
        tieout(*HELD, "--github-summary", "page.md")

        assert (here / "page.md").stat().st_size
        assert not on_github.stat().st_size

    def test_one_that_cannot_be_written_is_found_out_before_any_run(self, tieout, here, monkeypatch):
        monkeypatch.setattr("harness.commands.run.replicate", lambda *_: pytest.fail("a run began"))

        done = tieout(*HELD, "--github-summary", ".")

        assert (done.status, done.err) == (4, "tieout: . is a folder: name a file with --github-summary\n")

    def test_promises_have_a_junit_file(self, tieout, here):
        done = tieout("conformance", "event-driven", "--only", "determinism", "--quiet", "--junit-xml", "promises.xml")

        assert done.status == 0
        assert (
            '<testsuite name="conformance.event-driven" tests="1" failures="0"' in (here / "promises.xml").read_text()
        )
