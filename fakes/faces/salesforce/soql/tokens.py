"""The words of a query."""

import re
from dataclasses import dataclass

from fakes.faces.salesforce.errors import Fault

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?![A-Za-z_]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),:])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a query: its kind, how it is written, and where. What may be a keyword is a `word`, in capitals."""

    kind: str
    text: str
    at: int
    word: str = ""


def malformed(query: str, at: int, message: str) -> Fault:
    """The error for a query that makes no sense there."""
    where = max(at - 20, 0)
    extract = query[where : at + 20].replace("\n", " ")
    caret = " " * (at - where)
    return Fault("MALFORMED_QUERY", f"\n{extract}\n{caret}^\nERROR at Row:1:Column:{at + 1}\n{message}")


def tokens_of(query: str) -> list[Token]:
    """A query's words, and its end. Raises Fault at what cannot be a word."""
    tokens, at, end = [], 0, len(query.rstrip())
    while at < end:
        found = _TOKEN.match(query, at)
        if found is None:
            at += len(query[at:]) - len(query[at:].lstrip())
            raise malformed(query, at, f"unexpected token: '{query[at]}'")
        kind = str(found.lastgroup)
        text = found[kind]
        if kind == "word":
            text = "".join(text.split())
        tokens.append(Token(kind, text, found.start(kind), text.upper() if kind in {"word", "sign"} else ""))
        at = found.end()
    return [*tokens, Token("end", "<EOF>", end)]


def unquoted(text: str) -> str:
    """What a string literal says. `\\%` and `\\_` stay as they are: LIKE tells them from its wild cards."""
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[0]), text[1:-1], flags=re.DOTALL)
