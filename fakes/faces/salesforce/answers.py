"""Answers: in JSON, as text of another kind, or that it was done."""

import json
from typing import Any

from sim.http import Headers, HttpResponse

_WRITTEN = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode  # made once


def answer(body: Any, status: int = 200, headers: Headers = (), kind: str = "application/json") -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(status, (*headers, ("content-type", kind)), _WRITTEN(body).encode())


def text_answer(text: str, kind: str, status: int = 200, headers: Headers = ()) -> HttpResponse:
    """An answer of this kind of text."""
    return HttpResponse(status, (*headers, ("content-type", f"text/{kind}; charset=utf-8")), text.encode())


def empty(status: int = 204) -> HttpResponse:
    """That it was done."""
    return HttpResponse(status)
