"""The pages below docs/ say what the code says, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from harness.expectations.page import metrics_page
from harness.layers import BUILT_IN
from harness.layers_page import layers_page
from harness.switches import SWITCHES

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("**/*.md"))


def test_the_page_of_the_layers_is_the_one_that_the_code_prints():
    written = (DOCS / "layers.md").read_text(encoding="utf-8")

    assert written == layers_page(), "print it anew: tieout layers --markdown > docs/layers.md"


def test_the_page_of_the_metrics_is_the_one_that_the_code_prints():
    written = (DOCS / "metrics.md").read_text(encoding="utf-8")

    assert written == metrics_page(), "print it anew: python -m harness.expectations.page > docs/metrics.md"


def test_every_layer_states_the_setting_of_every_switch():
    rows = [line.strip("| ").split(" | ") for line in layers_page().splitlines() if line.startswith("| `")]
    table = {row[0].strip("`"): row[2:] for row in rows if len(row) == 2 + len(BUILT_IN)}

    assert table.keys() == SWITCHES.keys()
    for name, cells in table.items():
        for layer, cell in zip(BUILT_IN.values(), cells, strict=True):
            told = cell.strip("*`–")
            assert told == (layer.OPTIONS[name].default if name in layer.OPTIONS else ""), (layer.NAME, name)


def test_every_safeguard_is_told_once_and_nothing_that_is_none():
    section = layers_page().partition("## What safeguards protect from")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]

    assert len({row[0] for row in rows}) == len(rows)
    assert all(cell.strip("` ") for row in rows for cell in row)


def test_every_setting_that_is_not_common_has_its_reason_on_the_page():
    reasons = layers_page().partition("## Why they differ")[2].partition("\n## ")[0]

    for layer in BUILT_IN.values():
        said = reasons.partition(f"**{layer.NAME}**")[2].partition("**")[0]
        for name, option in layer.OPTIONS.items():
            if name in SWITCHES and option.default != SWITCHES[name].default:
                assert f"`{name}={option.default}`: " in said, f"{layer.NAME}: say WHY of {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
