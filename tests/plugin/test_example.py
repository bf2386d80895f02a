"""The example project, and the page that tells of it."""

import re
from pathlib import Path

from tests.plugin.conftest import EXAMPLE, ROOT

PAGE = (ROOT / "docs" / "pytest.md").read_text("utf-8")


def shown(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_project_passes_without_a_warning(example):
    cases = example.cases()

    assert set(cases.values()) == {"passed"}
    assert len(cases) == 16


def test_it_passes_on_several_workers(example):
    assert set(example.cases("-n", "2").values()) == {"passed"}


def test_the_broken_one_fails_as_the_page_shows(example):
    command, report = [block.split() for block in shown("sh")]
    (output,) = shown("text")
    out = example.pytest(*command[1:], status=1).out

    assert output in out
    (file,) = example.failures.iterdir()
    assert "test_a_lost_answer_doubles_nothing[seed-0]" in example.pytest(*report[1:], "broken", "-v", status=1).out
    failures = (example.folder / "report.xml").read_text("utf-8")
    assert output.splitlines()[-1].replace("'", "&#x27;") in failures or output.splitlines()[-1] in failures
    assert file.exists()


def test_the_code_shown_is_that_of_the_example():
    written = (EXAMPLE / "tests" / "test_order_sync.py").read_text("utf-8")
    first, sometimes, single = shown("python")

    assert all(line in written for line in (*first.splitlines(), *single.splitlines()))
    assert all(word in written for word in re.findall(r'\w+="[\w-]+"|sometimes [\w.]+ > 0', sometimes))


def test_every_word_of_a_mark_and_every_option_is_told():
    from harness.pytest_plugin import WORDS

    told = PAGE.partition("| a mark takes |")[2].partition("\n\n")[0]
    plugin = Path(ROOT / "harness" / "pytest_plugin.py").read_text("utf-8")

    assert set(re.findall(r"^\| `(\w+)`", told, re.MULTILINE)) == WORDS
    assert set(re.findall(r"--tieout-\w+", plugin)) == set(re.findall(r"--tieout-\w+", PAGE))


def test_every_value_of_a_result_that_is_told_is_there():
    from harness.testing import outcome

    table = PAGE.partition("What comes back has plain\nvalues:")[2].partition("\n\nAn error")[0]
    cells = re.findall(r"^\|(.*?)\|", table, re.MULTILINE)
    names = {name for cell in cells for name in re.findall(r"`(\w+)[`(]", cell)}
    source = Path(outcome.__file__).read_text("utf-8")

    assert len(names) > 12
    assert all(f"self.{name}" in source or f"def {name}(" in source for name in names)
