"""A result is read whole and of a known schema, or refused with the place and the remedy."""

import json

import pytest

from reports.result import UnreadableResult, check, load
from tests.reports.samples import comparison, run


def test_a_run_directory_loads_its_document(tmp_path):
    document = run()
    (tmp_path / "run.json").write_text(json.dumps(document), encoding="utf-8")

    assert load(tmp_path) == document
    assert load(tmp_path / "run.json") == document


def test_a_comparison_comes_before_the_runs_in_its_directory(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(run()), encoding="utf-8")
    (tmp_path / "compare.json").write_text(json.dumps(comparison(seeds=2)), encoding="utf-8")

    assert load(tmp_path)["schema"] == "tieout.compare/1"


def test_an_empty_directory_is_refused_with_what_it_should_hold(tmp_path):
    with pytest.raises(UnreadableResult, match=r"holds neither compare\.json nor run\.json"):
        load(tmp_path)


def test_a_missing_path_is_refused(tmp_path):
    with pytest.raises(UnreadableResult, match="cannot be read"):
        load(tmp_path / "nowhere")


def test_a_cut_file_is_refused_with_line_and_column(tmp_path):
    (tmp_path / "run.json").write_text('{"schema": "tieout.run/1",\n "seed": ', encoding="utf-8")

    with pytest.raises(UnreadableResult, match=r"run\.json:2:10: this is not JSON"):
        load(tmp_path)


@pytest.mark.parametrize("document", [{"schema": "tieout.run/2"}, {}, [], None, {"schema": ["tieout.run/1"]}])
def test_an_unknown_schema_is_refused_with_the_known_ones(document):
    with pytest.raises(UnreadableResult, match=r"this version reads tieout\.run/1, tieout\.compare/1"):
        check(document)


def test_a_field_of_the_wrong_type_is_named_with_its_place():
    document = comparison(seeds=1)
    document["runs"][2]["breaks"] = 7

    with pytest.raises(UnreadableResult, match=r"runs\[2\]: field 'breaks' should be of type dict, found 7"):
        check(document)
