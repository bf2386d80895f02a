"""The generic API: a document is posted to the ERP."""

import json
from typing import Any

from fastapi import FastAPI

from benchmarks.faces.books import DAY, books
from benchmarks.faces.measuring import CALENDAR, LIVE_DOCUMENTS, Bench, post
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.faces.generic.erp import Document

_ABOUT = {"account": "A-1", "contract": "C-1", "currency": "USD", "day": DAY, "posting_day": DAY}


def bare() -> Any:
    """The app that does nothing but validate."""
    app = FastAPI()

    @app.post("/documents")
    async def post_document(body: Document) -> dict[str, bool]:
        return {"ok": True}

    return app


def face(documents: int = 0) -> Any:
    """The generic API on an ERP that has posted so many documents."""
    return make_generic("erp")(Door(books(documents).serve, lambda: 0, CALENDAR), Credentials()).app


def laden() -> Any:
    """The face that begins with documents."""
    return face(LIVE_DOCUMENTS)


def post_document(number: int) -> bytes:
    """Another document for the ERP."""
    document = f"INV-{number:07}"
    body = json.dumps({**_ABOUT, "document": document, "total_minor": 1_000, "external_id": document}).encode()
    return post("/documents", "application/json", body)


BENCHES = (Bench("the generic face, posting a document", bare, face, laden, post_document),)
