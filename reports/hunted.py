"""What a hunt came to, as text: what it has found, small, and how to see it again; or that it has found nothing."""

from collections.abc import Mapping
from typing import Any

from reports.wording import several


def hunt_page(document: Mapping[str, Any]) -> str:
    """The page of a hunt's document. Commands are never broken into lines: they are there to be copied."""
    return _found(document, document["found"]) if document["found"] else _nothing(document)


def _found(document: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    faults = "".join(f"\n  {fault}" for fault in found["faults"]) or " none"
    return (
        f"FOUND after {several(document['runs'], 'run')}, made small in {found['shrinking_runs']} more\n"
        f"broken: {found['expectation']}\n"
        f"        {found['told']}\n"
        f"contracts: {found['contracts']} ({', '.join(found['keys'])})\n"
        f"faults:{faults}\n\n"
        f"scenario: {found['scenario_file']}\n"
        f"replay: {found['replay']}\n"
        f"token: {found['token']}\n\n"
        f"{found['test']}"
    )


def _nothing(document: Mapping[str, Any]) -> str:
    how = "" if document["complete"] else "interrupted: "
    kept = f"The search is kept in {document['corpus']}, and goes on from there."
    if not document["promises"]:
        return f"{how}nothing was tried: no candidate has come to its end.\n{kept}"
    return (
        f"{how}nothing found in {several(document['runs'], 'run')}, which came to {document['places']} places. "
        f"Held throughout: {'; '.join(each['says'] for each in document['promises'])}.\n{kept}"
    )
