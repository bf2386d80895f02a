"""What CI reads beside the results: a JUnit file, a page in a GitHub job's summary, annotations.

Tests have no JUnit file of ours: pytest writes its own.

On GitHub (GITHUB_ACTIONS=true) the page goes to GITHUB_STEP_SUMMARY unless --github-summary names another file, and
annotations go to standard error, where GitHub looks for them as well and no document is spoiled.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from harness import console
from harness.endings import NotWritable
from harness.run_dir import append_to_file, ensure_file_appendable, ensure_file_writable, write_file
from reports.annotations import Annotation, annotations, promises_annotations, tests_annotations
from reports.junit import junit_xml, promises_xml
from reports.summary import SIZE_MAX, promises_summary, summary, tests_summary

JUNIT_OPTION = "--junit-xml"
SUMMARY_OPTION = "--github-summary"
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"

Document = Mapping[str, Any]


class Asked(Protocol):
    """The options that name what is to be written."""

    @property
    def junit_xml(self) -> Path | None: ...
    @property
    def github_summary(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Files:
    """The options of a command that has no others of run and compare."""

    junit_xml: Path | None
    github_summary: Path | None


@dataclass(frozen=True, slots=True)
class Pages:
    """How a kind of document is put for GitHub."""

    summary: Callable[[Any, int], str]
    annotations: Callable[[Any], Sequence[Annotation]]


@dataclass(frozen=True, slots=True)
class Outputs:
    """How a kind of document is put for CI."""

    junit: Callable[[Any], str]
    pages: Pages


RESULTS = Outputs(junit_xml, Pages(summary, annotations))
PROMISES = Outputs(promises_xml, Pages(promises_summary, promises_annotations))
TESTS = Pages(tests_summary, tests_annotations)


def output_options(path: click.Path) -> tuple[Callable[..., Any], ...]:
    """The options that name what CI reads."""
    return (
        click.option(JUNIT_OPTION, type=path, metavar="FILE", help="Also write the verdicts as JUnit XML."),
        click.option(
            SUMMARY_OPTION,
            type=path,
            metavar="FILE",
            help="Also append a summary in Markdown. On GitHub, by default to the job's summary.",
        ),
    )


def ensure_outputs_writable(asked: Asked) -> None:
    """Raise NotWritable, before any work is done, if a file that was asked for cannot be written."""
    if asked.junit_xml:
        ensure_file_writable(asked.junit_xml, JUNIT_OPTION)
    if asked.github_summary:
        ensure_file_appendable(asked.github_summary, SUMMARY_OPTION)


def write_outputs(asked: Asked, document: Document, kind: Outputs = RESULTS) -> None:
    """Write what was asked for, and on GitHub what it reads. Raises NotWritable for what was asked for."""
    if asked.junit_xml:
        write_file(asked.junit_xml, kind.junit(document), f"name another file with {JUNIT_OPTION}")
    if asked.github_summary:
        _append(asked.github_summary, document, kind.pages)
    tell_github(document, kind.pages, summed_up=asked.github_summary is not None)


def tell_github(document: Document, pages: Pages, *, summed_up: bool = False) -> None:
    """Where GitHub runs us: append to the job's summary, unless it is `summed_up` elsewhere, and print annotations."""
    if not on_github():
        return
    if os.environ.get(STEP_SUMMARY) and not summed_up:
        try:
            _append(Path(os.environ[STEP_SUMMARY]), document, pages)
        except NotWritable as error:
            console.remark(f"tieout: warning: {error}")
    for annotation in pages.annotations(document):
        console.remark(annotation.command())


def _append(target: Path, document: Document, pages: Pages) -> None:
    """Append the page, which together with what is there already stays below what GitHub takes."""
    there = target.stat().st_size if target.exists() else 0
    page = pages.summary(document, SIZE_MAX - there - len("\n"))
    append_to_file(target, f"{page}\n" if page else "", f"name another file with {SUMMARY_OPTION}")


def on_github() -> bool:
    """Whether this is a job on GitHub."""
    return os.environ.get("GITHUB_ACTIONS") == "true"
